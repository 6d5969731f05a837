"""Eight tabs sign the same quote at the same moment, or one signs while another declines: one answer stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from tests import factories
from tests.actions.signers import HERE, proven, sent_quote
from tests.races.crowd import Outcome, all_at_once
from tests.races.test_numbers import slow_read
from wagtail_payments import ports
from wagtail_payments.actions import evidence, quotes, signatures
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.models import Agreement, Quote, QuoteStep

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def quote(clock: Any) -> Quote:
    factories.settle_site()
    return sent_quote(ports.now())


def signing(quote: Quote) -> Callable[[], Any]:
    row = proven(quote, ports.now())
    what = signatures.final(quote=quote, code_id=row.pk, now=ports.now())
    return lambda: signatures.sign(
        quote_id=quote.pk, code_id=row.pk, shown=what.shown, typed=what.words, now=ports.now(), trace=HERE
    )


def tabs(quote: Quote) -> Outcome:
    return all_at_once([signing(quote)] * 8)


def test_eight_tabs_are_one_signature(quote: Quote) -> None:
    outcome = tabs(quote)
    assert outcome.errors == []
    assert {agreement.pk for agreement in outcome.results} == {Agreement.objects.get().pk}
    assert QuoteStep.objects.filter(kind="signed").count() == 1
    assert evidence.broken_at(Quote.objects.get(pk=quote.pk)) == 0


def test_signed_or_declined_and_never_both(quote: Quote) -> None:
    sign = signing(quote)
    decline = lambda: quotes.decline(quote_id=quote.pk, reason="", now=ports.now())  # noqa: E731
    outcome = all_at_once([sign, decline] * 4)
    assert all(isinstance(error, QuoteRefused) for error in outcome.errors)
    answers = QuoteStep.objects.filter(kind__in=["signed", "declined"])
    assert answers.count() == 1
    assert Agreement.objects.count() == answers.filter(kind="signed").count()


def test_without_the_lock_they_collide(quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "lock", slow_read)
    outcome = tabs(quote)
    assert any(isinstance(error, IntegrityError) for error in outcome.errors), "the test above proves nothing"
    assert Agreement.objects.count() == 1
