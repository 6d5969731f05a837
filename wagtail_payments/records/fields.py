"""Columns that several records share, and the storage that no URL reaches."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.conf import settings

STORAGE_ALIAS = "wagtail_payments"


class PrivateFiles(FileSystemStorage):
    """A folder of files without addresses; Django would make one from ``MEDIA_URL``."""

    def url(self, name: str | None) -> str:
        """Refuse: whoever may read a file gets it from a view that asks who they are."""
        raise ValueError("This file is not accessible via a URL.")


def private_storage() -> Storage:
    """Return where documents lie: the host's ``STORAGES["wagtail_payments"]``, else ``DOCUMENT_ROOT``."""
    try:
        return storages[STORAGE_ALIAS]
    except InvalidStorageError:
        return PrivateFiles(location=settings.DOCUMENT_ROOT)


class Mode(models.TextChoices):
    """Real money or test money; frozen on everything that was made with it."""

    LIVE = "live", _("Live")
    TEST = "test", _("Test")


class MinorUnits(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount in whole minor units (cents) of the currency that stands beside it."""


class CurrencyCode(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code in upper case."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 3)
        options.setdefault("default", "EUR")
        super().__init__(*args, **options)


class ProviderId(models.CharField):  # type: ignore[type-arg]
    """An object id of a payment provider: case-sensitive on every database, NULL until known."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 255)
        options.setdefault("db_collation", None)
        super().__init__(*args, **options)

    def db_type(self, connection: Any) -> str | None:
        """MySQL and MariaDB compare text without case by default: two ids would become one."""
        kind = super().db_type(connection)
        if connection.vendor == "mysql" and kind:
            return f"{kind} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        return kind
