"""The list of quotes: to whom, for how much, and what became of them."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import IndexView

from wagtail_payments import ports
from wagtail_payments.admin.invoice_list import DayColumn, MoneyColumn, NumberTitleColumn, StatusColumn
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import QUOTES, quote_desk_url, quote_url
from wagtail_payments.admin.quote_words import tag_of_quote
from wagtail_payments.admin.selling_sites import current_site, seller_of
from wagtail_payments.core.lifecycle import QuoteState, QuoteStatus
from wagtail_payments.records.quotes import Quote, QuoteQuerySet, quote_statuses


class QuoteFilterSet(WagtailFilterSet):
    """By computed status, by the day it was sent and by the last day it is valid."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=quote_statuses, method="with_status", empty_label=_("Any but replaced ones")
    )
    document__issued_on = django_filters.DateFromToRangeFilter(label=_("Sent"), widget=DateRangePickerWidget)
    valid_until = django_filters.DateFromToRangeFilter(label=_("Valid until"), widget=DateRangePickerWidget)

    class Meta:
        model = Quote
        fields: list[str] = []

    def with_status(self, queryset: QuoteQuerySet, name: str, value: str) -> QuoteQuerySet:
        """Keep the quotes of a status, as of today where the seller is that the admin is used for."""
        site = current_site(self.request)
        seller = seller_of(site) if site is not None else None
        today = seller.today(ports.now()) if seller is not None else ports.now().date()
        return queryset.with_status(QuoteStatus(value), today)

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave out what a newer version has replaced, unless that is what is asked for."""
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("status") == QuoteStatus.SUPERSEDED:
            return found
        return found.exclude(state=QuoteState.SUPERSEDED)


class QuoteStatusColumn(StatusColumn):
    """The computed status as a tag."""

    def get_value(self, instance: Any) -> Any:
        """Return the tag."""
        return tag_of_quote(instance, instance.seller.today(ports.now()))


class QuoteIndexView(IndexView):
    """The list; newest first."""

    add_item_label = _("Add quote")

    def get_base_queryset(self) -> QuerySet[Quote]:
        """Everything a row needs, in one query."""
        seen = self.permission_policy.instances_user_has_any_permission_for(
            self.request.user, {"add", "change", "delete", "view"}
        )
        return seen.select_related("customer", "document", "seller").defer("document__text")

    def order_queryset(self, queryset: QuerySet[Quote]) -> QuerySet[Quote]:
        """Add the key, so that pages neither repeat nor leave out."""
        first = [self.ordering] if isinstance(self.ordering, str) and self.ordering else []
        return super().order_queryset(queryset).order_by(*first, "-pk")

    @cached_property
    def columns(self) -> list[Any]:
        """Number, customer, status, validity and total."""
        number = self._get_title_column_class(NumberTitleColumn)
        return [
            number(
                "number",
                label=_("Number"),
                accessor=lambda quote: quote.number or gettext("Draft"),
                get_url=lambda quote: quote_desk_url(quote.pk),
                sort_key="document__number",
            ),
            Column("customer", label=_("Customer"), sort_key="customer__name", classname="wp-wide"),
            QuoteStatusColumn("status", label=_("Status")),
            DayColumn(
                "issued_on",
                label=_("Sent"),
                accessor="document.issued_on",
                sort_key="document__issued_on",
                classname="wp-wide",
            ),
            DayColumn("valid_until", label=_("Valid until"), sort_key="valid_until", classname="wp-wide"),
            MoneyColumn("gross", label=_("Total"), sort_key="gross", classname="wp-amount"),
        ]

    def get_list_more_buttons(self, instance: Quote) -> list[Any]:
        """What can be done with one quote, behind the same menu."""
        user, draft = self.request.user, instance.is_draft
        choices = [
            (draft and allowed(user, "change_quote"), _("Edit"), "edit", "edit"),
            (not draft, _("Open"), "desk", "doc-full"),
            (allowed(user, "send_quote"), _("Send…"), "compose", "mail"),
            (not draft, _("Download PDF"), "pdf", "download"),
            (allowed(user, "add_quote"), _("Duplicate"), "duplicate", "copy"),
            (draft and allowed(user, "delete_quote"), _("Delete"), "delete", "bin"),
        ]
        return [
            Button(label, url=quote_url(name, instance.pk), icon_name=icon, priority=10 * place)
            for place, (shown, label, name, icon) in enumerate(choices)
            if shown
        ]

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add what the empty list says to do first."""
        context: dict[str, Any] = super().get_context_data(*args, **options)
        context["new_customer_url"] = reverse("wagtail_payments_customer:add")
        context["new_quote_url"] = reverse(f"{QUOTES}:add")
        return context
