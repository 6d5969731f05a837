"""The example business's logo, drawn here so that nobody else's is shipped."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

WINE, PAPER = (122, 46, 42), (255, 255, 255)


def _mark(size: int) -> Image.Image:
    """A roof over a wave: the workshop on the river."""
    picture = Image.new("RGB", (size * 4, size * 4), PAPER)
    pen = ImageDraw.Draw(picture)
    unit = size * 4 / 24
    pen.polygon([(4 * unit, 11 * unit), (12 * unit, 4 * unit), (20 * unit, 11 * unit)], fill=WINE)
    for row in (14, 18):
        for column in range(4, 20, 4):
            box = [column * unit, row * unit, (column + 4) * unit, (row + 3.2) * unit]
            start, end = (180, 360) if (column // 4) % 2 else (0, 180)
            pen.arc(box, start, end, fill=WINE, width=int(unit * 1.1))
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def icon() -> bytes:
    """A square PNG."""
    return _png(_mark(96))


def logo() -> bytes:
    """The mark on white, as a PNG."""
    return _png(_mark(320))


def _png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
