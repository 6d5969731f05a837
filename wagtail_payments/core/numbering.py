"""Numbers of documents: a pattern, and what the law and the electronic formats allow in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from string import Formatter


class Series(StrEnum):
    """A sequence of numbers without gaps (CGI ann. II art. 242 nonies A, I 7°)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    PROFORMA = "proforma"


DEFAULT_PATTERNS: dict[Series, str] = {
    Series.INVOICE: "F{year}-{number:04}",
    Series.CREDIT_NOTE: "A{year}-{number:04}",
    Series.RECEIPT: "R{year}-{number:04}",
    Series.PROFORMA: "P{year}-{number:04}",
}

# Test documents must never look like, nor count in, the real series.
TEST_PREFIX = "TEST-"

LONGEST = 35  # BR-FR-01
_ALLOWED = re.compile(r"[A-Za-z0-9+\-_/]+")  # BR-FR-02
_NUMBER_FORMAT = re.compile(r"(0[1-9])?")  # filled with zeros, never with spaces


class BadPattern(ValueError):
    """The pattern cannot make numbers that are unique and allowed; the text says why, in English."""


def number(pattern: str, *, year: int, sequence: int, test: bool = False) -> str:
    """Return the number of a document: ``F{year}-{number:04}`` gives ``F2026-0042``.

    Raises ``BadPattern`` when the result would be refused on an electronic invoice.
    """
    text = (TEST_PREFIX if test else "") + pattern.format(year=year, number=sequence)
    if len(text) > LONGEST or not _ALLOWED.fullmatch(text):
        raise BadPattern(text)
    return text


def check_pattern(pattern: str) -> None:
    """Raise ``BadPattern`` unless the pattern holds ``{year}`` and ``{number}`` once each and allowed characters."""
    try:
        fields = [
            (name, f"!{conversion}" if conversion else spec or "")
            for _, name, spec, conversion in Formatter().parse(pattern)
            if name is not None
        ]
    except ValueError as error:
        raise BadPattern("braces") from error
    if sorted(name for name, _ in fields) != ["number", "year"]:
        raise BadPattern("fields")
    formats = dict(fields)
    if formats["year"] or not _NUMBER_FORMAT.fullmatch(formats["number"]):
        raise BadPattern("fields")
    if pattern.upper().startswith(TEST_PREFIX):
        raise BadPattern("test")
    try:
        number(pattern, year=2026, sequence=9_999_999, test=True)
    except ValueError as error:
        raise BadPattern("characters") from error


def are_distinct(patterns: Iterable[str]) -> bool:
    """Say whether no two patterns can make the same number, however they fill it with zeros."""
    shapes = [re.sub(r"\{(\w+)[^}]*\}", r"{\1}", pattern) for pattern in patterns]
    return len(set(shapes)) == len(shapes)
