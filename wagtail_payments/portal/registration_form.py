"""The form of one event, in the visitor's language: tickets, buyer, invoice, questions, attendees, consents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_payments.mail.addresses import AddressRefused, checked
from wagtail_payments.portal import questionnaire
from wagtail_payments.portal.events import BoxOffice, Ticket
from wagtail_payments.records import validators
from wagtail_payments.records.addresses import countries

NO_MAIL = gettext_lazy("This is not an e-mail address. It looks like name@example.com.")
ORGANISATION = ("organisation", "street", "extra", "postcode", "city", "country", "siren", "vat_number")
NEEDED_ADDRESS = ("street", "postcode", "city")


def line(label: str, autocomplete: str, **options: Any) -> forms.CharField:
    """Return a field of one line of text."""
    attrs = {"class": "wp-input", "autocomplete": autocomplete}
    widget = forms.TextInput(attrs=attrs | options.pop("attrs", {}))
    return forms.CharField(label=label, widget=widget, **options)


def email(label: str, autocomplete: str = "email", **options: Any) -> forms.EmailField:
    """Return a field for an e-mail address that a letter can safely be sent to."""
    attrs = {"class": "wp-input", "autocomplete": autocomplete}
    field = forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs=attrs), **options)
    field.error_messages["invalid"] = NO_MAIL
    field.validators = [_mailable]
    return field


def _mailable(value: str) -> None:
    """Stricter than Django's: a mailbox may be called what a letter can't safely be sent to."""
    try:
        checked(value)
    except AddressRefused as error:
        raise ValidationError(NO_MAIL, code="invalid") from error


class LongSelect(forms.Select):
    """A list of hundreds, such as countries, drawn at once: Django draws each option by templates of its own."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the element with the chosen option marked."""
        marks = {str(value): flatatt({"selected": True})} if value else {}
        rows = ((key, marks.get(str(key), ""), label) for key, label in self.choices)
        options = format_html_join("", '<option value="{}"{}>{}</option>', rows)
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class Quiet(forms.Form):
    """A form that can show again what was typed without complaining about it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        look: dict[str, Any] = {"label_suffix": "", "auto_id": "wp-%s", "use_required_attribute": True}
        super().__init__(*args, **look | options)

    def forget_errors(self) -> None:
        """Say nothing of what is wrong yet."""
        self._errors = ErrorDict(renderer=self.renderer)


class AttendeeForm(Quiet):
    """Who comes on one seat, and the answers asked of each. An empty name means the buyer."""

    shown = forms.CharField(required=False, initial="1", widget=forms.HiddenInput)

    def __init__(self, box: BoxOffice, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.questions = questionnaire.asked_now(box.event, of_each=True)
        if box.event.asks_names:
            self.fields["name"] = line(_("Name"), "off", max_length=200, required=False)
            self.fields["email"] = email(_("E-mail"), "off", required=False)
        self.fields |= questionnaire.fields_for(self.questions, box.language)

    @property
    def visible(self) -> list[forms.BoundField]:
        """The fields to fill in."""
        return [field for field in self if not field.is_hidden]

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, by the questions' keys."""
        return questionnaire.answers_of(self.cleaned_data, self.questions)


