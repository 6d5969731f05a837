"""One thing that a review found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend (``error``) or to think about (``warning``); ``field`` is where, if somewhere."""

    level: Literal["error", "warning"]
    code: str
    message: str
    field: str = ""


def error(code: str, message: str, field: str = "") -> Finding:
    """Return what has to be mended."""
    return Finding("error", code, message, field)


def warning(code: str, message: str, field: str = "") -> Finding:
    """Return what is worth a look."""
    return Finding("warning", code, message, field)
