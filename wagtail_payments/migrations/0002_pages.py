"""The invoice page, for hosts that build on Wagtail's own page.

Written for both Wagtails that are supported: the base page is named outright and not by the setting that only
Wagtail 8 has, and a host with a base page of its own gets no table here, because its own page type makes one.
"""

import django.db.models.deletion
import wagtail.contrib.routable_page.models
import wagtail.fields
from django.conf import settings
from django.db import migrations, models


def uses_wagtails_page() -> bool:
    return getattr(settings, "WAGTAIL_PAGE_MODEL", "wagtailcore.page").lower() == "wagtailcore.page"


class Migration(migrations.Migration):

    dependencies = [
        ("wagtailcore", "0094_alter_page_locale"),
        ("wagtail_payments", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoicePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.page",
                    ),
                ),
                ("introduction", wagtail.fields.RichTextField(blank=True, verbose_name="introduction")),
                ("note", wagtail.fields.RichTextField(blank=True, verbose_name="note below the document")),
                (
                    "invoice",
                    models.OneToOneField(
                        blank=True,
                        help_text="Leave empty for the page on which every invoice of this site is shown.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(app_label)s_%(class)s",
                        to="wagtail_payments.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={"verbose_name": "invoice page", "verbose_name_plural": "invoice pages"},
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "wagtailcore.page"),
        ),
    ] if uses_wagtails_page() else []
