"""A quote sent twice, and answered twice, at the same moment: one number, one answer; and without the lock, not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import factories
from tests.admin.business import sent_quote
from tests.races.crowd import Outcome, all_at_once
from tests.races.test_numbers import slow_read
from tests.stories.conftest import Business
from tests.stories.conftest import business as business
from wagtail_payments import ports
from wagtail_payments.actions import agreements, evidence, quote_versions, quotes
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.models import Agreement, IssuedDocument, Quote, QuoteStep

pytestmark = [pytest.mark.server]


def answers(quote: Quote) -> Outcome:
    """Four people say yes and four say no, all at once."""
    word = agreements.Word("phone", quote.seller.today(ports.now()), "Nadia", note="Called")

    def accept() -> str:
        agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=ports.now())
        return "accepted"

    def decline() -> str:
        return str(quotes.decline(quote_id=quote.pk, reason="", now=ports.now()).state)

    jobs: list[Callable[[], Any]] = [accept, decline]
    return all_at_once(jobs * 4)


def test_a_quote_sent_eight_times_at_once_takes_one_number(business: Business) -> None:
    draft = factories.make_quote()
    outcome = all_at_once([lambda: sent_quote(draft, ports.now())] * 8)
    assert len(outcome.results) == 1
    assert {type(error) for error in outcome.errors} == {QuoteRefused}
    assert IssuedDocument.objects.filter(kind="quote").count() == 1
    assert QuoteStep.objects.count() == 1


def test_a_quote_answered_eight_times_at_once_has_one_answer(business: Business) -> None:
    quote = sent_quote(factories.make_quote(), ports.now())
    outcome = answers(quote)
    quote.refresh_from_db()
    assert outcome.results == [quote.state]
    assert {type(error) for error in outcome.errors} == {QuoteRefused}
    assert Agreement.objects.count() == (quote.state == "accepted")
    assert evidence.broken_at(quote) == 0


def test_answers_without_the_lock_collide(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (quotes, agreements):
        monkeypatch.setattr(module, "lock", slow_read)
    outcome = answers(sent_quote(factories.make_quote(), ports.now()))
    odd = [error for error in outcome.errors if not isinstance(error, QuoteRefused)]
    assert odd or len(outcome.results) > 1, "without the lock they must collide, or the test above proves nothing"


def test_a_new_version_and_a_yes_to_the_old_one_at_once(business: Business) -> None:
    """Whichever comes first stands: never is an old version agreed to and replaced."""
    quote = sent_quote(factories.make_quote(), ports.now())
    draft = quote_versions.revise(quote_id=quote.pk, by=None, now=ports.now())
    word = agreements.Word("phone", quote.seller.today(ports.now()), "Nadia", note="Called")
    later = ports.now() + timedelta(minutes=1)
    outcome = all_at_once(
        [
            lambda: agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=later),
            lambda: sent_quote(draft, later),
        ]
    )
    assert len(outcome.results) == len(outcome.errors) == 1
    assert isinstance(outcome.errors[0], QuoteRefused)
    states = set(Quote.objects.values_list("state", flat=True))
    assert states in ({"accepted", "draft"}, {"superseded", "sent"})


def test_eight_clicks_make_one_draft_of_the_next_version(business: Business) -> None:
    quote = sent_quote(factories.make_quote(), ports.now())
    outcome = all_at_once([lambda: quote_versions.revise(quote_id=quote.pk, by=None, now=ports.now())] * 8)
    assert len(outcome.results) == 1
    assert {type(error) for error in outcome.errors} == {quote_versions.DraftStands}
