"""The page types of events, made of the package's mixins."""

import django.db.models.deletion
import wagtail.contrib.routable_page.models
import wagtail.fields
from django.conf import settings
from django.db import migrations, models


def basepage_ptr() -> models.OneToOneField:
    return models.OneToOneField(
        auto_created=True,
        on_delete=django.db.models.deletion.CASCADE,
        parent_link=True,
        primary_key=True,
        serialize=False,
        to=settings.WAGTAIL_PAGE_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("own_base_page", "0003_invoice_page"),
        ("wagtail_payments", "0003_events"),
        ("wagtailimages", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OurEventIndexPage",
            fields=[
                ("basepage_ptr", basepage_ptr()),
                ("introduction", wagtail.fields.RichTextField(blank=True, verbose_name="introduction")),
            ],
            options={"abstract": False},
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "own_base_page.basepage", models.Model),
        ),
        migrations.CreateModel(
            name="OurEventPage",
            fields=[
                ("basepage_ptr", basepage_ptr()),
                ("introduction", wagtail.fields.RichTextField(blank=True, verbose_name="introduction")),
                ("body", wagtail.fields.StreamField([], blank=True, block_lookup={}, verbose_name="more about it")),
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
                        to="wagtailimages.image",
                        verbose_name="picture",
                    ),
                ),
            ],
            options={"abstract": False},
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "own_base_page.basepage", models.Model),
        ),
    ]
