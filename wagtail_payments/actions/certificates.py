"""What a signature proves, gathered from the records: as data that can be checked, and as a page that can be read."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from wagtail_payments.core.evidence import Step
from wagtail_payments.printing import certificate
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.printing.certificate import Certificate
from wagtail_payments.printing.parties import Fact
from wagtail_payments.records.agreements import Agreement, QuoteStep, SigningCode
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.quotes import Quote

LEVEL = "simple electronic signature (eIDAS, article 25)"


def steps_until_signed(quote: Quote) -> list[QuoteStep]:
    """Return the chain up to the signature; what comes later is no part of its certificate."""
    steps = list(QuoteStep.objects.filter(quote=quote).order_by("number"))
    signed = next((step.number for step in steps if step.kind == "signed"), len(steps))
    return steps[:signed]


def data_of(agreement: Agreement, *, for_customer: bool = False) -> dict[str, Any]:
    """Return the certificate as data: texts, hashes and UTC times as ISO 8601, amounts in minor units.

    An editor's note on an acceptance is not for the customer.
    """
    quote = agreement.quote
    return {
        "level": LEVEL,
        "quote": {
            "number": quote.number,
            "version": quote.version,
            "sha256": quote.paper.sha256,
            "pdf_sha256": _pdf_digest(quote),
        },
        "agreement": agreement.said() | {"note": "" if for_customer else agreement.note, "currency": quote.currency},
        "steps": [_step_data(step.as_core(), step) for step in quote.steps.order_by("number")],
    }


def page_of(agreement: Agreement) -> Certificate:
    """Return the certificate in words, in the language of the quote."""
    quote = agreement.quote
    look = quote.paper.frozen.look
    with translation.override(quote.language):
        return Certificate(
            language=quote.language,
            title=_("Certificate of the signature of quote %(number)s") % {"number": quote.number},
            is_test=quote.mode == Mode.TEST,
            seller=quote.paper.frozen.seller.name,
            colour=look.colour,
            page_size=look.page_size,
            facts=tuple(fact for fact in _facts(agreement) if fact.value),
            consent=agreement.consent,
            hashes=tuple(fact for fact in _hashes(agreement) if fact.value),
            steps=tuple(_step(step) for step in steps_until_signed(quote)),
        )


def utc(step_at: str) -> str:
    """Write a moment as a person reads it, to the second: ``2026-11-21 18:20:10 UTC``."""
    return f"{step_at[:19].replace('T', ' ')} UTC"


def _facts(agreement: Agreement) -> list[Fact]:
    quote, signed = agreement.quote, steps_until_signed(agreement.quote)[-1]
    document = agreement.frozen
    return [
        Fact(_("Quote"), _("%(number)s, version %(version)s") % {"number": quote.number, "version": quote.version}),
        Fact(pgettext("the seller", "From"), document.seller.name),
        Fact(_("Agreed total"), Writer(quote.language, quote.currency).money(agreement.gross)),
        Fact(_("Signed by"), ", ".join(filter(None, (agreement.name, agreement.role)))),
        Fact(pgettext("the customer", "For"), document.customer.name),
        Fact(_("E-mail"), agreement.email),
        Fact(_("Proven by"), _proof(quote, agreement)),
        Fact(_("Signed at"), utc(signed.as_core().at)),
        Fact(_("Words typed"), agreement.typed),
        Fact(_("Network address"), signed.ip),
        Fact(_("Browser"), signed.agent),
    ]


def _proof(quote: Quote, agreement: Agreement) -> str:
    rows = SigningCode.objects.filter(quote=quote, email=agreement.email, name=agreement.name)
    row = rows.filter(proven_at__isnull=False, proven_at__lte=agreement.at).order_by("-proven_at").first()
    if row is None or row.proven_at is None:
        return ""
    said = {
        "sent": utc(row.created_at.isoformat()),
        "proven": utc(row.proven_at.isoformat()),
        "tries": row.tries,
    }
    return (
        ngettext(
            "A one-time code, asked for at %(sent)s, typed at %(proven)s at the first try",
            "A one-time code, asked for at %(sent)s, typed at %(proven)s after %(tries)s tries",
            row.tries,
        )
        % said
    )


def _hashes(agreement: Agreement) -> list[Fact]:
    quote = agreement.quote
    return [
        Fact(_("The quote as it was sent"), quote.paper.sha256),
        Fact(_("Its PDF"), _pdf_digest(quote)),
        Fact(_("What was signed"), agreement.sha256),
        Fact(_("Terms and conditions"), agreement.terms_sha256),
    ]


def _pdf_digest(quote: Quote) -> str:
    drawn = quote.paper.renditions.filter(kind="pdf").order_by("revision").first()
    return drawn.sha256 if drawn is not None else ""


def _step(step: QuoteStep) -> certificate.Step:
    where = " · ".join(filter(None, (step.ip, step.agent)))
    return certificate.Step(step.number, utc(step.as_core().at), str(step.get_kind_display()), where, step.sha256)


def _step_data(core: Step, step: QuoteStep) -> dict[str, Any]:
    return {
        "number": core.number,
        "kind": core.kind,
        "at": core.at,
        "ip": core.ip,
        "agent": core.agent,
        "data": core.data,
        "previous": step.previous,
        "sha256": step.sha256,
    }
