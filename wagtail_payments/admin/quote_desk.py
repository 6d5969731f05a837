"""The desk of a quote: what was offered, what became of it and how that is proven, and what can be done now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from wagtail_payments.actions import agreements, evidence, quote_papers, quotes
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.desk_verbs import Verb
from wagtail_payments.admin.permissions import POLICIES, allowed
from wagtail_payments.admin.places import QUOTES, quote_url
from wagtail_payments.admin.printed import printed
from wagtail_payments.admin.quote_billing import billing_of, verb_of
from wagtail_payments.admin.quote_verbs import TEMPLATES, QuoteVerb
from wagtail_payments.admin.quote_withdrawal import withdrawal_of
from wagtail_payments.admin.quote_words import tag_of_quote
from wagtail_payments.admin.timeline import Moment, lettered, logged, opened
from wagtail_payments.core import plans, totals
from wagtail_payments.core.lifecycle import QuoteEvent, QuoteState
from wagtail_payments.core.snapshot import Document
from wagtail_payments.records.agreements import Agreement, QuoteStep
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Opening
from wagtail_payments.records.quotes import Quote

# What is told of a step, and in which order; the rest of its row says how, and keys and hashes tell nobody anything.
FACTS_FIRST = ("name", "role", "email", "gross", "on")
FACTS_UNTOLD = frozenset({"how", "code", "version"})
MOST_LETTERS = 200


class DeskView(QuoteVerb):
    """Where a quote opens. A draft goes on to its editor, for those who may edit."""

    template_name = f"{TEMPLATES}/desk.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the quote."""
        if POLICIES[Quote].user_has_permission_for_instance(request.user, "change", self.quote):
            return redirect(quote_url("edit", pk))
        verbs = list(verbs_of(self.quote, request.user, self.now))
        verbs += filter(None, [verb_of(self.quote, request.user)])
        agreement = Agreement.objects.filter(quote=self.quote).select_related("by").first()
        today = self.quote.seller.today(self.now)
        context = self.get_context_data(
            tag=tag_of_quote(self.quote, today),
            agreement=agreement,
            moments=timeline_of_quote(self.quote),
            versions=self.quote.versions().select_related("document", "seller").defer("document__text"),
            questions=self.quote.questions.select_related("by"),
            verbs=[verb for verb in verbs if not verb.why_not],
            impossible=[verb for verb in verbs if verb.why_not],
            may_answer=allowed(request.user, "send_quote") and not self.quote.is_draft,
            **billing_of(self.quote, agreement, request.user, today),
            **withdrawal_of(self.quote, request.user),
            **printed(self._document()),
            **self._evidence(),
        )
        return self.render_to_response(context)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """This is the quote's own page."""
        return [*super().get_breadcrumbs_items()[:-2], {"url": "", "label": str(self.quote)}]

    def get_page_title(self) -> str:
        """What the page is about."""
        return _("Quote")

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where one may go from here."""
        context = super().get_context_data(**options)
        if allowed(self.request.user, "history_quote"):
            context["history_url"] = reverse(f"{QUOTES}:history", args=(self.quote.pk,))
        return context

    def _document(self) -> Document | None:
        """What is printed; a draft is drawn up as it stands, if it adds up."""
        if self.quote.document is not None:
            return self.quote.document.frozen
        try:
            return quote_papers.document_of(quote=self.quote, now=self.now)
        except (totals.CannotAddUp, plans.PlanProblem):
            return None

    def _evidence(self) -> dict[str, Any]:
        if self.quote.is_draft:
            return {"steps": [], "broken_at": 0}
        steps = self.quote.steps.select_related("by").order_by("number")
        told = [(step, facts_of(step, self.quote.currency)) for step in steps]
        return {"steps": told, "broken_at": evidence.broken_at(self.quote)}


def facts_of(step: QuoteStep, currency: str) -> str:
    """Return what is known of a step, in one line: hashes are long and stand in the evidence itself."""
    known = json.loads(step.data)
    names = [*(name for name in FACTS_FIRST if name in known), *(name for name in known if name not in FACTS_FIRST)]
    texts = [_in_words(name, known[name], currency) for name in names]
    return " · ".join(text for text in texts if text and len(text) < MOST_LETTERS)


def _in_words(name: str, value: Any, currency: str) -> str:
    """A fact as a person reads it; no words for what is not told."""
    if name in FACTS_UNTOLD or name.endswith("sha256"):
        return ""
    if name == "gross":
        return in_words(value, currency)
    if name == "on":
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def timeline_of_quote(quote: Quote) -> list[Moment]:
    """Return the moments of a quote, newest first."""
    moments = list(logged(quote))
    if quote.document_id is not None:
        letters: QuerySet[Letter] = Letter.objects.filter(document=quote.document_id).order_by("-pk")
        moments += [*lettered(letters), *opened(Opening.objects.filter(link__document=quote.document_id))]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def verbs_of(quote: Quote, user: Any, now: Any) -> Iterator[Verb]:
    """Yield the verbs this user may know of, in the order of use."""
    pk = quote.pk
    if quote.is_draft:
        yield Verb(_("Review"), quote_url("review", pk), "check", is_primary=True)
    elif allowed(user, "send_quote"):
        yield Verb(_("Send again"), quote_url("compose", pk), "mail", _refusal_to_send(quote, now))
    if not quote.is_draft:
        yield Verb(_("Download PDF"), quote_url("pdf", pk), "download")
    if not quote.is_draft and allowed(user, "send_quote"):
        yield from _answers(quote)
    if not quote.is_draft and allowed(user, "add_quote"):
        why = quotes.refusal(QuoteState(quote.state), QuoteEvent.SUPERSEDE)
        label = _("Extend or change: new version")
        yield Verb(label, quote_url("revise", pk), "edit", why)
    if allowed(user, "add_quote"):
        yield Verb(_("Duplicate"), quote_url("duplicate", pk), "copy")
    if not quote.is_draft and (allowed(user, "change_quote") or allowed(user, "delete_quote")):
        yield Verb(_("Edit or delete"), "", "edit", str(Quote.frozen_error()))


def _answers(quote: Quote) -> Iterator[Verb]:
    pk, state = quote.pk, QuoteState(quote.state)
    yield Verb(_("Link for the customer"), quote_url("link", pk), "link")
    yield Verb(_("Accepted by phone or on paper"), quote_url("accept", pk), "check", why_not_accepted(quote))
    yield Verb(
        _("Declined by the customer"),
        quote_url("decline", pk),
        "cross",
        quotes.refusal(state, QuoteEvent.DECLINE),
    )
    yield Verb(_("Cancel the quote"), quote_url("cancel", pk), "bin", quotes.refusal(state, QuoteEvent.CANCEL))


def _refusal_to_send(quote: Quote, now: Any) -> str:
    try:
        quotes.refuse_unless_live(quote=quote, now=now)
    except QuoteRefused as error:
        return str(error)
    return ""


def why_not_accepted(quote: Quote) -> str:
    """Say why an editor's word does not count for this quote now, or nothing."""
    return quotes.refusal(QuoteState(quote.state), QuoteEvent.ACCEPT) or agreements.refused_by_rule(quote)
