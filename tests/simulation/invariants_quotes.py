"""What holds of quotes: what was sent or agreed stays as it was, and one version at most is in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.simulation.invariants import Books, Rules
from wagtail_payments.core import snapshot
from wagtail_payments.core.lifecycle import AGREED_QUOTE_STATES, LIVE_QUOTE_STATES, QuoteState
from wagtail_payments.models import Agreement, IssuedDocument, Quote


def _agreed_as_it_was(books: Books) -> Iterator[str]:
    for agreement in Agreement.objects.select_related("quote__document"):
        if snapshot.digest(agreement.text) != agreement.sha256:
            yield f"{agreement}: its text was changed"
        printed = snapshot.from_text(agreement.text)
        sums = (sum(row.base for row in printed.vat), sum(row.tax for row in printed.vat))
        if sums != (agreement.net, agreement.tax) or sum(sums) != agreement.gross:
            yield f"{agreement}: {agreement.gross} agreed, {sums} on its lines"
        if sum(line.net for line in printed.lines) != printed.lines_net:
            yield f"{agreement}: its lines do not add up"
        if QuoteState(agreement.quote.state) not in AGREED_QUOTE_STATES | {QuoteState.CANCELLED}:
            yield f"{agreement.quote} was agreed and is {agreement.quote.state}"
        on = agreement.quote.paper.issued_on
        if not on <= agreement.on <= (agreement.quote.valid_until or agreement.on):
            yield f"{agreement.quote} was agreed on {agreement.on}, out of its time"


def _one_version_in_force(books: Books) -> Iterator[str]:
    live = Quote.objects.filter(state__in=LIVE_QUOTE_STATES)
    for family, number in Counter(live.values_list("family", flat=True)).items():
        if number > 1:
            yield f"{family}: {number} versions in force"
    for quote in live.filter(state__in=AGREED_QUOTE_STATES):
        if not hasattr(quote, "agreement"):
            yield f"{quote} is agreed and nobody agreed"


def _versions_bear_one_number(books: Books) -> Iterator[str]:
    for quote in Quote.objects.exclude(state=QuoteState.DRAFT).select_related("document"):
        if quote.document is None or (quote.net, quote.tax) != (quote.paper.net, quote.paper.tax):
            yield f"{quote} differs from what is printed"
    sent = IssuedDocument.objects.filter(kind="quote").values_list("quote__family", "sequence")
    if len({family for family, _sequence in sent}) != len(set(sent)):
        yield f"{list(sent)}: versions of one quote with several numbers"


RULES: Rules = {
    "I24": _agreed_as_it_was,
    "I24, in force": _one_version_in_force,
    "I24, numbers": _versions_bear_one_number,
}
