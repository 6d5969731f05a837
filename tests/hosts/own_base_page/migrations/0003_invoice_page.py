"""The page type made of the package's mixin."""

import django.db.models.deletion
import wagtail.contrib.routable_page.models
import wagtail.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("own_base_page", "0002_locales_and_revisions"), ("wagtail_payments", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="OurInvoicePage",
            fields=[
                (
                    "basepage_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
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
            options={
                "abstract": False,
            },
            bases=(wagtail.contrib.routable_page.models.RoutablePageMixin, "own_base_page.basepage", models.Model),
        ),
    ]
