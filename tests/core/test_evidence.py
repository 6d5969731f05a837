"""A chain of steps shows whatever is changed, left out, added between or moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wagtail_payments.core import evidence
from wagtail_payments.core.evidence import Step

FIRST = "a" * 64


def chain(number: int = 3) -> list[tuple[Step, str]]:
    rows, previous = [], FIRST
    for position in range(1, number + 1):
        step = Step(position, "opened", f"2026-03-16T09:30:0{position}.000000+00:00", "192.0.2.1", "Firefox", "{}")
        previous = evidence.digest(previous, step)
        rows.append((step, previous))
    return rows


def test_a_whole_chain_holds() -> None:
    assert evidence.broken_at(FIRST, chain()) == 0
    assert evidence.broken_at(FIRST, []) == 0


@pytest.mark.parametrize("field", ["kind", "at", "ip", "agent", "data"])
def test_a_change_of_any_fact_shows(field: str) -> None:
    rows = chain()
    rows[1] = (replace(rows[1][0], **{field: "x"}), rows[1][1])
    assert evidence.broken_at(FIRST, rows) == 2


def test_a_step_that_is_gone_or_moved_or_of_another_quote_shows() -> None:
    rows = chain()
    assert evidence.broken_at(FIRST, [rows[0], rows[2]]) == 2
    assert evidence.broken_at(FIRST, [rows[1], rows[0]]) == 1
    assert evidence.broken_at("b" * 64, rows) == 1


def test_a_code_is_kept_under_a_key_and_for_one_quote() -> None:
    kept = evidence.code_digest(b"key", "quote 1", "123456")
    others = [(b"other", "quote 1", "123456"), (b"key", "quote 2", "123456"), (b"key", "quote 1", "123457")]
    assert kept not in {evidence.code_digest(*other) for other in others}
    assert len(kept) == 64
