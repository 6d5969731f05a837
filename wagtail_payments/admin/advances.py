"""A deposit without an order: asked of a customer, taken later by the draft of the whole, or let go again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_payments import ports
from wagtail_payments.actions import advances
from wagtail_payments.actions.deposits import DepositRefused
from wagtail_payments.admin.advance_form import AdvanceForm
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.permissions import allowed, may_see
from wagtail_payments.admin.places import INVOICES, invoice_url
from wagtail_payments.admin.selling_sites import fresh
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.invoices import Invoice

SELLER_FORM = "wagtail_payments_seller:open"


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class NewDepositView(WagtailAdminTemplateMixin, View):
    """A form, then the draft of the deposit invoice, to be reviewed."""

    page_title = _("Ask for a deposit")
    header_icon = "doc-full"
    template_name = "wagtail_payments/admin/invoices/deposit_new.html"

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Ask the permission; without a seller there is nothing to ask in the name of."""
        if not allowed(request.user, "add_invoice"):
            raise PermissionDenied
        if fresh(Invoice, request).seller_id is None:
            messages.warning(request, gettext("First say who you are: invoices are made out in your name."))
            return redirect(SELLER_FORM)
        return super().dispatch(request, *args, **options)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the list of invoices, this page."""
        home = super().get_breadcrumbs_items()
        here = {"url": "", "label": self.page_title}
        return [*home, {"url": reverse_lazy(f"{INVOICES}:list"), "label": _("Invoices")}, here]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form, for the customer whose page one comes from."""
        chosen = request.GET.get("customer", "")
        customer = Customer.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
        draft = fresh(Invoice, request)
        if customer is not None and may_see(request.user, Customer):
            draft.customer = customer
        draft.due_days = 0
        return self._shown(AdvanceForm(instance=draft, initial={"form_key": ports.new_id()}))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make the draft; the same form twice makes one."""
        form = AdvanceForm(request.POST, instance=fresh(Invoice, request))
        if not form.is_valid():
            return self._shown(form)
        try:
            made = advances.ask(
                draft=form.draft(),
                shares=form.shares(),
                term=form.term_of(),
                by=request.user,
                now=ports.now(),
                form_key=form.cleaned_data["form_key"],
            )
        except DepositRefused as error:
            form.add_error(None, str(error))
            return self._shown(form)
        messages.success(request, gettext("The deposit is a draft now. Review it, then issue and send it."))
        return redirect(invoice_url("review", made.pk))

    def _shown(self, form: AdvanceForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form))


class TakeView(InvoiceVerb):
    """A draft deducts a deposit that waited for one."""

    http_method_names = ["post"]
    permissions = ("change_invoice",)

    def post(self, request: HttpRequest, pk: int, deposit_pk: int) -> HttpResponseBase:
        """Take it."""
        get_object_or_404(Invoice, pk=deposit_pk, deposit__isnull=False, customer=self.invoice.customer_id)
        return self._answered(advances.take, gettext("This draft deducts it now."), deposit_pk)

    def _answered(self, verb: Any, done: str, deposit_pk: int) -> HttpResponseBase:
        try:
            verb(contract_id=self.invoice.pk, deposit_id=deposit_pk, by=self.person, now=self.now)
        except DepositRefused as error:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, done)
        return redirect(invoice_url("deposits", self.invoice.pk))


class LetGoView(TakeView):
    """A draft lets a deposit wait for another one."""

    def post(self, request: HttpRequest, pk: int, deposit_pk: int) -> HttpResponseBase:
        """Let it go."""
        get_object_or_404(Invoice, pk=deposit_pk, deposit__isnull=False, customer=self.invoice.customer_id)
        return self._answered(advances.let_go, gettext("It waits for another draft now."), deposit_pk)
