"""Quotes sent, revised and answered in any order: what was agreed stands as it was agreed.

Not planted, since a constraint of the database stands behind the guard: two versions in force, two drafts of the next.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis.stateful import initialize, rule

from tests.simulation import invariants_quotes, verbs_quotes
from tests.simulation.machine import WHICH, YES, Business, Planted, is_missed, live
from wagtail_payments.actions import agreements, quotes
from wagtail_payments.core import lifecycle
from wagtail_payments.core.lifecycle import QuoteEvent, QuoteState

pytestmark = [pytest.mark.django_db]

LIVES, STEPS = 5, 30


class Offers(Business):
    """Quotes of all kinds."""

    RULES = invariants_quotes.RULES

    @initialize(basket=WHICH)
    def first_offers(self, basket: int) -> None:
        self.offer(0, basket, sent=True)
        self.offer(1, basket + 1, sent=True)

    @rule(customer=WHICH, basket=WHICH, sent=YES)
    def offer(self, customer: int, basket: int, sent: bool) -> None:
        row = verbs_quotes.write(self.world, customer, basket)
        if sent:
            self.done(lambda: verbs_quotes.send(self.world, row))

    @rule(which=WHICH)
    def send(self, which: int) -> None:
        row = verbs_quotes.quote(self.world, which)
        if row is not None:
            self.done(lambda: verbs_quotes.send(self.world, row))

    @rule(which=WHICH, basket=WHICH, sent=YES)
    def revise(self, which: int, basket: int, sent: bool) -> None:
        row = verbs_quotes.quote(self.world, which)
        if row is not None:
            self.done(lambda: verbs_quotes.revise(self.world, row, basket))
            newest = row.versions().latest("version")
            if sent:
                self.done(lambda: verbs_quotes.send(self.world, newest))

    @rule(which=WHICH, extra=YES)
    def accept(self, which: int, extra: bool) -> None:
        row = verbs_quotes.quote(self.world, which)
        if row is not None:
            self.done(lambda: verbs_quotes.accept(self.world, row, extra=extra))

    @rule(which=WHICH)
    def decline(self, which: int) -> None:
        row = verbs_quotes.quote(self.world, which)
        if row is not None:
            self.done(lambda: verbs_quotes.decline(self.world, row))

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        row = verbs_quotes.quote(self.world, which)
        if row is not None:
            self.done(lambda: verbs_quotes.cancel(self.world, row))


def test_whatever_happens_what_was_agreed_stands() -> None:
    live(Offers, LIVES, STEPS)


def _all_moves() -> Any:
    after = {
        QuoteEvent.SEND: QuoteState.SENT,
        QuoteEvent.ACCEPT: QuoteState.ACCEPTED,
        QuoteEvent.DECLINE: QuoteState.DECLINED,
        QuoteEvent.SUPERSEDE: QuoteState.SUPERSEDED,
        QuoteEvent.CANCEL: QuoteState.CANCELLED,
        QuoteEvent.SIGN: QuoteState.SIGNED,
    }
    table = dict(lifecycle.QUOTE_MOVES)
    return table | {QuoteState.ACCEPTED: after, QuoteState.SIGNED: after}


PLANTED: dict[str, tuple[str, Planted]] = {
    "what is agreed can be replaced": ("I24", [(quotes, "QUOTE_MOVES", _all_moves())]),
    "an old quote can be accepted": ("I24", [(agreements, "_refuse_word", lambda *facts: None)]),
    "what is agreed is not moved": ("I24|constraint", [(quotes, "move", lambda *, quote, event: None)]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_guard_that_is_taken_away_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, planted = PLANTED[name]
    is_missed(Offers, planted, found, monkeypatch)
