"""The verbs about one quote: reviewed, sent, revised, copied, taken back, and its link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import quote_versions, quotes
from wagtail_payments.actions.quotes import ClockWentBack, QuoteNotReady, QuoteRefused
from wagtail_payments.admin import links
from wagtail_payments.admin.compose_form import ComposeForm, QuoteComposeForm
from wagtail_payments.admin.composing import Composing
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import QUOTES, quote_desk_url, quote_url
from wagtail_payments.admin.record_verbs import Asking, RecordVerb
from wagtail_payments.admin.reviews import has_errors, reviewed
from wagtail_payments.mail import quotes as letters
from wagtail_payments.records.quotes import Quote

TEMPLATES = "wagtail_payments/admin/quotes"
REFUSALS = (QuoteRefused, ClockWentBack)


class QuoteVerb(RecordVerb):
    """A page or a verb about one quote."""

    model = Quote
    header_icon = "form"

    @property
    def quote(self) -> Any:
        """The quote."""
        return self.record

    def records(self) -> Any:
        """Return the quotes to look in."""
        return Quote.objects.select_related("customer", "document", "seller", "site", "event")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the list, the quote, this page."""
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse_lazy(f"{QUOTES}:list"), "label": _("Quotes")},
            {"url": quote_desk_url(self.quote.pk), "label": str(self.quote)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add the quote."""
        return super().get_context_data(**options) | {"quote": self.quote, "currency": self.quote.currency}

    @property
    def desk_url(self) -> str:
        """Where the quote is."""
        return quote_desk_url(self.quote.pk)


class ConfirmedQuoteVerb(Asking, QuoteVerb):
    """A verb that asks first, in one sentence that says what will happen."""

    template_name = "wagtail_payments/admin/invoices/confirm.html"


class ReviewView(QuoteVerb):
    """What still stands in the way of sending it."""

    page_title = _("Review")
    template_name = f"{TEMPLATES}/review.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show errors and warnings in words; a quote that was sent goes to its desk."""
        if not self.quote.is_draft:
            return self.to_desk()
        rows = reviewed(quotes.review(quote=self.quote, now=self.now), self.quote, request.user)
        context = self.get_context_data(
            **rows,
            totals=None if rows["errors"] else self.quote.totals(),
            may_send=allowed(request.user, "send_quote"),
            mode=quotes.mode_of(self.quote.site),
        )
        return self.render_to_response(context)


class ComposeView(Composing, QuoteVerb):
    """The letter that brings the quote. Sending a draft gives it its number."""

    page_title = _("Send")
    permissions = ("send_quote",)
    template_name = f"{TEMPLATES}/compose.html"
    form_class = QuoteComposeForm

    def unready(self) -> HttpResponseBase | None:
        """What can't be sent says why."""
        if self.quote.is_draft:
            found = quotes.review(quote=self.quote, now=self.now)
            return redirect(quote_url("review", self.quote.pk)) if has_errors(found) else None
        try:
            quotes.refuse_unless_live(quote=self.quote, now=self.now)
        except QuoteRefused as error:
            return self.refused(error)
        return None

    def first_words(self) -> dict[str, Any]:
        """Return the usual words of a quote."""
        subject, text = letters.default_quote_text(quote=self.quote, language=self.quote.language)
        return {"subject": subject, "text": text}

    def test(self, **words: Any) -> None:
        """Send subject and text to oneself."""
        quotes.send_test(quote=self.quote, by=self.person, now=self.now, **words)

    def send(self, form: ComposeForm) -> HttpResponseBase:
        """Send; a draft gets its number."""
        verb = quotes.send if self.quote.is_draft else quotes.send_again
        try:
            verb(quote_id=self.quote.pk, by=self.person, now=self.now, **form.letter())
        except QuoteNotReady:
            messages.warning(self.request, gettext("Not sent yet: something is missing. It is listed below."))
            return redirect(quote_url("review", self.quote.pk))
        except REFUSALS as error:
            return self.refused(error)
        return self.on_its_way(Quote.objects.select_related("document").get(pk=self.quote.pk).number, form)


class ReviseView(ConfirmedQuoteVerb):
    """The next version, as a draft."""

    page_title = _("Make a new version")
    permissions = ("add_quote",)
    button = _("Make a new version")

    def question(self) -> str:
        """Say what becomes of this one."""
        return gettext(
            "The new version begins as a draft with everything that stands here. This one stays in force until the "
            "new one is sent; from then on its link says that a newer version exists."
        )

    def perform(self) -> HttpResponseBase:
        """Make it, and open it."""
        try:
            draft = quote_versions.revise(quote_id=self.quote.pk, by=self.person, now=self.now)
        except quote_versions.DraftStands as standing:
            messages.info(self.request, str(standing))
            draft = standing.draft
        except QuoteRefused as error:
            return self.refused(error)
        return redirect(quote_url("edit", draft.pk))


class DuplicateView(ConfirmedQuoteVerb):
    """A fresh quote alike."""

    page_title = _("Duplicate")
    permissions = ("add_quote",)
    button = _("Make a draft like this one")

    def question(self) -> str:
        """Say what the copy takes over."""
        return gettext("A new draft with the same customer, lines and words. It becomes a quote with its own number.")

    def perform(self) -> HttpResponseBase:
        """Make it, and open it."""
        draft = quote_versions.duplicate(quote=self.quote, by=self.person, now=self.now)
        return redirect(quote_url("edit", draft.pk))


NO_LINK = _("A draft has no link yet. It gets one when it is sent.")


class LinkView(links.ShowsLink, QuoteVerb):
    """The link; who has it can read and answer the quote."""

    permissions = ("send_quote",)
    template_name = f"{TEMPLATES}/link.html"
    none_yet = NO_LINK


class RenewLinkView(links.RenewsLink, ConfirmedQuoteVerb):
    """The next link; every earlier one dies."""

    permissions = ("send_quote",)
    none_yet = NO_LINK

    def question(self) -> str:
        """Say what dies."""
        return gettext(
            "Every link sent so far stops working, also the one printed in the PDF. Send the quote again afterwards."
        )


class RevokeLinkView(links.RevokesLink, ConfirmedQuoteVerb):
    """The end of the link."""

    permissions = ("send_quote",)
    none_yet = NO_LINK
    ended = _("The link no longer opens the quote.")

    def question(self) -> str:
        """Say what ends."""
        return gettext(
            "The customer can no longer open this quote online, and the link printed in the PDF dies. "
            "You can make a new link later."
        )
