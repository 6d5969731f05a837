"""The example site as a Django app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A training business in Bordeaux."""

    name = "demo"
    default_auto_field = "django.db.models.BigAutoField"
