from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from wagtail_payments.printing.logo import LogoRefused, to_rgb_png


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def read(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.mode) == ("PNG", "RGB")
    return picture


@pytest.mark.parametrize(
    "upload",
    [
        saved(Image.new("CMYK", (80, 40), (0, 255, 255, 0)), "JPEG", quality=95),
        saved(Image.new("RGB", (80, 40), (255, 0, 0)).convert("P"), "PNG"),
        saved(Image.new("RGB", (80, 40), (255, 0, 0)), "WEBP", lossless=True),
        saved(Image.new("RGB", (80, 40), (255, 0, 0)), "GIF"),
        saved(Image.new("RGB", (80, 40), (255, 0, 0)), "JPEG", quality=95),
    ],
    ids=["cmyk jpeg", "palette png", "webp", "gif", "jpeg"],
)
def test_every_usual_kind_becomes_a_red_rgb_png(upload: bytes) -> None:
    picture = read(to_rgb_png(upload))
    red, green, blue = picture.getpixel((40, 20))  # type: ignore[misc]
    assert red > 200
    assert green < 60
    assert blue < 60


def test_transparency_is_laid_on_white() -> None:
    picture = read(to_rgb_png(saved(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG")))
    assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_grey_and_one_bit_pictures_are_taken() -> None:
    assert read(to_rgb_png(saved(Image.new("1", (10, 10), 1), "PNG"))).size == (10, 10)
    assert read(to_rgb_png(saved(Image.new("I;16", (10, 10), 60000), "PNG"))).size == (10, 10)


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    assert read(to_rgb_png(saved(Image.new("RGB", (3000, 1000)), "PNG"))).size == (1200, 400)


def test_colour_profiles_and_metadata_are_left_behind() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = read(to_rgb_png(saved(Image.new("RGB", (10, 10)), "PNG", icc_profile=profile)))
    assert "icc_profile" not in picture.info


def flood(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("upload", "why"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (flood(50_000, 50_000), "pixels"),
        (flood(9_000, 9_000), "pixels"),
        (b"%PDF-1.4 not a picture", "not a picture"),
        (b"", "not a picture"),
        (saved(Image.effect_noise((200, 200), 50), "PNG")[:3000], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (10 * 1024 * 1024), "too large"),
    ],
    ids=["svg", "flood", "many pixels", "pdf", "empty", "truncated", "heavy"],
)
def test_what_cannot_be_a_logo_is_refused_with_the_reason(upload: bytes, why: str) -> None:
    with pytest.raises(LogoRefused, match=why):
        to_rgb_png(upload)
