"""What the base page points to in Wagtail's own tables."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from wagtail.models import BootstrapLocaleField, BootstrapTranslatableModel, BootstrapTranslationKeyField


class Migration(migrations.Migration):
    dependencies = [("own_base_page", "0001_initial"), ("wagtailcore", "0094_alter_page_locale")]

    operations = [
        BootstrapLocaleField("own_base_page.BasePage"),
        BootstrapTranslationKeyField("own_base_page.BasePage"),
        BootstrapTranslatableModel("own_base_page.BasePage"),
        migrations.AddField(
            "basepage",
            "latest_revision",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailcore.revision",
                verbose_name="latest revision",
            ),
        ),
        migrations.AddField(
            "basepage",
            "live_revision",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailcore.revision",
                verbose_name="live revision",
            ),
        ),
        migrations.AlterField(
            "basepage",
            "locale",
            models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.locale",
                verbose_name="locale",
            ),
        ),
        migrations.AlterField("basepage", "translation_key", models.UUIDField(default=uuid.uuid4, editable=False)),
        migrations.AlterUniqueTogether("basepage", {("translation_key", "locale")}),
    ]
