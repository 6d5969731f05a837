"""The words of what is written into Wagtail's log: what was done, for the history and the timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter

from wagtail_payments.admin.amount_words import in_words

PREFIX = "wagtail_payments."

# action: (label for filters, sentence, sentence with what is known of it)
WORDS: dict[str, tuple[Any, Any, Any]] = {
    "issue": (_("Issue"), _("Issued"), _("Issued as %(number)s")),
    "send": (_("Send"), _("Sent"), _("Sent to %(to)s")),
    "asked_together": (
        _("Ask for payment together"),
        _("Asked for together with others"),
        _("Asked for together, sent to %(to)s: %(number)s"),
    ),
    "send_test": (_("Send a test"), _("Test sent"), _("Test sent to %(to)s")),
    "duplicate": (_("Duplicate"), _("Made as a copy"), _("Made as a copy of %(number)s")),
    "deposit": (_("Ask for a deposit"), _("Deposit asked for"), _("Deposit of %(amount)s asked for")),
    "deposit_decided": (
        _("Decide about an unpaid deposit"),
        _("Decided about a deposit"),
        _("Decided about a deposit: %(reason)s"),
    ),
    "deposit_taken": (_("Deduct a deposit"), _("Deposit to be deducted"), _("Deposit %(number)s to be deducted")),
    "deposit_let_go": (
        _("Let a deposit go"),
        _("Deposit not deducted here"),
        _("Deposit %(number)s is not deducted here any more"),
    ),
    "proforma": (_("Send a pro forma"), _("Pro forma made"), _("Pro forma %(number)s made")),
    "record_payment": (_("Record a payment"), _("Payment recorded"), _("Payment of %(amount)s recorded")),
    "payment": (_("Receive a payment"), _("Payment received online"), _("Payment of %(amount)s received online")),
    "payment_failed": (_("Payment failed"), _("A payment failed"), _("A payment of %(amount)s failed")),
    "promise": (_("Plan a payment"), _("Payment planned"), _("Payment planned for %(day)s")),
    "promise_withdrawn": (
        _("Take a planned day back"),
        _("Planned day taken back"),
        _("Planned day taken back: %(day)s"),
    ),
    "promise_broken": (
        _("Planned day passed"),
        _("The planned day has passed without the payment"),
        _("%(day)s has passed without the payment that was planned"),
    ),
    "credit": (_("Credit"), _("Credit note issued"), _("Credit note %(number)s issued over %(amount)s")),
    "refund": (pgettext_lazy("verb", "Refund"), _("Refund requested"), _("Refund of %(amount)s requested")),
    "refund_done": (_("Refund done"), _("Refund done"), _("Refund of %(amount)s done")),
    "refund_failed": (_("Refund failed"), _("Refund failed"), _("Refund of %(amount)s failed")),
    "quote_sent": (_("Send a quote"), _("Quote sent"), _("Quote %(number)s sent to %(to)s")),
    "quote_revised": (_("Revise a quote"), _("New version of the quote"), ""),
    "quote_billed": (_("Invoice a quote"), _("Draft made from the quote"), _("Draft made from the quote: %(amount)s")),
    "quote_accepted": (_("Accept a quote"), _("Quote accepted"), _("Quote accepted: %(amount)s")),
    "quote_declined": (_("Decline a quote"), _("Quote declined"), _("Quote declined: %(reason)s")),
    "quote_signed": (_("Sign a quote"), _("Quote signed"), _("Quote signed by %(name)s")),
    "quote_withdrawn": (_("Withdraw from a quote"), _("Contract withdrawn"), _("Withdrawn from by %(name)s")),
    "quote_cancelled": (_("Cancel a quote"), _("Quote cancelled"), _("Quote cancelled: %(reason)s")),
    "disputed": (
        _("Dispute a payment"),
        _("The payment is disputed: the bank took it back"),
        _("%(amount)s are disputed: the bank took them back"),
    ),
    "debit_returned": (
        _("Return a debit"),
        _("The bank returned the debit"),
        _("The bank returned %(amount)s of the debit"),
    ),
    "dispute_won": (
        _("Win a dispute"),
        _("The bank gave the disputed money back"),
        _("The bank gave %(amount)s back"),
    ),
    "write_off": (_("Write off"), _("Written off"), _("%(amount)s written off: %(reason)s")),
    "recover": (_("Take back a write-off"), _("Counted on again"), ""),
    "credit_used": (_("Use credit"), _("Credit used"), _("%(amount)s of credit note %(number)s used for this invoice")),
    "credit_carried": (
        _("Use credit elsewhere"),
        _("Credit used elsewhere"),
        _("%(amount)s of credit used for %(number)s"),
    ),
    "money_used": (
        _("Use an overpayment"),
        _("Overpayment used"),
        _("%(amount)s of an earlier payment used for this invoice"),
    ),
    "correct": (_("Draft a correction"), _("Made to replace an invoice"), _("Made to replace %(number)s")),
    "correction": (_("Correct"), _("A correction was begun"), _("A correction was begun: %(reason)s")),
    "revise": (_("Revise"), _("Words revised"), _("Words revised: revision %(revision)s")),
    "link_renewed": (_("Renew the link"), _("Link renewed: earlier links no longer open"), ""),
    "link_revoked": (_("Revoke the link"), _("Link revoked"), ""),
    "letter_resent": (_("Send a letter again"), _("Letter sent again"), _("Letter sent again to %(to)s")),
    "muted": (_("Switch reminders off"), _("Reminders switched off"), ""),
    "unmuted": (_("Switch reminders on"), _("Reminders switched on again"), ""),
    "reminder_arrived": (
        _("Say that a reminder arrived"),
        _("Said to have arrived: the reminder that perhaps was not sent"),
        "",
    ),
    "register": (_("Register"), _("Registered: the seats are kept"), ""),
    "confirmed": (_("Confirm a registration"), _("Registration confirmed"), ""),
    "hold_extended": (_("Keep seats longer"), _("Seats kept longer"), ""),
    "given_back": (_("Give seats back"), _("Seats given back before they were paid"), ""),
    "seat_lost": (_("Paid without a seat"), _("Paid when the seats were gone"), ""),
    "attendee_changed": (_("Change an attendee"), _("Attendee changed"), ""),
    "balance_asked": (_("Ask for a balance"), _("Balance asked for"), _("Balance of %(amount)s asked for")),
    "answers_changed": (_("Change answers"), _("Answers changed"), ""),
    "registration_cancelled": (
        _("Cancel a registration"),
        _("Seats cancelled"),
        _("Seats cancelled; %(back)s to credit"),
    ),
    "registration_withdrawn": (
        _("Withdraw from a registration"),
        _("Contract withdrawn"),
        _("Withdrawn from by %(name)s"),
    ),
    "event_cancelled": (_("Cancel an event"), _("Event cancelled"), _("Event cancelled: %(reason)s")),
    "event_message": (
        _("Write to attendees"),
        _("Message to attendees"),
        _("Message to attendees in %(told)s letters"),
    ),
    "event_changed": (_("Announce a change"), _("Change announced"), _("Change announced in %(told)s letters")),
}


def sentence_of(action: str, data: dict[str, Any]) -> str:
    """Return what happened, with what the log entry knows of it."""
    _label, plain, detailed = WORDS[action.removeprefix(PREFIX)]
    known = _known(data)
    try:
        return str(detailed) % known if detailed else str(plain)
    except KeyError:
        return str(plain)


def _known(data: dict[str, Any]) -> dict[str, str]:
    known = {}
    if data.get("number"):
        known["number"] = str(data["number"])
    if data.get("to"):
        known["to"] = ", ".join(map(str, data["to"]))
    for name in ("amount", "back"):
        if data.get(name) is not None:
            known[name] = in_words(int(data[name]), str(data.get("currency") or "EUR"))
    known |= {name: str(data[name]) for name in ("reason", "told", "revision", "name") if data.get(name)}
    if data.get("day"):
        known["day"] = date_format(date.fromisoformat(str(data["day"])), "DATE_FORMAT")
    return known


def register_log_words(actions: Any) -> None:
    """Give every log action of ours its words; for the hook ``register_log_actions``."""
    for name, (label, plain, _detailed) in WORDS.items():
        actions.register_action(PREFIX + name)(_formatter(label, plain))


def _formatter(its_label: Any, plain: Any) -> type[LogFormatter]:
    class Words(LogFormatter):
        label = its_label
        message = plain

        def format_message(self, log_entry: Any) -> str:
            return sentence_of(log_entry.action, log_entry.data or {})

    return Words


def known_action(action: str) -> bool:
    """Is this one of ours?"""
    return action.removeprefix(PREFIX) in WORDS and action.startswith(PREFIX)


def wagtail_sentence(action: str, kind: str) -> str:
    """Say what Wagtail itself wrote down about a draft or an event; ``kind`` is the name of its model."""
    drafts = {"wagtail.create": gettext("Draft written"), "wagtail.edit": gettext("Draft changed")}
    planned = {"wagtail.create": gettext("Event planned"), "wagtail.edit": gettext("Event edited")}
    return (planned if kind == "event" else drafts).get(action, action.rsplit(".", 1)[-1])
