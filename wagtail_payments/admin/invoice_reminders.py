"""Reminders of one invoice: where they stand, one by hand, and the switch that keeps them off."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments import ports
from wagtail_payments.actions import obstacles, reminder_letters, reminder_series, reminders_by_hand
from wagtail_payments.actions.reminders_by_hand import Wish
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.admin.places_of_books import book_url
from wagtail_payments.core.reminders import Skipped
from wagtail_payments.records.balances import statuses
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.reminders import Reminder, ReminderStep, reasons

MAY_REMIND = "send_reminder"


def reason_in_words(reason: str) -> str:
    """Return why an invoice can't be reminded of, for a person."""
    return str(dict(reasons()).get(reason) or dict(statuses()).get(reason, reason))


def state_of(invoice: Invoice, today: date, user: Any) -> dict[str, Any] | None:
    """Return what the desk says of reminders: how many went out, what comes next, or why nothing does."""
    if invoice.document_id is None:
        return None
    rows = list(Reminder.objects.filter(invoice=invoice).select_related("letter").order_by("pk"))
    stopped = obstacles.obstacle(invoice, today)
    if stopped == Skipped.PAID and not rows:
        return None
    doubtful = next((row for row in rows if row.is_doubtful), None)
    return {
        "sentence": " ".join(filter(None, [_so_far(rows), _next(invoice, rows, today, stopped)])),
        "doubtful": book_url(doubtful) if doubtful and allowed(user, "view_reminder") else "",
        "is_muted": stopped == Skipped.MUTED,
        "mute_url": invoice_url("mute", invoice.pk) if allowed(user, MAY_REMIND) and stopped != Skipped.PAID else "",
    }


def _so_far(rows: list[Reminder]) -> str:
    sent = [row.letter for row in rows if row.letter and row.state == "written" and row.letter.state == "sent"]
    if not sent or sent[-1].sent_at is None:
        return ""
    said = {"number": len(sent), "day": date_format(sent[-1].sent_at, "DATE_FORMAT")}
    return gettext("Reminder %(number)d sent on %(day)s.") % said


def _next(invoice: Invoice, rows: list[Reminder], today: date, stopped: str | None) -> str:
    if stopped and stopped != Skipped.PROMISED:  # after that day they go on
        return gettext("None will be sent: %(why)s.") % {"why": _lowered(reason_in_words(stopped))}
    series = reminder_series.series_of(invoice.seller)
    coming = series.upcoming(invoice, rows, today) if series else None
    if coming is None:
        return gettext("No further one is planned.")
    return gettext("Next one on %(day)s.") % {"day": date_format(coming[1], "DATE_FORMAT")}


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


class RemindForm(forms.Form):
    """Whose words are used, and whether it goes out though reminders are switched off."""

    step = forms.ModelChoiceField(
        ReminderStep.objects.none(), label=_("Words"), required=False, empty_label=_("Those that fit how late it is")
    )
    despite_mute = forms.BooleanField(label=_("Send it though reminders are switched off"), required=False)
    form_key = forms.SlugField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, invoice: Invoice, *args: Any, is_muted: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["step"].queryset = invoice.seller.reminder_steps.all()  # type: ignore[attr-defined]
        if not is_muted:
            del self.fields["despite_mute"]

    def wish(self, by: Any) -> Wish:
        """Return what the editor wants."""
        data = self.cleaned_data
        step = data["step"].pk if data.get("step") else None
        return Wish(by, data["form_key"], step, bool(data.get("despite_mute")))


class RemindView(InvoiceVerb):
    """One reminder now: the letter as the customer gets it, then the button."""

    permissions = (MAY_REMIND,)
    page_title = _("Remind")
    template_name = "wagtail_payments/admin/invoices/remind.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the letter, or say why there is none."""
        why_not = self._why_not()
        if why_not and why_not != Skipped.MUTED:
            return self.refused(self._sentence(why_not))
        initial = {"form_key": ports.new_id()}
        return self._shown(RemindForm(self.invoice, initial=initial, is_muted=why_not == Skipped.MUTED))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the letter in other words, or send it."""
        form = RemindForm(self.invoice, request.POST, is_muted=self._why_not() == Skipped.MUTED)
        if not form.is_valid() or "send" not in request.POST:
            return self._shown(form)
        made = reminders_by_hand.remind(invoice_ids=[pk], wish=form.wish(self.person), now=self.now)
        if made.refused:
            return self.refused(self._sentence(made.refused[0][1]))
        return self.done(gettext("The reminder is on its way to %(to)s.") % {"to": self.invoice.customer.email})

    def _why_not(self) -> str | None:
        if self.invoice.is_draft:
            return str(self.invoice.state)
        return obstacles.obstacle(self.invoice, self.invoice.seller.today(self.now))

    def _sentence(self, why_not: str) -> str:
        return gettext("No reminder was sent: %(why)s.") % {"why": _lowered(reason_in_words(why_not))}

    def _shown(self, form: RemindForm) -> HttpResponseBase:
        chosen = form.cleaned_data.get("step") if form.is_bound and form.is_valid() else None
        group = reminder_letters.fresh([self.invoice.pk])
        letter = reminders_by_hand.preview(group=group, now=self.now, step=chosen.pk if chosen else None)
        context = self.get_context_data(
            form=form, preview=letter.html, is_muted="despite_mute" in form.fields, to=self.invoice.customer.email
        )
        return self.render_to_response(context)


class MuteForm(forms.Form):
    """For what reminders are switched off."""

    whose = forms.ChoiceField(
        label=_("Reminders"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("", _("Go out as planned")),
            ("invoice", _("Switched off for this invoice")),
            ("customer", _("Switched off for all invoices of this customer")),
        ],
    )


class MuteView(InvoiceVerb):
    """The switch."""

    permissions = (MAY_REMIND,)
    page_title = _("Switch reminders off or on")
    template_name = "wagtail_payments/admin/invoices/mute.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show how it stands."""
        row = obstacles.mute_of(self.invoice)
        whose = "" if row is None else "invoice" if row.invoice_id else "customer"
        return self.render_to_response(self.get_context_data(form=MuteForm(initial={"whose": whose})))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Switch."""
        form = MuteForm(request.POST)
        if "whose" not in request.POST or not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        whose = form.cleaned_data["whose"]
        reminders_by_hand.mute(invoice=self.invoice, whose=whose, by=self.person, now=self.now)
        return self.done(gettext("Reminders are switched off.") if whose else gettext("Reminders go out as planned."))
