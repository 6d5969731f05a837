"""A picture of the seller's: made an RGB PNG at upload and kept under a name made of its content.

Older documents go on showing the older picture, so none is ever deleted here.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin import kept_files
from wagtail_payments.printing import logo
from wagtail_payments.records.fields import private_storage

FOLDER = "logos/"
LONGEST_SIDE = {"logo": 1200, "icon": 256}


class PictureInput(kept_files.KeepsFile, forms.ClearableFileInput):
    """A file input that shows the present picture; the private storage has no URL to ask for it."""

    template_name = "wagtail_payments/admin/settings/picture_input.html"

    def is_initial(self, value: Any) -> bool:
        """Is there a picture already?"""
        return bool(value) and isinstance(value, FieldFile)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add where the present picture can be seen."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["picture_url"] = picture_url(value.name) if self.is_initial(value) else ""
        return context


class PictureField(kept_files.KeptFileField):
    """An upload that becomes a ``PreparedPicture``; refuses with a sentence what can't be printed."""

    widget = PictureInput

    def __init__(self, *, max_px: int, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.max_px = max_px
        self.widget.attrs["accept"] = "image/png,image/jpeg,image/webp,image/gif"

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the stored name, False to take the picture away, or None for no change."""
        upload = super().clean(data, initial)
        if not upload or isinstance(upload, FieldFile):
            return upload
        try:
            picture = PreparedPicture(logo.to_rgb_png(upload.read(), max_px=self.max_px))
        except logo.LogoRefused as error:
            raise ValidationError(str(error)) from error
        kept_files.allow(upload)
        return picture


class PreparedPicture(str):
    """The name of a picture, with its bytes to be stored when the form is saved."""

    content: bytes

    def __new__(cls, content: bytes) -> PreparedPicture:
        """Name the picture by its content."""
        picture = super().__new__(cls, f"{FOLDER}{hashlib.sha256(content).hexdigest()}.png")
        picture.content = content
        return picture

    def store(self) -> None:
        """Write the bytes unless the same picture is there already."""
        storage = private_storage()
        if not storage.exists(str(self)):
            storage.save(str(self), ContentFile(self.content))


def picture_field(name: str, label: Any, help_text: Any) -> PictureField:
    """Return the field of a logo or an icon."""
    return PictureField(max_px=LONGEST_SIDE[name], label=label, help_text=help_text)


def picture_url(name: str) -> str:
    """Return where a stored picture can be seen, or nothing where the site has no public pages of ours."""
    try:
        return reverse("wagtail_payments:logo", args=[name.removeprefix(FOLDER)])
    except NoReverseMatch:
        return ""


REFUSED_KINDS = _("PNG, JPEG, WebP or GIF; an SVG has to be saved as PNG first.")
