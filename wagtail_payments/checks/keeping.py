"""Is what we keep kept well: the database, the private files, the fonts?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from django.db import connections

from wagtail_payments import ports
from wagtail_payments.checks.installation import database_alias
from wagtail_payments.checks.messages import advice, error
from wagtail_payments.conf import settings
from wagtail_payments.printing import seal
from wagtail_payments.records.fields import STORAGE_ALIAS, PrivateFiles, private_storage


def sqlite_mode() -> Iterator[CheckMessage]:
    """E030: SQLite's default mode fails most requests that read, then write, at the same time."""
    connection = connections[database_alias()]
    if connection.vendor != "sqlite":
        return
    mode = str(connection.settings_dict.get("OPTIONS", {}).get("transaction_mode") or "DEFERRED")
    if mode.upper() != "IMMEDIATE":
        yield error(
            30,
            f"SQLite runs in {mode.upper()} mode: two people paying at once would get “database is locked”.",
            'Write "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, '
            '"init_command": "PRAGMA journal_mode=WAL;"} in DATABASES.',
        )


def atomic_requests() -> Iterator[CheckMessage]:
    """W031: our actions open and close their own transactions, since money must be kept before a page is drawn."""
    if connections[database_alias()].settings_dict.get("ATOMIC_REQUESTS"):
        yield advice(
            31,
            "ATOMIC_REQUESTS is on: nobody can register on an event page, which Wagtail serves inside a transaction.",
            "Switch ATOMIC_REQUESTS off for the database of the payments, and use transaction.atomic where needed.",
        )


def public_documents() -> Iterator[CheckMessage]:
    """E032: invoices lie where a URL reaches them."""
    storage = private_storage()
    place = _public_place(storage)
    if place:
        yield error(
            32,
            f"Invoices and attachments are kept {place}: whoever guesses an address reads them.",
            f'Give STORAGES an entry "{STORAGE_ALIAS}" or set DOCUMENT_ROOT, outside everything that is served.',
        )


def _public_place(storage: Any) -> str:
    """Say where a storage is reachable, or nothing where it is private."""
    if _written_storage(STORAGE_ALIAS) and _written_storage(STORAGE_ALIAS) == _written_storage("default"):
        return "in the same storage as your public files"
    if getattr(storage, "querystring_auth", True) is False:
        return "in a bucket whose addresses need no signature (querystring_auth is off)"
    if not isinstance(storage, FileSystemStorage):
        return ""
    address = getattr(storage, "_base_url", None)  # what was written; ``base_url`` falls back on MEDIA_URL
    if address is not None and not isinstance(storage, PrivateFiles):
        return f"under the address “{address}”"
    for name, served in _served_folders():
        if Path(storage.location).resolve().is_relative_to(Path(served).resolve()):
            return f"inside {name}"
    return ""


def _written_storage(alias: str) -> Any:
    return django_settings.STORAGES.get(alias)


def _served_folders() -> Iterator[tuple[str, str]]:
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        folder = getattr(django_settings, name, None)
        if folder:
            yield name, str(folder)
    for entry in getattr(django_settings, "STATICFILES_DIRS", ()):
        yield "STATICFILES_DIRS", str(entry[1] if isinstance(entry, tuple | list) else entry)


def fonts() -> Iterator[CheckMessage]:
    """E033: a font that is not there can't be printed with."""
    for path in settings.PDF_FONTS:
        if not Path(str(path)).is_file():
            yield error(33, f"There is no font “{path}”.", "Write full paths of .ttf files in PDF_FONTS.")


def sealing() -> Iterator[CheckMessage]:
    """E034: a seal that is wanted and can't be made."""
    if not seal.is_wanted():
        return
    if not seal.IS_INSTALLED:
        yield error(34, "SEAL is set, but pyHanko is not installed.", 'Run: pip install "wagtail-payments[seal]".')
        return
    try:
        expires = seal.certificate_expires()
    except seal.SealUnusable as problem:
        yield error(34, f"The certificate of SEAL can't be used: {problem}.", "Check CERTIFICATE and PASSWORD.")
        return
    if expires <= ports.now():
        yield error(34, f"The certificate of SEAL ended on {expires:%Y-%m-%d}.", "Put its successor there.")
