"""The pages of events, for hosts that build on Wagtail's own page; see 0002 for how it runs on both Wagtails.

Pictures are the host's own image model. Where that is not made by the first migration of its app, the migration
that makes it says ``run_before = [("wagtail_payments", "0004_event_pages")]``.
The blocks of the body are not part of the database, so none are named here.
"""

import django.db.models.deletion
import wagtail.contrib.routable_page.models
import wagtail.fields
from django.conf import settings
from django.db import migrations, models
from wagtail.images import get_image_model_string


def uses_wagtails_page() -> bool:
    return getattr(settings, "WAGTAIL_PAGE_MODEL", "wagtailcore.page").lower() == "wagtailcore.page"


def page_ptr() -> models.OneToOneField:
    return models.OneToOneField(
        auto_created=True,
        on_delete=django.db.models.deletion.CASCADE,
        parent_link=True,
        primary_key=True,
        serialize=False,
        to="wagtailcore.page",
    )


class Migration(migrations.Migration):

    dependencies = [
        ("wagtailcore", "0094_alter_page_locale"),
        migrations.swappable_dependency(get_image_model_string()),
        ("wagtail_payments", "0003_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="EventIndexPage",
            fields=[
                ("page_ptr", page_ptr()),
                ("introduction", wagtail.fields.RichTextField(blank=True, verbose_name="introduction")),
            ],
            options={"verbose_name": "page of all events", "verbose_name_plural": "pages of all events"},
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "wagtailcore.page", models.Model),
        ),
        migrations.CreateModel(
            name="EventPage",
            fields=[
                ("page_ptr", page_ptr()),
                ("introduction", wagtail.fields.RichTextField(blank=True, verbose_name="introduction")),
                (
                    "body",
                    wagtail.fields.StreamField([], blank=True, block_lookup={}, verbose_name="more about it"),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        help_text="Dates, prices and seats are kept there; nothing done to this page changes them.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(app_label)s_%(class)s_set",
                        to="wagtail_payments.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=get_image_model_string(),
                        verbose_name="picture",
                    ),
                ),
            ],
            options={"verbose_name": "event page", "verbose_name_plural": "event pages"},
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "wagtailcore.page", models.Model),
        ),
    ] if uses_wagtails_page() else []
