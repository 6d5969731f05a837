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

from wagtail_payments import ports
from wagtail_payments.admin.invoice_list import DayColumn, MoneyColumn, NumberTitleColumn, StatusColumn
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import QUOTES, quote_desk_url
from wagtail_payments.admin.quote_words import tag_of_quote
from wagtail_payments.admin.record_list import Choice, RecordIndexView
from wagtail_payments.admin.selling_sites import today_here
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
        return queryset.with_status(QuoteStatus(value), today_here(self.request))

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


class QuoteIndexView(RecordIndexView):
    """The list; newest first."""

    add_item_label = _("Add quote")

    def get_base_queryset(self) -> QuerySet[Quote]:
        """Everything a row needs, in one query."""
        return self.seen().select_related("customer", "document", "seller").defer("document__text")

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

    def choices(self, record: Quote) -> list[Choice]:
        """What can be done with one quote."""
        user, draft = self.request.user, record.is_draft
        return [
            Choice(draft and allowed(user, "change_quote"), _("Edit"), "edit", "edit"),
            Choice(not draft, _("Open"), "desk", "doc-full"),
            Choice(allowed(user, "send_quote"), _("Send…"), "compose", "mail"),
            Choice(not draft, _("Download PDF"), "pdf", "download"),
            Choice(allowed(user, "add_quote"), _("Duplicate"), "duplicate", "copy"),
            Choice(draft and allowed(user, "delete_quote"), _("Delete"), "delete", "bin"),
        ]

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add what the empty list says to do first."""
        context: dict[str, Any] = super().get_context_data(*args, **options)
        context["new_customer_url"] = reverse("wagtail_payments_customer:add")
        context["new_quote_url"] = reverse(f"{QUOTES}:add")
        return context