class RegistrationForm(Quiet):
    """What is asked once per order. ``website`` is a trap: people don't see it, machines fill it in."""

    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, box: BoxOffice, offered: list[Ticket], online: bool, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.box, self.offered = box, offered
        self.questions = questionnaire.asked_now(box.event, of_each=False)
        self.fields |= {f"tickets-{ticket.pk}": self._number_of(ticket) for ticket in offered}
        self.fields |= _buyer() | _invoice_to(box.event.seller.country)
        self.fields |= questionnaire.fields_for(self.questions, box.language)
        self.fields |= {
            f"consent-{row.pk}": _consent(row.said("text", box.language), row.required) for row in self._consents
        }
        if box.begins_early and any(ticket.minor for ticket in offered):
            self.fields["begins_early"] = _consent(_asks_to_begin(), required=self._may_be_left())
        if box.event.discount_codes.all():
            self.fields["code"] = line(_("Discount code"), "off", max_length=40, required=False)
        if box.event.pays_later and any(ticket.minor for ticket in offered):
            self.fields["pays"] = _ways(online)

    @property
    def _consents(self) -> list[Any]:
        return list(self.box.event.consents.all())

    def _may_be_left(self) -> bool:
        """Is it, as typed, of a private person who pays? An organisation, and what is free, have no such right."""
        numbers = [self.data.get(f"tickets-{ticket.pk}", "") for ticket in self.offered if ticket.minor]
        pays = not self.is_bound or any(number.strip(" 0") for number in numbers)
        return pays and not self.data.get("organisation", "").strip()

    def _number_of(self, ticket: Ticket) -> forms.IntegerField:
        alone = len(self.offered) == 1
        too_many = ngettext("At most %(most)d ticket per order.", "At most %(most)d tickets per order.", ticket.most)
        return forms.IntegerField(
            label=ticket.name,
            required=False,
            min_value=0,
            max_value=self._bound(ticket),
            initial=max(ticket.least, 1) if alone else 0,
            error_messages={
                "invalid": _("Write how many tickets as a number."),
                "min_value": _("Write how many tickets as a number."),
                "max_value": too_many % {"most": ticket.most},
            },
            widget=forms.NumberInput(
                attrs={"class": "wp-input wp-input--number", "inputmode": "numeric", "autocomplete": "off"}
            ),
        )

    def _bound(self, ticket: Ticket) -> int:
        """The order's own limit; that fewer are left is said by whoever counts them under the lock."""
        return next(row.most for row in self.box.event.ticket_types.all() if row.pk == ticket.pk)

    def clean(self) -> dict[str, Any]:
        """Check what only makes sense together."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(self.errors.get(f"tickets-{ticket.pk}") for ticket in self.offered) and not sum(
            self.numbers.values()
        ):
            first = self.offered[0].pk if self.offered else None
            self.add_error(f"tickets-{first}" if first else None, _("Choose at least one ticket."))
        self._check_invoice(cleaned)
        return cleaned

    def _check_invoice(self, cleaned: dict[str, Any]) -> None:
        typed = any(cleaned.get(name) for name in (*ORGANISATION[:5], "siren", "vat_number", "order_reference"))
        if not typed:
            return
        if not cleaned.get("organisation") and "organisation" not in self.errors:
            self.add_error("organisation", _("Write the name of the organisation, or empty this part."))
        for name in NEEDED_ADDRESS:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("The invoice of an organisation needs its whole address."))

    @property
    def numbers(self) -> dict[int, int]:
        """How many of each ticket type are wanted, as far as it can be read."""
        if not self.is_bound:
            return {ticket.pk: self.fields[f"tickets-{ticket.pk}"].initial for ticket in self.offered}
        return {ticket.pk: self.cleaned_data.get(f"tickets-{ticket.pk}") or 0 for ticket in self.offered}

    @property
    def ticket_rows(self) -> Iterator[tuple[Ticket, forms.BoundField | None]]:
        """Every ticket type with its field, or without where it can't be had."""
        for ticket in self.box.tickets:
            name = f"tickets-{ticket.pk}"
            yield ticket, self[name] if name in self.fields else None

    @property
    def buyer(self) -> list[forms.BoundField]:
        """Who registers."""
        return [self[name] for name in ("name", "email", "phone")]

    @property
    def invoice_to(self) -> list[forms.BoundField]:
        """For whom the invoice is."""
        return [self[name] for name in (*ORGANISATION, "order_reference")]

    @property
    def invoice_is_open(self) -> bool:
        """Was something of the invoice's part typed, or is it wrong?"""
        names = [name for name in (*ORGANISATION, "order_reference") if name != "country"]
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The questions of the order."""
        return [self[f"question-{question.key}"] for question in self.questions]

    @property
    def consents(self) -> list[forms.BoundField]:
        """The sentences to agree to."""
        asked = [self["begins_early"]] if "begins_early" in self.fields else []
        return [*(self[f"consent-{row.pk}"] for row in self._consents), *asked]

    @property
    def agreed(self) -> list[str]:
        """The sentences agreed to, word for word as they were shown."""
        given = [row for row in self._consents if self.cleaned_data.get(f"consent-{row.pk}")]
        early = [_asks_to_begin()] if self.begins_early else []
        return [*(row.said("text", self.box.language) for row in given), *early]

    @property
    def begins_early(self) -> bool:
        """Was it asked that the event takes place within the days to withdraw?"""
        return bool(self.cleaned_data.get("begins_early"))

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, by the questions' keys."""
        return questionnaire.answers_of(self.cleaned_data, self.questions)

    @property
    def is_trapped(self) -> bool:
        """Was it sent by a machine that fills in everything?"""
        return bool(self.cleaned_data.get("website"))


def _buyer() -> dict[str, forms.Field]:
    return {
        "name": line(_("Your name"), "name", max_length=200, error_messages={"required": _("Write your name.")}),
        "email": email(
            _("Your e-mail address"),
            help_text=_("The confirmation goes there."),
            error_messages={"required": _("Write your e-mail address, so that the confirmation finds you.")},
        ),
        "phone": line(_("Telephone"), "tel", max_length=40, required=False, attrs={"type": "tel", "inputmode": "tel"}),
    }


def _invoice_to(country: str) -> dict[str, forms.Field]:
    return {
        "organisation": line(_("Organisation"), "organization", max_length=200, required=False),
        "street": line(_("Street and number"), "address-line1", max_length=200, required=False),
        "extra": line(_("Address, second line"), "address-line2", max_length=200, required=False),
        "postcode": line(_("Postcode"), "postal-code", max_length=20, required=False),
        "city": line(_("Town"), "address-level2", max_length=100, required=False),
        "country": forms.ChoiceField(
            label=_("Country"),
            choices=countries(),
            initial=country,
            required=False,
            widget=LongSelect(attrs={"class": "wp-input", "autocomplete": "country"}),
        ),
        "siren": line(_("SIREN"), "off", max_length=14, required=False, validators=[validators.siren]),
        "vat_number": line(_("VAT number"), "off", max_length=20, required=False, validators=[validators.vat_number]),
        "order_reference": line(_("Purchase order number"), "off", max_length=100, required=False),
    }


def _asks_to_begin() -> str:
    return _(
        "I ask that the event takes place within the 14 days in which I could withdraw, and know that my right to "
        "withdraw ends when it begins (private persons only; C. conso. L221-25, L221-28)."
    )


def _consent(text: str, required: bool) -> forms.BooleanField:
    messages = {"required": _("This has to be agreed to: “%(sentence)s”") % {"sentence": text}}
    return forms.BooleanField(label=text, required=required, error_messages=messages)


def _ways(online: bool) -> forms.ChoiceField:
    now = [("now", _("Now, online"))] if online else []
    later = ("later", _("By bank transfer: the invoice comes by e-mail, and the seat is confirmed at once"))
    return forms.ChoiceField(
        label=_("How would you like to pay?"),
        choices=[*now, later],
        initial="now" if online else "later",
        required=False,
        widget=forms.RadioSelect,
    )
