"""Somebody signs: the short way through the steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests import factories
from wagtail_payments.actions import quotes, signatures, signing
from wagtail_payments.actions.signing import Signer, Trace
from wagtail_payments.mail import codes
from wagtail_payments.mail import quotes as letters
from wagtail_payments.models import Agreement, Quote, SigningCode

JULIE = Signer("Julie Martin", "Manager", "julie@example.org")
HERE = Trace("192.0.2.7", "Mozilla/5.0 Firefox/140.0")
PLAN = [("Deposit", "30", None, "at_signature"), ("Rest", None, None, "on_milestone")]


def sent_quote(now: datetime, **fields: Any) -> Quote:
    """Make and send a quote."""
    quote = factories.make_quote(**fields)
    subject, text = letters.default_quote_text(quote=quote, language=quote.language)
    return quotes.send(
        quote_id=quote.pk, by=None, now=now, to=[quote.customer.email], cc=[], subject=subject, text=text
    )


def with_options(now: datetime, **fields: Any) -> Quote:
    """Send a quote of 2 days for 1 080 euros, 1 to 5 to choose, and an optional book for 12 euros, VAT included."""
    lines = [
        factories.make_quote_line("Training", "2", "450.00", "20", least=Decimal(1), most=Decimal(5)),
        factories.make_quote_line("Book", "1", "10.00", "20", is_optional=True),
    ]
    return sent_quote(now, lines=lines, **fields)


def proven(quote: Quote, now: datetime, chosen: Mapping[int, Decimal] | None = None, **who: str) -> SigningCode:
    """Prove the signer's address by the code."""
    signer = Signer(**{"name": JULIE.name, "role": JULIE.role, "email": JULIE.email} | who)
    row = signing.begin(quote_id=quote.pk, signer=signer, chosen=chosen or {}, now=now, trace=HERE)
    assert signing.prove(quote_id=quote.pk, code_id=row.pk, typed=codes.code_of(row), now=now, trace=HERE)
    return row


def sign(quote: Quote, row: SigningCode, now: datetime, **changes: Any) -> Agreement:
    """Sign what that code stands for, as it is shown."""
    what = signatures.final(quote=Quote.objects.get(pk=quote.pk), code_id=row.pk, now=now)
    values = {"shown": what.shown, "typed": what.words, "now": now, "trace": HERE}
    return signatures.sign(quote_id=quote.pk, code_id=row.pk, **values | changes)
