"""Logos: whatever picture a person uploads becomes a plain RGB PNG, which prints everywhere."""

from __future__ import annotations

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000


class LogoRefused(ValueError):
    """The upload can't be used as a logo; the message says why and what to do."""


def to_rgb_png(upload: bytes, *, max_px: int = 1200) -> bytes:
    """Return the picture as an RGB PNG no wider or higher than ``max_px``, on white where it is transparent.

    Reads PNG, JPEG (CMYK too), WebP and GIF, the first picture of several. Raises ``LogoRefused``.
    """
    picture = _opened(upload)
    try:
        flat = _on_white(_in_rgb(ImageOps.exif_transpose(picture)))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise LogoRefused(_("This picture is damaged. Save it again as PNG and upload that.")) from error
    flat.thumbnail((max_px, max_px), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    flat.save(target, "PNG", optimize=True, icc_profile=None)
    return target.getvalue()


def _opened(upload: bytes) -> Image.Image:
    """Only the header is read here: a picture too large is refused before it is unpacked."""
    if len(upload) > MOST_BYTES:
        raise LogoRefused(_("This file is too large: %(most)d MB at most.") % {"most": MOST_BYTES // 1024**2})
    if b"<svg" in upload[:4096].lower():
        raise LogoRefused(_("An SVG can't be printed safely. Save it as PNG and upload that."))
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            picture = Image.open(io.BytesIO(upload), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError) as error:
        raise LogoRefused(_("This is not a picture we can read: use PNG, JPEG, WebP or GIF.")) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    return picture


def _too_many_pixels() -> LogoRefused:
    return LogoRefused(_("This picture has too many pixels. Make it smaller and upload it again."))


def _in_rgb(picture: Image.Image) -> Image.Image:
    """Keep transparency, give up everything else; print colours by their own profile where they bring one."""
    if picture.mode in ("CMYK", "LAB"):
        return _by_profile(picture)
    return picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")


def _by_profile(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if profile:
        try:
            screen = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(picture, io.BytesIO(profile), screen, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            turned = None
        if turned is not None:
            return turned
    return picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white
