"""The link by which an invoice is paid together with others, to be passed on, renewed or ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin import links
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb
from wagtail_payments.admin.places import together_url
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link


def requests_of(invoice: Invoice) -> list[dict[str, Any]]:
    """Return what an invoice is asked for together with: the numbers, and where the link is."""
    rows = invoice.payment_requests.select_related("link").prefetch_related("invoices__document").order_by("-pk")[:10]
    return [
        {
            "numbers": ", ".join(sorted(one.number for one in row.invoices.all())),
            "url": together_url("together", invoice.pk, row.pk),
            "is_ended": row.link.revoked_at is not None,
        }
        for row in rows
    ]


class _OfRequest(links.AboutLink, InvoiceVerb):
    """A page about what an invoice is asked for together with; those of other invoices look like missing ones."""

    permissions = ("issue_invoice",)
    none_yet = ""  # only what was issued is asked for together
    request_pk = 0

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Take the key of the request out of the address."""
        self.request_pk = options.pop("request_pk")
        return super().dispatch(request, *args, **options)

    def records(self) -> Any:
        """The invoice, if it is one of those."""
        return super().records().filter(payment_requests=self.request_pk)

    def link(self) -> Link:
        """Return the link of the request."""
        return Link.objects.select_related("site", "payment_request").get(payment_request=self.request_pk)

    def place(self, name: str) -> str:
        """Return where that link is shown, renewed or ended."""
        return together_url(name.replace("link", "together"), self.invoice.pk, self.request_pk)


class TogetherView(_OfRequest, links.ShowsLink):
    """The link, to be passed on by another way than e-mail."""

    page_title = _("Link to pay together")
    template_name = "wagtail_payments/admin/invoices/together_link.html"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add what it is for; who has it can see what is due on these invoices, and pay it."""
        asked = Invoice.objects.filter(payment_requests=self.request_pk).select_related("document")
        return super().get_context_data(**options) | {"together": ", ".join(sorted(one.number for one in asked))}


class RenewTogetherView(_OfRequest, links.RenewsLink, ConfirmedVerb):
    """The next link; every earlier one dies."""

    def question(self) -> str:
        """Say what dies."""
        return gettext("Every link to pay these invoices together that was sent so far stops working.")


class RevokeTogetherView(_OfRequest, links.RevokesLink, ConfirmedVerb):
    """The end of the link."""

    ended = _("The link no longer opens these invoices.")

    def question(self) -> str:
        """Say what ends, and what does not."""
        return gettext(
            "The customer can no longer pay these invoices together. The link of each invoice still opens it. "
            "You can make a new link later."
        )
