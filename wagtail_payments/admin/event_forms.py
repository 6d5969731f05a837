"""The form of an event, with its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.staticfiles import versioned_static

from wagtail_payments.admin import styles
from wagtail_payments.admin.event_parts import PartForm
from wagtail_payments.admin.moment_field import MomentField, OnTheClock, zone_of
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.row_forms import staying
from wagtail_payments.admin.seller_form import time_zones
from wagtail_payments.admin.selling_form import SellingForm
from wagtail_payments.admin.translated_form import TranslatedForm, site_languages
from wagtail_payments.admin.vat_choice import tell_vat_problems
from wagtail_payments.core import money
from wagtail_payments.records.events import Question
from wagtail_payments.records.registrations import Registration, Seat

PRICED = {"ticket_types": ("price", "early_price"), "discount_codes": ("amount",)}
ANNOUNCED = frozenset({"starts_at", "ends_at", "time_zone", "place", "address", "online_url"})


class EventForm(SellingForm, OnTheClock, TranslatedForm, WagtailAdminModelForm):
    """An event. Every time on it is typed and shown on the clock of the event's own time zone."""

    translated = ("name", "place", "address")
    language = forms.ChoiceField(label=_("Language"), choices=lambda: list(site_languages().items()))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("All times on this page are those of its clocks.")
    )
    starts_at = MomentField(label=_("Begins"))
    ends_at = MomentField(label=_("Ends"))
    opens_at = MomentField(label=_("Registration opens"), required=False)
    closes_at = MomentField(
        label=_("Registration closes"), required=False, help_text=_("At the latest when the event begins.")
    )
    deposit_percent = DecimalAnyMark(
        label=_("Deposit, %"),
        max_digits=5,
        decimal_places=2,
        required=False,
        help_text=_("Paid when registering. Leave empty where the whole price is."),
    )
    cancellation_fee = DecimalAnyMark(label=_("Fee after that, %"), max_digits=5, decimal_places=2, required=False)

    class Media:
        js = (versioned_static("wagtail_payments/admin/invoice_editor.js"),)
        css = {"all": (styles.SHEET,)}

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        self._checked = False
        self.kept: list[str] = []
        if data is not None:
            data = self._without_refused_deletions(data)
        super().__init__(data, *args, **options)
        self.offer_sites()
        if self.instance.pk and self.instance.registrations.exists():
            self.fields.pop("site", None)  # its currency and its books are those of who sold
        self.set_clock(self.zone)
        self.offer_translations(self.written_in)
        tickets = self.formsets.get("ticket_types")
        if tickets is not None and not self.is_bound and not tickets.initial_form_count():
            tickets.extra = 1

    @property
    def zone(self) -> tzinfo | None:
        """The clock that is typed by: the zone chosen on this very form."""
        typed = self.data.get(self.add_prefix("time_zone"), "") if self.is_bound else ""
        return zone_of(typed) or zone_of(self.instance.time_zone)

    @property
    def written_in(self) -> str:
        """The language of the texts themselves."""
        typed = self.data.get(self.add_prefix("language"), "") if self.is_bound else ""
        return typed or str(self.instance.language)

    def _without_refused_deletions(self, data: Any) -> Any:
        """What was sold or answered stays on the form, where one then reads why."""
        kept = data.copy()
        for prefix, names in (("ticket_types", _sold), ("questions", _answered)):
            wanted = {
                name: data.get(name.removesuffix("DELETE") + "id")
                for name in data
                if name.startswith(f"{prefix}-") and name.endswith("-DELETE") and data.get(name)
            }
            found = names([key for key in wanted.values() if key and key.isdecimal()])
            for name, key in wanted.items():
                if key in found:
                    kept[name] = ""
                    self.kept.append(found[key])
        return kept

    def clean_cancellation_fee(self) -> Any:
        """No fee is none."""
        return self.cleaned_data["cancellation_fee"] or 0

    def clean(self) -> dict[str, Any]:
        """Take the seller of the chosen site, and say what can't be deleted."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.take_seller()
        for sentence in self.kept:
            self.add_error(None, sentence)
        return data

    def _post_clean(self) -> None:
        super()._post_clean()
        self.instance.translations = self.translations()

    def is_valid(self) -> bool:
        """Is every field right, and is there something to sell, with a VAT that exists?"""
        valid = bool(super().is_valid())
        if not self._checked:
            self._checked = True
            self._check_tickets()
            self._check_decimals()
        return valid and not self.errors and not any(form.errors for name in PRICED for form in self.part_forms(name))

    def part_forms(self, name: str) -> Iterator[PartForm]:
        """Yield the forms of the ticket types, or of other parts, that stay."""
        return staying(self.formsets.get(name))

    def _check_tickets(self) -> None:
        tickets = list(self.part_forms("ticket_types"))
        if not tickets:
            self.add_error(None, _("Add at least one ticket type, also where the event is free."))
        if self.seller is not None:
            tell_vat_problems(tickets, self.seller)

    def _check_decimals(self) -> None:
        """Refuse a price that could not be charged as it is shown."""
        if self.seller is None:
            return
        for name, fields in PRICED.items():
            for form in self.part_forms(name):
                _refuse_decimals(form, fields, self.seller.currency)

    @property
    def changes_time_or_place(self) -> bool:
        """Was something changed that those who come should hear of?"""
        return bool(ANNOUNCED & set(self.changed_data))


def _refuse_decimals(form: PartForm, fields: Sequence[str], currency: str) -> None:
    for name in fields:
        amount = form.cleaned_data.get(name)
        if amount is not None and amount != money.rounded_to(amount, currency):
            form.add_error(name, _decimals_of(currency))


def _decimals_of(currency: str) -> str:
    digits = money.exponent(currency)
    if not digits:
        return gettext("Write a whole number: %(currency)s has no decimals.") % {"currency": currency}
    said = {"currency": currency, "digits": digits}
    return gettext("Write no more than %(digits)d decimals: %(currency)s has no smaller unit.") % said


def _sold(keys: list[str]) -> dict[str, str]:
    """Which of these ticket types somebody has a seat of, with the sentence that says why they stay."""
    seats = Seat.objects.filter(ticket_type__in=[int(key) for key in keys]).order_by()
    rows = seats.values_list("ticket_type", "ticket_type__name")
    sentence = gettext(
        "“%(name)s” has been sold, so it can't be deleted. Tick “no longer sold” to sell no more of them."
    )
    return {str(key): sentence % {"name": name} for key, name in rows.distinct()}


def _answered(keys: list[str]) -> dict[str, str]:
    """Which of these questions somebody has answered, with the sentence that says why they stay."""
    sentence = gettext(
        "“%(name)s” has been answered, so it can't be deleted: the answers would lose their question. "
        "Tick “no longer asked” to ask it no more."
    )
    questions = Question.objects.filter(pk__in=keys)
    found = {}
    for question in questions:
        of = Registration.objects.filter(event=question.event_id)
        rows = Seat.objects.filter(event=question.event_id) if question.of_each else of
        if any(answers.get(question.key) for answers in rows.values_list("answers", flat=True).iterator()):
            found[str(question.pk)] = sentence % {"name": question.label}
    return found
