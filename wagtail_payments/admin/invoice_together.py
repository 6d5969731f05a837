"""The link by which an invoice is paid together with others, to be passed on, renewed or ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import links as link_actions
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb
from wagtail_payments.admin.places import together_url
from wagtail_payments.mail import links
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link
from wagtail_payments.records.payment_requests import PaymentRequest


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


class _OfRequest(InvoiceVerb):
    """A page about what an invoice is asked for together with; those of other invoices look like missing ones."""

    permissions = ("issue_invoice",)

    def records(self) -> Any:
        """The invoice, if it is one of those."""
        return super().records().filter(payment_requests=self.kwargs["request_pk"])

    @property
    def link(self) -> Link:
        """The link of the request."""
        rows = Link.objects.select_related("site", "payment_request")
        return rows.get(payment_request=self.kwargs["request_pk"])


class TogetherView(_OfRequest):
    """The link, to be passed on by another way than e-mail."""

    page_title = _("Link to pay together")
    template_name = "wagtail_payments/admin/invoices/link.html"

    def get(self, request: HttpRequest, pk: int, request_pk: int) -> HttpResponseBase:
        """Show it; who has it can see what is due on these invoices, and pay it."""
        link = self.link
        asked = PaymentRequest.objects.get(pk=request_pk)
        context = self.get_context_data(
            together=", ".join(sorted(one.number for one in asked.invoices.select_related("document"))),
            url="" if link.revoked_at else links.url_of(link),
            renew_url=together_url("together_renew", pk, request_pk),
            revoke_url=together_url("together_revoke", pk, request_pk),
            openings=link.openings.order_by("-at")[:5],
        )
        return self.render_to_response(context)


class _LinkVerb(ConfirmedVerb, _OfRequest):
    """A change of that link."""

    is_serious = True

    def get(self, request: HttpRequest, pk: int, request_pk: int) -> HttpResponseBase:  # type: ignore[override]
        """Ask."""
        return super().get(request, pk)

    def post(self, request: HttpRequest, pk: int, request_pk: int) -> HttpResponseBase:  # type: ignore[override]
        """Do it."""
        return super().post(request, pk)


class RenewTogetherView(_LinkVerb):
    """The next link; every earlier one dies."""

    page_title = _("Renew the link")
    button = _("Make a new link")

    def question(self) -> str:
        """Say what dies."""
        return gettext("Every link to pay these invoices together that was sent so far stops working.")

    def perform(self) -> HttpResponseBase:
        """Renew, and show the new link."""
        link_actions.renew(link=self.link, by=self.person, now=self.now)
        return redirect(together_url("together", self.invoice.pk, self.kwargs["request_pk"]))


class RevokeTogetherView(_LinkVerb):
    """The end of the link."""

    page_title = _("Revoke the link")
    button = _("End the link")

    def question(self) -> str:
        """Say what ends, and what does not."""
        return gettext(
            "The customer can no longer pay these invoices together. The link of each invoice still opens it. "
            "You can make a new link later."
        )

    def perform(self) -> HttpResponseBase:
        """Revoke it."""
        link_actions.revoke(link=self.link, by=self.person, now=self.now)
        return self.done(gettext("The link no longer opens these invoices."))
