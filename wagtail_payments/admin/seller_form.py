"""The form of a seller: everything a newcomer fills in once, with sentences where something is wrong."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.staticfiles import versioned_static

from wagtail_payments import ports
from wagtail_payments.admin import next_numbers, styles
from wagtail_payments.admin.languages import language_field
from wagtail_payments.admin.number_fields import DecimalAnyMark
from wagtail_payments.admin.picture_field import REFUSED_KINDS, PreparedPicture, picture_field
from wagtail_payments.core import numbering
from wagtail_payments.records.payments import payment_methods
from wagtail_payments.records.sellers import Seller

BY_HAND = frozenset({"cheque", "cash", "terminal", "other"})
COMPACT = ("siren", "siret", "vat_number", "iban", "bic")
PATTERNS = {
    "invoice_pattern": numbering.Series.INVOICE,
    "credit_note_pattern": numbering.Series.CREDIT_NOTE,
    "receipt_pattern": numbering.Series.RECEIPT,
    "proforma_pattern": numbering.Series.PROFORMA,
    "quote_pattern": numbering.Series.QUOTE,
}
COLOURS = ("colour", "accent_colour")


def offered_methods() -> list[tuple[str, Any]]:
    """Return the methods that customers can be offered."""
    return [(code, label) for code, label in payment_methods() if code not in BY_HAND]


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones of the IANA database."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class SellerForm(WagtailAdminModelForm):
    """Identifiers may be typed with spaces; a picture may be any common kind; numbers may have a comma."""

    methods = forms.MultipleChoiceField(
        label=_("Methods offered"),
        choices=offered_methods,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Your payment provider shows those of them that suit the customer and the amount."),
    )
    vat_rate = DecimalAnyMark(label=_("Usual VAT rate, %"), max_digits=5, decimal_places=2, min_value=0, max_value=100)
    least_amount = DecimalAnyMark(label=_("but at least"), max_digits=14, decimal_places=3, required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("It decides which day stands on your documents.")
    )
    logo = picture_field("logo", _("Logo"), REFUSED_KINDS)
    icon = picture_field("icon", _("Icon"), _("A square picture for small places. It is kept at 256 pixels at most."))

    class Media:
        js = (versioned_static("wagtail_payments/admin/seller_form.js"),)
        css = {"all": (styles.SHEET, versioned_static("wagtail_payments/admin/seller_form.css"))}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["least_amount"] = self.initial.get("least_amount") or None
        fresh = Seller()
        for name in ("methods", "vat_rate", "time_zone"):  # written out above, so they know no default
            self.fields[name].initial = getattr(fresh, name)
        self.fields["language"] = language_field(self.fields["language"])
        for name in COMPACT:
            self.fields[name].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
        for name in COLOURS:
            self.fields[name].widget.attrs["data-wp-colour"] = gettext("%(contrast)s : 1 on white")
        self._show_next_numbers()
        self._fix_first_number()

    def _show_next_numbers(self) -> None:
        now = ports.now()
        for name, series in PATTERNS.items():
            year, sequence = next_numbers.next_sequence(self.instance, series, now)
            told = next_numbers.next_number(self.instance, series, now)
            field = self.fields[name]
            field.help_text = gettext("Next: %(number)s") % {"number": told} if told else ""
            field.widget.attrs.update({"data-wp-year": year, "data-wp-next": sequence, "autocomplete": "off"})

    def _fix_first_number(self) -> None:
        field = self.fields["first_invoice_number"]
        if next_numbers.first_number_is_fixed(self.instance):
            field.disabled = True
            field.help_text = gettext("Invoices have been issued, so it can't change: the numbers would get a gap.")
        else:
            field.help_text = gettext("If you sent invoices before, go on from there. It is fixed once you issue one.")

    def clean_methods(self) -> list[str]:
        """Keep the order that stands as long as the choice is the same."""
        chosen, standing = self.cleaned_data["methods"], self.instance.methods
        return list(standing if set(chosen) == set(standing) else chosen)

    def clean(self) -> dict[str, Any]:
        """Write identifiers as the law writes them: without spaces, in capitals."""
        cleaned: dict[str, Any] = super().clean()
        if "least_amount" in cleaned:
            cleaned["least_amount"] = cleaned["least_amount"] or 0
        for name in COMPACT:
            if isinstance(cleaned.get(name), str):
                cleaned[name] = "".join(cleaned[name].split()).upper()
        return cleaned

    def save(self, commit: bool = True) -> Seller:
        """Save; a new picture is stored first, so that no seller ever names one that is missing."""
        for name in ("logo", "icon"):
            picture = self.cleaned_data.get(name)
            if isinstance(picture, PreparedPicture):
                picture.store()
        seller: Seller = super().save(commit=commit)
        return seller
