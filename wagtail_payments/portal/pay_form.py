"""What a customer chooses to pay where an invoice is paid in parts: the next instalment, what is due, all, other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.actions import checkout, instalments
from wagtail_payments.core import money
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.invoices import Invoice

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Offered:
    """One amount that may be chosen, minor units, with its words."""

    name: str
    amount: int
    label: str


class PayForm(forms.Form):
    """One of the amounts offered, or another; ``covered`` is what was not asked for when the page was drawn."""

    choice = forms.ChoiceField(
        label=gettext_lazy("How much do you want to pay?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how much you want to pay.")},
    )
    amount = forms.CharField(
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"class": "wp-input", "inputmode": "decimal", "autocomplete": "off"}),
    )
    covered = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, invoice: Invoice, now: datetime, **options: Any) -> None:
        self._invoice, self._now = invoice, now
        self._offered = {offer.name: offer for offer in offered(invoice, now)}
        self._covered = invoice.balance().not_asked
        options["initial"] = {"choice": next(iter(self._offered), ""), "covered": self._covered}
        super().__init__(*args, **options | {"prefix": "pay", "use_required_attribute": False})
        choices = [(offer.name, offer.label) for offer in self._offered.values()]
        self._arrange([*choices, (OTHER, _("Another amount"))] if invoice.other_amount else choices)

    def _arrange(self, choices: list[tuple[str, str]]) -> None:
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]
        if not self._invoice.other_amount:
            del self.fields["amount"]
            return
        writer, due = _writer(self._invoice), self._invoice.balance().asked
        said = {"least": writer.money(min(self._invoice.least_minor, due)), "most": writer.money(due)}
        self.fields["amount"].label = _("Another amount, from %(least)s to %(most)s") % said

    def clean(self) -> dict[str, Any]:
        """Read the other amount where that was chosen; an amount beside another choice is not guessed at."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        typed, choice = (data.get("amount") or "").strip(), data.get("choice")
        if choice == OTHER:
            self._read(typed)
        elif typed and choice:
            self.add_error("amount", _("To pay this amount, choose “Another amount”; otherwise leave this empty."))
        return data

    def _read(self, typed: str) -> None:
        try:
            amount = money.parse(typed, self._invoice.currency)
        except money.NotAnAmount:
            self.add_error("amount", _("Write an amount, for example %(amount)s.") % {"amount": self._example()})
            return
        refusal = instalments.refusal(invoice=self._invoice, amount=amount, now=self._now)
        if refusal:
            self.add_error("amount", refusal)
        self.cleaned_data["minor"] = amount

    def _example(self) -> str:
        return _writer(self._invoice).figures(self._invoice.balance().due)

    def problems(self) -> list[tuple[str, str]]:
        """Return where each problem is, and what it is."""
        return problems_of(self)

    def is_outdated(self) -> bool:
        """Was something paid or credited since the page was drawn on which this was chosen?"""
        return self["covered"].data not in (None, str(self._covered))

    def chosen(self) -> checkout.Choice:
        """Return what was chosen, once the form is valid; that the page is not outdated is asked again under lock."""
        choice = self.cleaned_data["choice"]
        amount = self.cleaned_data["minor"] if choice == OTHER else self._offered[choice].amount
        return checkout.Choice(amount, self._covered)


def problems_of(form: forms.Form) -> list[tuple[str, str]]:
    """Return the anchor of each field that needs another look, with its sentence."""
    return [
        ("" if name == "__all__" else form[name].id_for_label or f"{form[name].auto_id}_0", str(sentence))
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def has_choice(invoice: Invoice) -> bool:
    """Is there something to pay, and more than one amount that may be paid of it?"""
    return (invoice.in_parts or invoice.other_amount) and invoice.balance().asked > 0


def offered(invoice: Invoice, now: datetime) -> list[Offered]:
    """Return the amounts that may be paid now, each once, what is asked for first."""
    today = invoice.seller.today(now)
    found, writer = instalments.offers(invoice, today), _writer(invoice)
    words = [
        ("now", found.now, _("What is due now: %(amount)s")),
        ("next", found.next, _("The next instalment: %(amount)s")),
        ("all", found.everything, _("All that is left: %(amount)s")),
    ]
    named = {found.next: "next", found.now: "now", found.everything: "all"}  # the widest name of one amount
    return [
        Offered(name, amount, label % {"amount": writer.money(amount)})
        for name, amount, label in words
        if amount and named[amount] == name
    ]


def _writer(invoice: Invoice) -> Writer:
    return Writer(invoice.language, invoice.currency)
