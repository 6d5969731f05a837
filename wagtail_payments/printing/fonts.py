"""Which characters can be printed, and what is done with those that can't."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from reportlab.pdfbase.ttfonts import TTFError, TTFontFile

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).resolve().parent.parent / "fonts"
SUBSTITUTE = "□"  # U+25A1, which every shipped face has

# Spaces that would let "1 234,50 €" break over two lines, and separators that no font draws.
SPACES = {0x202F: "\u00a0", 0x2028: "\n", 0x2029: "\n", 0x000B: "\n", 0x000C: "\n", 0x0085: "\n"}
# Format characters with no shape of their own. Among them are those that turn the direction of what
# follows, with which a name could print an amount backwards.
UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
    r"|[\U000e0000-\U000e0fff]"
)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udfff]|[\ufdd0-\ufdef\ufffe\uffff]")

# French puts a space inside these marks; a line must not break there.
INSIDE = re.compile("(?<=«) (?=\\S)|(?<=\\S) (?=[»;:!?%€])")

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, the CSS family it belongs to and its weight."""

    family: str
    weight: str
    path: str


def faces(extra: Sequence[str] = ()) -> tuple[Face, ...]:
    """Return the faces in the order in which they are tried for a character.

    Bold is tried first in the bold face, then in the regular one, which has more characters. A font that
    can't be embedded is passed over: see ``problems``.
    """
    regular, bold = str(SHIPPED / "DejaVuSans.ttf"), str(SHIPPED / "DejaVuSans-Bold.ttf")
    shipped = [Face("Body", "normal", regular), Face("Body", "bold", bold)]
    further = [regular, *(str(Path(path).resolve()) for path in extra if _characters(path))]
    return (*shipped, *(face for n, path in enumerate(further) for face in _both_weights(f"Further{n}", path)))


def _both_weights(family: str, path: str) -> list[Face]:
    return [Face(family, weight, path) for weight in ("normal", "bold")]


@lru_cache(maxsize=8)
def coverage(paths: tuple[str, ...]) -> frozenset[str]:
    """Return the characters that at least one of these font files can draw."""
    return frozenset().union(*(_characters(path) for path in paths))


@lru_cache(maxsize=32)
def _characters(path: str) -> frozenset[str]:
    try:
        return frozenset(map(chr, TTFontFile(path, charInfo=1).charToGlyph))
    except (OSError, TTFError) as error:
        logger.error("The font %s can't be used: %s", path, error)
        return frozenset()


def problems(extra: Sequence[str]) -> list[str]:
    """Return which of these font files can't be read or embedded."""
    return [path for path in extra if not _characters(path)]


def missing(text: str, extra: Sequence[str] = ()) -> list[str]:
    """Return the characters of a text that no face has, in code order."""
    paths = tuple(dict.fromkeys(face.path for face in faces(extra) if face.weight == "normal"))
    return sorted(set(text) - coverage(paths) - {"\n", "\r", "\t"})


def substituted(text: str, characters: Iterable[str]) -> str:
    """Return a text with a visible substitute for each of these characters."""
    return text.translate(dict.fromkeys(map(ord, characters), SUBSTITUTE))


def printable(text: str) -> str:
    """Return a text as it can be set: composed letters, ordinary spaces, nothing unseen."""
    text = INSIDE.sub("\u00a0", CONTROLS.sub("", UNSEEN.sub("", text.translate(SPACES))))
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def cleaned(part: Part) -> Part:
    """Return a document, or a part of one, with every text in it made ``printable``."""
    if isinstance(part, str):
        return printable(part)  # type: ignore[return-value]
    if isinstance(part, tuple):
        return tuple(cleaned(item) for item in part)  # type: ignore[return-value]
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{field.name: cleaned(getattr(part, field.name)) for field in fields(part)})
    return part
