"""What a person or a machine gets from a PDF: its text, its links, its pages as pictures."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader


def text_of(pdf: bytes) -> str:
    """Return the text of all pages, every kind of space made an ordinary one."""
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def pages_of(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def links_of(pdf: bytes) -> set[str]:
    pages = PdfReader(io.BytesIO(pdf)).pages
    annotations = [reference.get_object() for page in pages for reference in page.get("/Annots", [])]
    return {str(annotation["/A"]["/URI"]) for annotation in annotations}


def fonts_of(pdf: bytes) -> set[str]:
    """Return the names of the fonts that text is set in."""
    names = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            names.add(str(font.get_object()["/BaseFont"]))
    return names


def picture_of(pdf: bytes, folder: Path) -> Image.Image:
    """Return the first page as a person sees it; without poppler, the first picture that stands on it."""
    if shutil.which("pdftoppm") is None:
        pictures = [picture.image for picture in PdfReader(io.BytesIO(pdf)).pages[0].images]
        square = [picture for picture in pictures if picture is not None and picture.width == picture.height]
        return square[0].convert("L").resize((600, 600))
    (folder / "page.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "200", "-png", "-f", "1", "-l", "1", "page.pdf", "page"], cwd=folder, check=True)
    return Image.open(next(folder.glob("page*.png")))


def code_on(picture: Image.Image) -> str:
    codes = zxingcpp.read_barcodes(picture)
    if not codes:
        pytest.fail("no code can be read from the page")
    return str(codes[0].text)
