"""The pages of workshops."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("existing_site", "0001_initial"),
        ("wagtail_payments", "0004_event_pages"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkshopPage",
            fields=[
                (
                    "eventpage_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtail_payments.eventpage",
                    ),
                ),
                ("speaker", models.CharField(max_length=100)),
            ],
            options={
                "abstract": False,
            },
            bases=("wagtail_payments.eventpage",),
        ),
    ]
