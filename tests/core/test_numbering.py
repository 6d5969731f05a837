"""Numbers: patterns that can only make unique, allowed numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core import numbering
from wagtail_payments.core.numbering import BadPattern, Series

literals = st.text("ABFZ-_/+", max_size=4)
fields = st.permutations(["{year}", "{number}"]) | st.permutations(["{year}", "{number:05}"])
good_patterns = st.tuples(literals, fields, literals, literals).map(
    lambda parts: f"{parts[0]}{parts[1][0]}{parts[2]}{parts[1][1]}{parts[3]}"
)


def test_a_number_is_written_by_its_pattern() -> None:
    assert numbering.number("F{year}-{number:04}", year=2026, sequence=42) == "F2026-0042"
    assert numbering.number("F{year}-{number:04}", year=2026, sequence=123456) == "F2026-123456"


def test_a_test_document_never_looks_like_a_real_one() -> None:
    assert numbering.number("F{year}-{number:04}", year=2026, sequence=1, test=True) == "TEST-F2026-0001"


@pytest.mark.parametrize("pattern", numbering.DEFAULT_PATTERNS.values())
def test_the_default_patterns_are_good(pattern: str) -> None:
    numbering.check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "", "F", "{year}", "{number}", "F{year}-{number}-{number}", "{year}{year}{number}", "F{year}-{number:4}",
        "F{year}-{number:>4}", "F{year}-{number:,}", "F{year}-{number:+}", "F{year:05}-{number}",
        "F{year}-{number:{year}}",
        "F{year}-{number", "F{year}-{0}", "F{year}-{number.real}", "F{year}-{number}-{other}", "É{year}{number}",
        "F {year} {number}", "F{year}.{number}", "F" * 30 + "{year}{number}",
        "TEST-F{year}-{number}", "test-{year}{number}",
        "F{year!r}-{number!s:04}",
    ],
)  # fmt: skip
def test_a_pattern_that_could_fail_on_the_day_of_issue_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        numbering.check_pattern(pattern)


@given(good_patterns, st.integers(2000, 2999), st.integers(1, 9_999_999), st.booleans())
def test_an_accepted_pattern_makes_a_number_every_time(pattern: str, year: int, sequence: int, test: bool) -> None:
    numbering.check_pattern(pattern)
    numbering.number(pattern, year=year, sequence=sequence, test=test)


@given(st.text("FA{}year:number04!.[]-_ ", max_size=30), st.integers(1, 9_999_999))
def test_whatever_is_accepted_works(pattern: str, sequence: int) -> None:
    try:
        numbering.check_pattern(pattern)
    except BadPattern:
        return
    numbering.number(pattern, year=2026, sequence=sequence)


@given(good_patterns, st.lists(st.tuples(st.integers(2000, 2099), st.integers(1, 99_999)), unique=True, min_size=2))
def test_two_documents_of_a_series_never_share_a_number(pattern: str, taken: list[tuple[int, int]]) -> None:
    numbers = {numbering.number(pattern, year=year, sequence=sequence) for year, sequence in taken}
    assert len(numbers) == len(taken)


def test_a_number_too_long_for_an_electronic_invoice_is_refused() -> None:
    with pytest.raises(BadPattern):
        numbering.number("F" * 30 + "{year}{number}", year=2026, sequence=10)


def test_series_of_one_seller_must_look_different() -> None:
    assert numbering.are_distinct(numbering.DEFAULT_PATTERNS.values())
    assert not numbering.are_distinct(["F{year}-{number:04}", "F{year}-{number:06}"])
    assert not numbering.are_distinct(["F{year}-{number}", "A{year}-{number}", "F{year}-{number}"])


def test_every_series_has_a_default_pattern() -> None:
    assert set(numbering.DEFAULT_PATTERNS) == set(Series)
