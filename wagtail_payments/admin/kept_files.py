"""A file chosen on a form that had a mistake elsewhere: kept, so that nobody has to choose it again.

A browser never fills in a file by itself. What was sound is laid into the private storage and offered with a tick box
that carries a signed name; it is gone two days later.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from wagtail_payments import ports
from wagtail_payments.records.fields import private_storage

FOLDER = "chosen/"
SALT = "wagtail_payments.admin.kept_files"
DAYS = timedelta(days=2)


class KeptFile(UploadedFile):  # type: ignore[type-arg]
    """A file that was chosen before; ``token`` says where it lies."""

    is_sound = True
    token: str = ""


def allow(file: UploadedFile[Any]) -> None:
    """Say that a file is sound: only such a file is kept."""
    file.is_sound = True  # type: ignore[attr-defined]


class KeepsFile(forms.FileInput):
    """Part of a file input: finds a file kept before, and keeps what was chosen when the form is shown again."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the new file, else the one kept before."""
        value = super().value_from_datadict(data, files, name)
        return _taken(data.get(f"{name}-kept", "")) if value is None else value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the kept file, where there is one."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if getattr(value, "is_sound", False):
            context["widget"]["kept"] = {"token": _kept(value), "name": value.name}
        return context


class KeptFileInput(KeepsFile):
    """A plain file input that keeps what was chosen."""

    template_name = "wagtail_payments/admin/kept_file_input.html"


class KeptFileField(forms.FileField):
    """A file field whose bound form shows what was chosen, where it is sound; Django's shows what was there before."""

    widget: type[forms.FileInput] = KeptFileInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the file that was chosen, else the one that was there."""
        return data if getattr(data, "is_sound", False) else initial


def _kept(file: UploadedFile[Any]) -> str:
    if isinstance(file, KeptFile):
        return file.token
    _sweep()
    file.seek(0)
    stored = private_storage().save(f"{FOLDER}{ports.now():%Y%m%d}-{ports.new_id()}", file)
    return signing.dumps([stored, file.name], salt=SALT)


def _taken(token: str) -> KeptFile | None:
    """The kept file, or nothing where the token is not ours or the file is gone."""
    storage = private_storage()
    try:
        stored, shown = signing.loads(token, salt=SALT)
        file = storage.open(stored)
    except (signing.BadSignature, FileNotFoundError):
        return None
    kept = KeptFile(file, shown, size=file.size)
    kept.token = token
    return kept


def _sweep() -> None:
    """Take away what nobody came back for."""
    storage, oldest = private_storage(), f"{ports.now() - DAYS:%Y%m%d}"
    with suppress(FileNotFoundError):
        for name in storage.listdir(FOLDER)[1]:
            if name < oldest:
                storage.delete(FOLDER + name)
