"""What is said to a customer who comes back from the provider, of an invoice or of seats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.portal.situation import waiting_words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.attempts import PaymentAttempt

LOOKED = "looked"  # how often the page has refreshed itself
STOPPED = "stopped"
PAUSES = (2, 3, 5, 8, 13, 20)  # seconds between looks; then it is up to the customer


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a payment stands. ``look_again`` is the number of the next look, None where there is none by itself.

    ``about`` says what was paid for, ``back`` leads there, ``elsewhere`` says how in a browser that may not see it.
    """

    tone: str
    icon: str
    title: str
    amount: str
    about: str
    text: str
    next_step: str
    back: str = ""
    elsewhere: str = ""
    is_waiting: bool = False
    look_again: int | None = None
    seconds: int = 0
    may_retry: bool = False

    @property
    def icon_template(self) -> str:
        """The template that draws the icon."""
        return f"wagtail_payments/elements/icons/{self.icon}.html"


def of(attempt: PaymentAttempt, *, looked: str = "") -> Outcome:
    """Return what to say, in the active language; ``looked`` is what the address says about earlier looks."""
    if attempt.event_id is not None:
        return _of_seats(attempt, looked)
    amount = _amount(attempt)
    told = {
        AttemptState.SUCCEEDED: lambda: _succeeded(amount),
        AttemptState.PROCESSING: lambda: _processing(amount),
        AttemptState.FAILED: lambda: _failed(amount),
        AttemptState.EXPIRED: lambda: _expired(amount),
    }.get(
        AttemptState(attempt.state),
        lambda: _waiting(
            looked, amount, _("It takes longer than usual. You can close this page: the receipt comes by e-mail.")
        ),
    )()
    if attempt.payment_request_id is not None:
        return _of_several(attempt, told)
    return replace(
        told,
        about=_("Invoice %(number)s") % {"number": attempt.invoice.number},
        back=_("Back to the invoice"),
        elsewhere=_("Open the link in your e-mail to come back to the invoice."),
    )


def _of_several(attempt: PaymentAttempt, told: Outcome) -> Outcome:
    """The same payment, of several invoices."""
    shares = attempt.shares.select_related("invoice__document").order_by("pk")
    numbers = ", ".join(share.invoice.number for share in shares)
    is_over = attempt.state == AttemptState.EXPIRED
    return replace(
        told,
        about=_("Invoices %(numbers)s") % {"numbers": numbers},
        next_step=_("You can start again from your invoices.") if is_over else told.next_step,
        back=_("Back to your invoices"),
        elsewhere=_("Open the link in your e-mail to come back to your invoices."),
    )


def _of_seats(attempt: PaymentAttempt, looked: str) -> Outcome:
    """The same payment, said to somebody who registers for an event."""
    registration, amount = attempt.invoice.registration, _amount(attempt)
    told = {
        AttemptState.SUCCEEDED: lambda: _registered(amount) if registration.confirmed_at else _seats_gone(amount),
        AttemptState.PROCESSING: lambda: _seats_pending(amount),
        AttemptState.FAILED: lambda: replace(_failed(amount), next_step=_("You can try again from your registration.")),
        AttemptState.EXPIRED: lambda: replace(
            _expired(amount), next_step=_("Look at your registration: there may still be seats.")
        ),
    }.get(
        AttemptState(attempt.state),
        lambda: _waiting(
            looked, amount, _("It takes longer than usual. You can close this page: the confirmation comes by e-mail.")
        ),
    )()
    return replace(
        told,
        about=registration.event.said("name", registration.language),
        back=_("See your registration"),
        elsewhere=_("Go back to the browser in which you registered to try again."),
    )


def _amount(attempt: PaymentAttempt) -> str:
    return Writer(attempt.invoice.language, attempt.currency).money(attempt.amount)


def _registered(amount: str) -> Outcome:
    return Outcome(
        tone="done",
        icon="check",
        title=_("Thank you, you are registered"),
        amount=amount,
        about="",
        text="",
        next_step=_("The confirmation comes by e-mail in a moment, with your invoice and a file for your calendar."),
    )


def _seats_gone(amount: str) -> Outcome:
    return Outcome(
        tone="late",
        icon="alert",
        title=_("The seats are gone"),
        amount=amount,
        about="",
        text=_("Your payment came when they were given to others. The money goes back to you by itself."),
        next_step=_("A letter tells you as soon as it is on its way. There is nothing more to do."),
    )


def _seats_pending(amount: str) -> Outcome:
    return Outcome(
        tone="wait",
        icon="hourglass",
        title=_("Thank you, your payment is being confirmed"),
        amount=amount,
        about="",
        text=_("Your seats are kept meanwhile.") + " " + waiting_words(amount),
        next_step=_("The confirmation comes by e-mail once the money has arrived. You can close this page."),
    )


def _succeeded(amount: str) -> Outcome:
    return Outcome(
        tone="done",
        icon="check",
        title=_("Thank you, your payment has arrived"),
        amount=amount,
        about="",
        text="",
        next_step=_("Your receipt comes by e-mail in a moment. There is nothing more to do."),
    )


def _processing(amount: str) -> Outcome:
    return Outcome(
        tone="wait",
        icon="hourglass",
        title=_("Thank you, your payment is being confirmed"),
        amount=amount,
        about="",
        text=waiting_words(amount),
        next_step=_("Your receipt comes by e-mail once the money has arrived. You can close this page."),
    )


def _failed(amount: str) -> Outcome:
    return Outcome(
        tone="late",
        icon="alert",
        title=_("The payment did not go through"),
        amount=amount,
        about="",
        text=_("Nothing was charged. Your bank or card may have refused it."),
        next_step=_("You can try again, or pay in another way."),
        may_retry=True,
    )


def _expired(amount: str) -> Outcome:
    return Outcome(
        tone="soon",
        icon="clock",
        title=_("The payment page was open for too long"),
        amount=amount,
        about="",
        text=_("It closed by itself, and nothing was charged."),
        next_step=_("You can start again from the invoice."),
        may_retry=True,
    )


def _waiting(looked: str, amount: str, by_hand: str) -> Outcome:
    times = int(looked) if looked.isdecimal() and len(looked) < 3 else 0
    looks_again = looked != STOPPED and times < len(PAUSES)
    by_itself = _("This page looks again by itself in a few seconds.")
    return Outcome(
        tone="wait",
        icon="hourglass",
        title=_("We are waiting for your payment to be confirmed"),
        amount=amount,
        about="",
        text=_("This usually takes a few seconds."),
        next_step=by_itself if looks_again else by_hand,
        is_waiting=True,
        look_again=times + 1 if looks_again else None,
        seconds=PAUSES[times] if looks_again else 0,
    )
