"""Files that go with an invoice: of a kind and size a customer can open, under a harmless name."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import get_valid_filename
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_payments.admin import kept_files
from wagtail_payments.conf import settings as payments_settings

# What a customer's device opens and no browser runs.
KINDS = frozenset(
    f".{kind}"
    for kind in (
        *("pdf", "png", "jpg", "jpeg", "gif", "webp"),
        *("doc", "docx", "odt", "xls", "xlsx", "ods", "ppt", "pptx", "odp"),
        *("txt", "csv", "xml", "ics", "zip"),
    )
)
LONGEST_NAME = 120


def harmless_name(name: str) -> str:
    """Return the name without folders, control characters and marks that turn the direction of writing."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    return visible.strip().lstrip(".")[-LONGEST_NAME:]


def check(file: UploadedFile[Any]) -> str:
    """Check kind and size of a new file and give it a harmless name; return the name to show.

    Raises ``ValidationError``.
    """
    name = harmless_name(file.name or "")
    if PurePosixPath(name).suffix.lower() not in KINDS:
        raise ValidationError(_("This kind of file can't be attached. Use a PDF, a picture, an office or ZIP file."))
    most = payments_settings.ATTACHMENT_MAX_BYTES
    if (file.size or 0) > most:
        raise ValidationError(
            _("This file is too large (%(size)s). At most %(most)s can be attached."),
            params={"size": filesizeformat(file.size or 0), "most": filesizeformat(most)},
        )
    file.name = get_valid_filename(name)
    kept_files.allow(file)
    return name


class AttachmentForm(WagtailAdminModelForm):
    """One attachment; without a new file the one that is there stays."""

    file = kept_files.KeptFileField(
        label=_("File"), max_length=200, help_text=_("A document, a picture or a ZIP file.")
    )

    def defer_required_fields(self) -> None:
        """For the preview, which does not get the files: a new one is shown by name only."""
        super().defer_required_fields()
        self.fields["file"].required = False

    def clean_file(self) -> Any:
        """Check kind and size of a new file, and give it a harmless name."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        self.shown_name = check(file)
        return file

    def clean(self) -> dict[str, Any]:
        """Show the file under its own name unless another was typed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("file") and not self.fields["file"].required:
            data["name"] = data.get("name") or gettext("attachment")
        data["name"] = harmless_name(str(data.get("name") or getattr(self, "shown_name", "")))
        return data
