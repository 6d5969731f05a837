"""The way to a signature: who signs and what was chosen, and an e-mail address proven by a one-time code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from wagtail_payments.actions import evidence, quote_papers, quotes
from wagtail_payments.actions.quote_papers import Chosen
from wagtail_payments.core.lifecycle import QuoteStatus
from wagtail_payments.mail import codes
from wagtail_payments.mail import signing as letters
from wagtail_payments.mail.addresses import checked, one_line
from wagtail_payments.records.agreements import SigningCode
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import lock
from wagtail_payments.records.quotes import Quote


@dataclass(frozen=True, slots=True)
class Signer:
    """Who says that they sign, as typed."""

    name: str
    role: str
    email: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request came from: kept with the evidence, and nowhere else."""

    ip: str = ""
    agent: str = ""


def note_opening(*, document: IssuedDocument, now: datetime, agent: str) -> None:
    """Add to the evidence that a person opened the link of a quote that can still be answered.

    No address is kept, and opening it over and over again is one step; ``Opening`` has them all.
    """
    quote_id = Quote.objects.filter(document=document).values_list("pk", flat=True).first()
    if quote_id is None:
        return
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        last = quote.steps.order_by("-number").first()
        again = last is not None and (last.kind, last.agent) == ("opened", agent[:200])
        if quote.status_on(quote.seller.today(now)) is QuoteStatus.SENT and not again:
            evidence.add_step(quote=quote, kind="opened", now=now, agent=agent)


def begin(*, quote_id: int, signer: Signer, chosen: Chosen, now: datetime, trace: Trace) -> SigningCode:
    """Keep who wants to sign what, and send a code to that address; the code before no longer works.

    Raises ``QuoteRefused``, ``ChoiceRefused``, or ``AddressRefused`` for an address that is none.
    """
    address = checked(signer.email)
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        quotes.refuse_unless_open(quote=quote, now=now)
        quote_papers.agreed_document(quote=quote, chosen=chosen)  # refused before a code leaves
        SigningCode.objects.filter(quote=quote, slot__isnull=False).update(slot=None)
        row = SigningCode.objects.create(
            quote=quote,
            email=address,
            name=one_name(signer.name),
            role=one_name(signer.role),
            chosen={str(pk): str(quantity) for pk, quantity in chosen.items()},
            created_at=now,
            expires_at=now + timedelta(minutes=SigningCode.MINUTES),
            slot=str(quote.pk),
        )
        row.digest = codes.digest_of(row, codes.code_of(row))
        row.save(update_fields=["digest"])
        _step(quote, "code_sent", row, now, trace)
        letters.code(quote=quote, row=row, now=now)
    return row


def prove(*, quote_id: int, code_id: int, typed: str, now: datetime, trace: Trace) -> bool:
    """Return whether the code proves the address; wrong, worn out, replaced and expired are answered alike.

    Nothing is proven, and no step added, of a quote that can no longer be signed.
    """
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        row = SigningCode.objects.filter(pk=code_id, quote=quote).first()
        if row is None or quote.status_on(quote.seller.today(now)) is not QuoteStatus.SENT:
            return False
        is_right = codes.is_right(row, typed)
        if row.proven_at is not None:
            return is_right
        if row.slot is None or row.tries >= SigningCode.TRIES or now >= row.expires_at:
            return False
        row.tries += 1
        if is_right:
            row.proven_at, row.slot = now, None
        row.save(update_fields=["tries", "proven_at", "slot"])
        _step(quote, "code_proven" if is_right else "code_refused", row, now, trace)
    return is_right


def _step(quote: Quote, kind: str, row: SigningCode, now: datetime, trace: Trace) -> None:
    data = {"email": row.email, "name": row.name, "code": row.pk}
    evidence.add_step(quote=quote, kind=kind, now=now, data=data, ip=trace.ip, agent=trace.agent)


def one_name(text: str) -> str:
    """Return a name as it is kept: one line, and nothing unseen in it, such as what turns the writing around."""
    return one_line(text)[:200]
