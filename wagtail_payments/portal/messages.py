"""The few sentences that tell what came of pressing a button; they travel as a word in the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

PARAMETER = "said"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence with its tone and icon; ``is_error`` is announced at once by screen readers."""

    tone: str
    icon: str
    text: str
    is_error: bool = False

    @property
    def icon_template(self) -> str:
        """The template that draws the icon."""
        return f"wagtail_payments/elements/icons/{self.icon}.html"


def message_of(request: HttpRequest) -> Message | None:
    """Return the message that the address asks for, in the active language; unknown words say nothing."""
    return _messages().get(request.GET.get(PARAMETER, ""))


def _messages() -> dict[str, Message]:
    return _of_documents() | _of_quotes() | _of_registrations()


def _of_quotes() -> dict[str, Message]:
    return {
        "signed": Message("done", "check", _("It is signed. The signed quote comes to you by e-mail.")),
        "signed_to_pay": Message(
            "done", "check", _("It is signed, thank you. Here is what is to be paid now; a letter brings it as well.")
        ),
        "unsignable": Message(
            "late", "alert", _("This quote can no longer be answered here. It says below how it stands."), is_error=True
        ),
        "declined": Message("done", "check", _("Your answer has been sent. Thank you for telling us.")),
        "code_sent": Message("done", "mail", _("A new code is on its way. The one before no longer works.")),
        "many_codes": Message(
            "late",
            "alert",
            _("You have asked for several codes in a short time. Wait an hour, please."),
            is_error=True,
        ),
        "prove_again": Message(
            "soon", "clock", _("That took a while: for your safety, we send you another code."), is_error=True
        ),
        "withdrawn": Message("done", "check", _("Your withdrawal has arrived. A letter confirms it.")),
        "no_withdrawal": Message(
            "late", "alert", _("This contract can’t be left here. Please write to the seller."), is_error=True
        ),
    }


def _of_registrations() -> dict[str, Message]:
    return {
        "held_already": Message(
            "soon", "clock", _("This form was already sent, and these seats are yours. Begin anew to book others.")
        ),
        "held_unavailable": Message(
            "late",
            "alert",
            _("The payment service does not answer just now. Your seats are kept, and nothing was charged. Try again."),
            is_error=True,
        ),
        "registration_off": Message(
            "late", "alert", _("This can't be paid online just now. Please write to the organiser."), is_error=True
        ),
        "hold_ended": Message("late", "clock", _("These seats are no longer kept for you."), is_error=True),
        "short_hold": Message(
            "late",
            "clock",
            _("Too little time is left to pay online. Give the seats back and register again."),
            is_error=True,
        ),
        "more_time": Message("done", "clock", _("Your seats are kept for longer. Take your time.")),
        "given_back": Message("done", "back", _("Thank you: others can have these seats now.")),
        "changed": Message("done", "check", _("Your change is kept.")),
        "too_late": Message("late", "alert", _("This can no longer be changed here."), is_error=True),
        "cancelled": Message("done", "check", _("It is cancelled. A letter confirms it.")),
    }


def _of_documents() -> dict[str, Message]:
    return {
        "paid": Message("done", "check", _("Nothing is left to pay, so nothing was charged.")),
        "under_way": Message(
            "wait", "hourglass", _("A payment is already under way. Nothing was charged a second time.")
        ),
        "off": Message(
            "soon", "alert", _("This can't be paid online. Please use one of the other ways to pay."), is_error=True
        ),
        "unavailable": Message(
            "late",
            "alert",
            _("The payment service does not answer just now. Nothing was charged. Try again in a few minutes."),
            is_error=True,
        ),
        "amount_changed": Message(
            "soon",
            "alert",
            _("What is to be paid has changed since you opened this page. Nothing was charged: look again, please."),
            is_error=True,
        ),
        "planned": Message("done", "calendar", _("Thank you: the day is noted.")),
        "unplanned": Message("done", "back", _("The planned day is taken back.")),
        "plan_off": Message("soon", "alert", _("No day can be planned for this invoice now."), is_error=True),
        "wait": Message(
            "late",
            "alert",
            _("That was many tries in a short time. Nothing was charged. Wait an hour, please."),
            is_error=True,
        ),
        "credit_used": Message("done", "check", _("Your credit was used for this invoice. No money was moved.")),
        "no_credit": Message("done", "check", _("Your credit was used already. No money was moved.")),
        "no_permission": Message(
            "late", "alert", _("Your account may look at this, and not act for the customer."), is_error=True
        ),
        "asked": Message("done", "check", _("Your question is on its way. The answer comes to you by e-mail.")),
    }
