"""The evidence of an agreement as one file to hand over, and the question whether all of it is whole."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

from django.db.models import Q

from wagtail_payments.actions import agreements, certificates, evidence
from wagtail_payments.core import snapshot
from wagtail_payments.core.evidence import bytes_digest, text_digest
from wagtail_payments.core.lifecycle import QuoteState
from wagtail_payments.core.proofreading import adds_up
from wagtail_payments.mail import envelopes
from wagtail_payments.records.agreements import Agreement, QuoteStep
from wagtail_payments.records.documents import Rendition
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.withdrawals import Withdrawal

NAMES = {"pdf": "quote.pdf", "signed": "signed.pdf"}
THEN = (1980, 1, 1, 0, 0, 0)  # the time that every file bears, so that the same evidence is the same file


def evidence_pack(quote: Quote, *, for_customer: bool = False) -> bytes:
    """Return a ZIP file: PDFs, the frozen texts, the certificate and the chain as JSON, and the letters.

    A customer gets no letters to the seller, and not what editors noted for themselves. No letter holds a token or a
    code: those are put in at delivery.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in _files(quote, for_customer):
            pack.writestr(zipfile.ZipInfo(name, THEN), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def problems(quote: Quote) -> list[str]:
    """Return what of the evidence is not whole, as codes with what they concern; empty where all of it fits."""
    return list(_problems(quote))


def _files(quote: Quote, for_customer: bool) -> Iterator[tuple[str, bytes]]:
    document, agreement = quote.paper, _agreement_of(quote)
    for rendition in document.renditions.filter(kind__in=NAMES).order_by("kind", "revision"):
        yield NAMES[rendition.kind], _content(rendition)
    yield "quote.json", document.text.encode()
    if agreement is not None:
        yield "agreement.json", agreement.text.encode()
        yield "certificate.json", _json(certificates.data_of(agreement, for_customer=for_customer))
        if agreement.file:
            with agreement.file.open("rb") as file:
                yield f"acceptance/{envelopes.file_name(str(agreement.file.name).rpartition('/')[2])}", file.read()
    else:
        yield "steps.json", _json([_row(step) for step in quote.steps.order_by("number")])
    for letter in _letters(quote, for_customer):
        yield f"letters/{letter.pk}-{letter.kind}.txt", _as_text(letter)


def _letters(quote: Quote, for_customer: bool) -> Iterator[Letter]:
    rows = Letter.objects.filter(document=quote.document).exclude(kind="test").order_by("pk")
    return iter(rows.exclude(Q(kind__startswith="owner_") | Q(kind="question")) if for_customer else rows)


def _as_text(letter: Letter) -> bytes:
    sent = letter.sent_at.isoformat() if letter.sent_at else letter.get_state_display()
    head = [f"To: {', '.join(letter.to)}", f"Cc: {', '.join(letter.cc)}", f"Subject: {letter.subject}"]
    return "\n".join([*head, f"Date: {sent}", f"Message-ID: {letter.message_id}", "", letter.text]).encode()


def _problems(quote: Quote) -> Iterator[str]:
    document, agreement = quote.paper, _agreement_of(quote)
    if snapshot.digest(document.text) != document.sha256:
        yield "quote_text"
    if broken := evidence.broken_at(quote):
        yield f"step {broken}"
    for rendition in document.renditions.order_by("pk"):
        if not _is_whole(rendition):
            yield f"file {rendition.kind}"
    if agreement is not None:
        yield from _agreement_problems(quote, agreement)
    yield from _step_problems(quote)


def _agreement_problems(quote: Quote, agreement: Agreement) -> Iterator[str]:
    if snapshot.digest(agreement.text) != agreement.sha256:
        yield "agreement_text"
        return
    document = agreement.frozen
    if (document.net, document.tax, document.gross) != (agreement.net, agreement.tax, agreement.gross):
        yield "agreement_totals"
    if not adds_up(document):
        yield "agreement_sum"
    if agreement.terms_sha256 != (text_digest(document.terms) if document.terms else ""):
        yield "terms"
    step = quote.steps.filter(kind__in=["signed", "accepted"]).order_by("number").first()
    try:
        facts = agreements.facts_of(agreement)
    except OSError:
        yield "file acceptance"
        return
    if step is None or json.loads(step.data) != facts:
        yield "agreement_step"


def _step_problems(quote: Quote) -> Iterator[str]:
    """What became of it must be a step, and what was written must be what the steps say: none more, none less."""
    if quote.state != QuoteState.SENT and not quote.steps.filter(kind=quote.state).exists():
        yield f"no step {quote.state}"
    texts = {
        "question": quote.questions.filter(is_answer=False).order_by("pk").values_list("text", flat=True),
        "answer": quote.questions.filter(is_answer=True).order_by("pk").values_list("text", flat=True),
        "withdrawn": Withdrawal.objects.filter(quote=quote).values_list("statement", flat=True),
    }
    for kind, written in texts.items():
        told = quote.steps.filter(kind=kind).order_by("number").values_list("data", flat=True)
        if [json.loads(data).get("sha256") for data in told] != [text_digest(text) for text in written]:
            yield f"text {kind}"


def _agreement_of(quote: Quote) -> Agreement | None:
    return Agreement.objects.select_related("quote__document").filter(quote=quote).first()


def _is_whole(rendition: Rendition) -> bool:
    try:
        return bytes_digest(_content(rendition)) == rendition.sha256
    except OSError:
        return False


def _content(rendition: Rendition) -> bytes:
    with rendition.file.open("rb") as file:
        content: bytes = file.read()
    return content


def _row(step: QuoteStep) -> dict[str, object]:
    return {"number": step.number, "kind": step.kind, "at": step.as_core().at, "data": step.data, "sha256": step.sha256}


def _json(data: object) -> bytes:
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False).encode()
