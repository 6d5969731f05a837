"""Signing: the last step, under the lock of the quote, of exactly what was shown."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import agreements, journal, quote_papers, quotes, signed_papers
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.actions.signing import Trace
from wagtail_payments.core import snapshot
from wagtail_payments.core.evidence import text_digest
from wagtail_payments.core.lifecycle import QuoteState
from wagtail_payments.core.snapshot import Document
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.agreements import Agreement, SigningCode
from wagtail_payments.records.guards import lock
from wagtail_payments.records.quotes import Quote


class NotProven(Exception):
    """The address was not proven by a code, or too long ago."""


class ChoicesChanged(QuoteRefused):
    """What was shown is not what would be signed: chosen differently, or by somebody else in another window."""


class WordsMissing(Exception):
    """The words that stand for a signature were not typed; ``words`` are they."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Final:
    """What will be signed, word for word: the document, the sentence of consent, the words to type."""

    code: SigningCode
    document: Document
    sha256: str
    consent: str
    words: str

    @property
    def shown(self) -> str:
        """The fingerprint of all that the last page shows: what is signed, the sentence, whose address is proven."""
        return _shown(self.sha256, self.consent, self.code.email)


def final(*, quote: Quote, code_id: int, now: datetime) -> Final:
    """Return what would be signed with that code, of which the address must be proven.

    Raises ``NotProven``, or ``ChoiceRefused``.
    """
    code = SigningCode.objects.filter(pk=code_id, quote=quote, proven_at__isnull=False).first()
    if code is None or code.proven_at is None or now >= code.proven_at + timedelta(minutes=code.PROOF_MINUTES):
        raise NotProven
    chosen = {int(pk): Decimal(quantity) for pk, quantity in code.chosen.items()}
    document = quote_papers.agreed_document(quote=quote, chosen=chosen)
    digest = snapshot.digest(snapshot.to_text(document))
    with translation.override(quote.language):
        return Final(code, document, digest, _consent(quote, code, document), words_to_type())


def words_to_type() -> str:
    """Return the words that stand for a signature, in the active language."""
    return _("Read and approved")


def sign(*, quote_id: int, code_id: int, shown: str, typed: str, now: datetime, trace: Trace) -> Agreement:
    """Sign what was shown, once; pressing twice is signing once. The signed copy is drawn and sent right after.

    Raises ``QuoteRefused`` (``ChoicesChanged`` where it is not what was shown), ``NotProven``, ``WordsMissing`` or
    ``ChoiceRefused``.
    """
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        if standing := _signed_before(quote, code_id, shown):
            return standing
        quotes.refuse_unless_open(quote=quote, now=now)
        ports.failpoint("quote.signing")
        what = final(quote=quote, code_id=code_id, now=now)
        if not hmac.compare_digest(what.shown.encode(), shown.encode()):
            raise ChoicesChanged(_("Something has changed meanwhile. Please read it once more."))
        if _plain(typed) != _plain(what.words):
            raise WordsMissing(what.words)
        agreement = _agreement(what, quote, now)
        chosen = {int(pk): Decimal(quantity) for pk, quantity in what.code.chosen.items()}
        agreements.agree_locked(
            quote=quote, agreement=agreement, chosen=chosen, now=now, ip=trace.ip, agent=trace.agent
        )
        journal.note(quote, "quote_signed", now=now, data={"amount": agreement.gross, "name": agreement.name})
        signed_papers.draw_after_commit(agreement, now)
    return agreement


def _agreement(what: Final, quote: Quote, now: datetime) -> Agreement:
    code = what.code
    return Agreement(
        how="signed",
        on=quote.seller.today(now),
        name=code.name,
        role=code.role,
        email=code.email,
        typed=what.words,
        consent=what.consent,
    )


def _signed_before(quote: Quote, code_id: int, shown: str) -> Agreement | None:
    """The same person pressed twice, or two tabs did: what stands is what was shown here too."""
    if quote.state != QuoteState.SIGNED:
        return None
    code = SigningCode.objects.filter(pk=code_id, quote=quote, proven_at__isnull=False).first()
    standing: Agreement = quote.agreement
    same = code is not None and (code.email, code.name) == (standing.email, standing.name)
    return standing if same and _shown(standing.sha256, standing.consent, standing.email) == shown else None


def _shown(sha256: str, consent: str, email: str) -> str:
    return text_digest("\n".join((sha256, consent, email)))


def _consent(quote: Quote, code: SigningCode, document: Document) -> str:
    said = {
        "signer": ", ".join(filter(None, (code.name, code.role))),
        "number": quote.number,
        "seller": document.seller.name,
        "amount": Writer(quote.language, quote.currency).money(document.gross),
    }
    if document.terms:
        return (
            _(
                "By signing I, %(signer)s, accept quote %(number)s from %(seller)s as shown on this page, "
                "for %(amount)s, together with the terms and conditions shown with it. "
                "I agree to sign it electronically."
            )
            % said
        )
    return (
        _(
            "By signing I, %(signer)s, accept quote %(number)s from %(seller)s as shown on this page, for %(amount)s. "
            "I agree to sign it electronically."
        )
        % said
    )


def _plain(text: str) -> str:
    """Capitals, spaces, quotation marks and a full stop do not matter."""
    return " ".join(text.casefold().replace("\u00a0", " ").strip(" .«»“”\"'!").split())
