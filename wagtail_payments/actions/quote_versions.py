"""New drafts from a quote: its next version, the same for longer, or a fresh one alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments.actions import journal
from wagtail_payments.actions.quotes import QuoteRefused, refusal, store_totals
from wagtail_payments.core.lifecycle import QuoteEvent, QuoteState
from wagtail_payments.records.guards import lock
from wagtail_payments.records.quotes import PlanStep, Quote, QuoteAttachment, QuoteLine

COPIED = (
    "seller", "site", "customer", "event", "title", "language", "currency", "order_reference", "nature",
    "discount_percent", "discount_amount", "custom_fields", "memo", "other_mentions", "terms", "deposit_term",
    "no_withdrawal",
)  # fmt: skip
COPIED_LINE = (
    "sort_order", "item", "description", "quantity", "unit", "unit_price", "price_includes_vat", "discount_percent",
    "discount_amount", "vat_category", "vat_rate", "vat_reason", "is_optional", "least", "most",
)  # fmt: skip
COPIED_STEP = ("sort_order", "label", "percent", "amount", "moment", "on")


class DraftStands(QuoteRefused):
    """The quote has a draft of its next version already: ``draft``."""

    def __init__(self, draft: Quote) -> None:
        super().__init__(_("There is already a draft of the next version. Go on with that one."))
        self.draft = draft


def revise(*, quote_id: int, by: Any, now: datetime) -> Quote:
    """Make the next version as a draft; this one stays in force until that is sent.

    Raises ``DraftStands``, or ``QuoteRefused`` for what is agreed, cancelled or replaced.
    """
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        if why := refusal(QuoteState(quote.state), QuoteEvent.SUPERSEDE):
            raise QuoteRefused(why)
        newest: Quote = quote.versions().latest("version")
        if newest.is_draft:
            raise DraftStands(newest)
        draft = _copy(quote, by, family=quote.family, version=newest.version + 1)
        journal.note(draft, "quote_revised", now=now, by=by, data={"from": quote.number})
    return draft


def duplicate(*, quote: Quote, by: Any, now: datetime) -> Quote:
    """Make a fresh draft alike: another quote with a number of its own."""
    with transaction.atomic():
        draft = _copy(quote, by)
        journal.note(draft, "duplicate", now=now, by=by, data={"from": quote.number or _("a draft")})
    return draft


def _copy(quote: Quote, by: Any, **version: Any) -> Quote:
    """A date of validity is not copied: the new one is valid from today, for as long as the seller's usually are."""
    days = quote.valid_days if quote.valid_days is not None else quote.seller.quote_days
    draft = Quote(**{name: getattr(quote, name) for name in COPIED}, valid_days=days, created_by=by, **version)
    draft.lines.set([QuoteLine(**{name: getattr(line, name) for name in COPIED_LINE}) for line in quote.lines.all()])
    draft.plan.set([PlanStep(**{name: getattr(step, name) for name in COPIED_STEP}) for step in quote.plan.all()])
    draft.attachments.set([QuoteAttachment(file=kept.file.name, name=kept.name) for kept in quote.attachments.all()])
    store_totals(quote=draft)
    draft.save()
    return draft
