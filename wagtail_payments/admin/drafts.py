"""Making, changing and deleting drafts of invoices and of quotes. Each kind says what is its own.

A number is never taken here: that is a view of its own, after the save.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.snippets.views import snippets

from wagtail_payments.admin.editor_values import customer_values, item_values
from wagtail_payments.admin.invoice_instalments import divided
from wagtail_payments.admin.number_fields import shown_number
from wagtail_payments.admin.permissions import POLICIES, allowed, may_see
from wagtail_payments.admin.places import namespace_of, record_url
from wagtail_payments.admin.selling_sites import fresh
from wagtail_payments.admin.snippets import DeskViewSet
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.guards import IssuedIsFrozen, lock

SELLER_FORM = "wagtail_payments_seller:open"
REVIEW = "action-review"
TEMPLATES = "wagtail_payments/admin/invoices"


class _Saving:
    """Where one goes after a save: on to the review, or back to the form."""

    success_message = _("The draft has been saved.")
    error_message = _("The draft could not be saved. Look at the fields in red.")
    issuing: ClassVar[str]  # the permission by which the draft goes on from here

    model: Any
    form: Any
    object: Any
    request: HttpRequest

    def get_success_url(self) -> str:
        """Return the next page."""
        return record_url("review" if REVIEW in self.request.POST else "edit", self.object)

    def get_success_buttons(self) -> list[Any]:
        """No button: one is there already."""
        return []

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where totals are asked for, and where a catalogue item is read."""
        context: dict[str, Any] = super().get_context_data(**options)  # type: ignore[misc]
        draft, views = self.form.instance, namespace_of(self.model)
        return context | {
            "totals_url": record_url("totals", draft) if draft.pk else reverse(f"{views}:new_totals"),
            "item_url": reverse(f"{views}:item", args=(0,)),
            "customer_url": reverse(f"{views}:customer", args=(0,)),
            "usual_rate": shown_number(draft.seller.vat_rate),
            "may_issue": allowed(self.request.user, self.issuing),
        }


class DraftCreateView(_Saving, snippets.CreateView):
    """A new draft, with the seller's usual terms."""

    nobody_yet: Any  # said where there is no seller

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Without a seller there is nothing to write in the name of: go and fill it in."""
        if self.user_has_permission("add") and fresh(self.model, request).seller_id is None:
            messages.warning(request, self.nobody_yet)
            return redirect(SELLER_FORM)
        return super().dispatch(request, *args, **options)

    def get_initial_form_instance(self) -> Any:
        """Return a fresh draft, for the customer whose page one comes from."""
        draft = fresh(self.model, self.request)
        customer = self.chosen(Customer, "customer")
        if customer is not None:
            draft.customer, draft.language = customer, customer.language
        return draft

    def chosen(self, model: Any, name: str) -> Any:
        """Return the record whose key stands in the address under that name, if the user may see it."""
        key = self.request.GET.get(name, "")
        if not (key.isdecimal() and len(key) < 19 and may_see(self.request.user, model)):
            return None
        return model._default_manager.filter(pk=key).first()


class _Standing:
    """What changes or deletes a draft: of what was issued or sent it leads to the desk, with the reason."""

    model: Any
    request: HttpRequest

    def refused(self, draft: Any) -> HttpResponseBase:
        """Say why it stays as it is."""
        messages.info(self.request, str(self.model.frozen_error()))
        return redirect(record_url("desk", draft))

    def led_away(self, draft: Any) -> HttpResponseBase | None:
        """Return where one goes instead of on with a draft, or None to go on."""
        return None


class DraftEditView(_Standing, _Saving, snippets.EditView):
    """A draft. What was issued or sent goes to its desk, with the reason why it can't be edited."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for drafts only."""
        if may_see(request.user, self.model):
            draft = get_object_or_404(self.model.objects.only("document"), pk=self.object_pk)
            elsewhere = self.led_away(draft) if draft.is_draft else self.refused(draft)
            if elsewhere is not None:
                return elsewhere
        return super().dispatch(request, *args, **options)

    def save_instance(self) -> Any:
        """Save unless it was issued or sent meanwhile: the row is locked first."""
        (standing,) = lock(self.model, self.object.pk)
        if not standing.is_draft:
            raise self.model.frozen_error()
        return super().save_instance()

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        """Save; what was issued or sent in another window is left as it is."""
        try:
            return super().form_valid(form)
        except IssuedIsFrozen:
            return self.refused(self.object)

    def get_history_url(self) -> str | None:
        """The history has a permission of its own."""
        return super().get_history_url() if self.user_has_permission("history") else None


class DraftDeleteView(_Standing, snippets.DeleteView):
    """Delete a draft; what was issued or sent stays for ever."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer for drafts only."""
        if self.user_has_permission("delete"):
            elsewhere = self.led_away(self.object) if self.object.is_draft else self.refused(self.object)
            if elsewhere is not None:
                return elsewhere
        return super().dispatch(request, *args, **options)


class DraftHistoryView(snippets.HistoryView):
    """What was done to a record; a permission of its own."""

    any_permission_required = None
    permission_required = "history"

    @property
    def header_buttons(self) -> list[Any]:
        """No button: the breadcrumb leads back."""
        return []


class DraftPreviewView(snippets.PreviewOnCreateView):
    """The preview of a draft that was never saved."""

    def get_object(self) -> Any:
        """Return a fresh draft to show what was typed on."""
        return _of_a_seller(fresh(self.model, self.request))


def _of_a_seller(draft: Any) -> Any:
    if draft.seller_id is None:
        raise Http404
    return draft


class TotalsView(View):
    """The totals of what is typed so far, as a piece of HTML. Saves nothing."""

    http_method_names = ["post"]
    model: Any = None
    form_class: Any = None

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Add up the lines that can be read."""
        draft = self._draft(request, pk)
        form = self.form_class(request.POST, instance=draft, for_user=request.user)
        added = form.totals_as_typed()
        context = {"totals": added, "currency": draft.currency} | divided(form, added)
        return render(request, f"{TEMPLATES}/totals.html", context)

    def _draft(self, request: HttpRequest, pk: int | None) -> Any:
        if not POLICIES[self.model].user_has_permission(request.user, "add" if pk is None else "change"):
            raise PermissionDenied
        return _of_a_seller(
            fresh(self.model, request) if pk is None else get_object_or_404(self.model, pk=pk, document=None)
        )


class DraftViewSet(DeskViewSet):
    """Everything about documents that begin as a draft: the list, the editor, the desk and the verbs."""

    history_view_class = DraftHistoryView
    preview_on_add_view_class = DraftPreviewView
    create_template_name = f"{TEMPLATES}/create.html"
    edit_template_name = f"{TEMPLATES}/edit.html"
    search_fields = ["document__number", "customer__name", "customer__email", "title", "order_reference"]
    ordering = "-pk"

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add what the editor asks for while one types."""
        model = {"model": self.model}
        totals = TotalsView.as_view(form_class=self.get_form_class(), **model)
        return [
            *super().get_urlpatterns(),
            path("totals/", totals, name="new_totals"),
            path("totals/<int:pk>/", totals, name="totals"),
            path("item/<int:pk>/", item_values, model, name="item"),
            path("customer/<int:pk>/", customer_values, model, name="customer"),
        ]
