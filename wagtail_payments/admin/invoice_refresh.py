"""Asking the provider how far a payment is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from wagtail_payments.actions import checkout
from wagtail_payments.actions.payments import Mismatch
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.gateways.model import GatewayError
from wagtail_payments.records.attempts import PaymentAttempt


class RefreshView(InvoiceVerb):
    """Ask about one try to pay; what the provider says is applied as its own message would be."""

    http_method_names = ["post"]
    shows_registered = True

    def post(self, request: HttpRequest, pk: int, attempt_pk: int) -> HttpResponseBase:
        """Ask, and tell what was answered."""
        attempt = get_object_or_404(PaymentAttempt, pk=attempt_pk, shares__invoice=self.invoice)
        try:
            attempt = checkout.ask(attempt=attempt, now=self.now)
        except (GatewayError, Mismatch):
            return self.refused(gettext("There was no answer that fits. The provider is asked again by itself."))
        return self.done(gettext("The provider says: %(state)s.") % {"state": attempt.get_state_display()})
