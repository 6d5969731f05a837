"""The built-in words of letters about events, in the order in which a registration may get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import templates, vocabulary
from wagtail_payments.mail.templates import MARKS, Marks, Said, Template

_FACTS = (
    (gettext_lazy("Event"), "event"),
    (gettext_lazy("When"), "when"),
    (gettext_lazy("Where"), "place"),
)


def _letter(subject: str, *texts: str) -> Said:
    """Greeting, sentences and closing."""
    greeting, closing = _("Hello %(name)s,") % MARKS, _("Kind regards") + "\n{{ seller }}"
    return Said(subject % MARKS, templates.joined(greeting, *(text % MARKS for text in texts), closing))


# Where it is not the key: letters of several occasions are of one kind.
_KINDS = {
    "invited": "registered",
    "seats_cancelled": "registration_cancelled",
    "event_cancelled": "registration_cancelled",
    "uninvited": "registration_cancelled",
    "replaced": "registration_cancelled",
    "seat_given_back": "seat_lost",
    "registration_unpaid": "payment_failed",
}


def _manage() -> str:
    return _("Manage your registration")


def _kind(
    key: str,
    label: Any,
    goes_out: Any,
    placeholders: Mapping[str, Any],
    words: Callable[[], Said],
    button: Callable[[], str] = _manage,
) -> Template:
    kind = _KINDS.get(key, "")
    return templates.register(Template(key, label, goes_out, placeholders, words, button, _FACTS, kind))


def _registered() -> Said:
    return _letter(
        _("You are registered: %(event)s, %(date)s"),
        _("Your registration for “%(event)s” is confirmed. We look forward to seeing you!"),
        "{{ join_online }}",
        "{{ how_to_pay }}",
        "{{ enclosed }}",
        "{{ may_cancel }}",
        _("On this page you find everything again, and can change who comes:"),
        "#LINK",
    )


def _invited() -> Said:
    return _letter(
        _("You are registered: %(event)s, %(date)s"),
        _("%(buyer)s has registered you for “%(event)s”. We look forward to seeing you!"),
        _("A file for your calendar is attached."),
        "{{ join_online }}",
    )


def _cancelled(subject: str) -> Said:
    return _letter(subject, "{{ what_ended }}", "{{ reason }}", "{{ money }}", "{{ who_still_comes }}", "#LINK")


def _withdrawn() -> Said:
    return _letter(
        _("Your withdrawal from %(event)s has arrived"),
        _("%(seller)s has received your withdrawal. Keep this letter: it is your proof."),
        "{{ statement }}",
        _("Your seats are cancelled, and all that you have paid for them is sent back within 14 days at most."),
    )


def _uninvited() -> Said:
    return _letter(_("Cancelled: %(event)s, %(date)s"), "{{ what_ended }}", "{{ reason }}", "{{ who_still_comes }}")


def _replaced() -> Said:
    return _letter(
        _("Your seat is no longer in your name: %(event)s, %(date)s"),
        _("Who comes to “%(event)s” (%(date)s) has been changed: your seat is no longer in your name."),
        _("The attached file takes it out of your calendar."),
        _("If this is a mistake, reply to this e-mail."),
    )


def _changed() -> Said:
    return _letter(
        _("Changed: %(event)s, %(date)s"),
        _("Time or place of “%(event)s” have changed. It now is:") + "\n{{ when }}\n{{ place }}",
        _("The attached file brings your calendar up to date. If you can’t come any more, reply to this e-mail."),
        "{{ join_online }}",
        "#LINK",
    )


def _soon() -> Said:
    return _letter(
        _("See you soon: %(event)s, %(date)s"),
        _("“%(event)s” is coming up. We look forward to seeing you!"),
        "{{ join_online }}",
        "#LINK",
    )


def _lost(subject: str) -> Said:
    return _letter(
        subject,
        "{{ why }}",
        "{{ reason }}",
        _("You are not registered, and no invoice was made."),
        _(
            "We are sending the whole amount back the way you paid."
            " Your bank may take up to ten days to show it. There is nothing you need to do."
        ),
        _("Do you have a question? Simply reply to this e-mail."),
    )


def _unpaid() -> Said:
    return _letter(
        _("Your payment for %(event)s did not go through"),
        _("Your bank did not carry out the payment of %(amount)s for “%(event)s”."),
        "{{ what_now }}",
        "{{ reason }}",
        _("Do you have a question? Simply reply to this e-mail."),
    )


def _balance() -> Said:
    said, due_on = Marks(date=MARKS["due_on"]), _("The balance for %(event)s: %(amount)s due %(date)s")
    return _letter(
        due_on % said,
        _("“%(event)s” is coming soon, and we look forward to seeing you."),
        _("Your deposit is deducted on the invoice attached: %(amount)s are left to pay by %(date)s.") % said,
        _("Do you have a question? Simply reply to this e-mail."),
        "#LINK",
    )


REGISTERED = _kind(
    "registered",
    gettext_lazy("Registration confirmed"),
    gettext_lazy("To whoever registered, once the seats are theirs."),
    vocabulary.REGISTERED,
    _registered,
)
INVITED = _kind(
    "invited",
    gettext_lazy("Registered by somebody else"),
    gettext_lazy("To attendees with an address of their own."),
    vocabulary.INVITED,
    _invited,
)
BALANCE = _kind(
    "balance",
    gettext_lazy("Balance of a registration"),
    gettext_lazy("Some days before the event, where tickets are paid in two parts."),
    vocabulary.BALANCE,
    _balance,
    lambda: _("Pay %(amount)s") % MARKS,
)
CHANGED = _kind(
    "event_changed",
    gettext_lazy("Event changed"),
    gettext_lazy("When you announce that time or place have changed."),
    vocabulary.TO_ATTENDEES,
    _changed,
)
REMINDER = _kind(
    "event_reminder",
    gettext_lazy("Reminder of an event"),
    gettext_lazy("Some days before, where the event says so."),
    vocabulary.TO_ATTENDEES,
    _soon,
)
CANCELLED = _kind(
    "registration_cancelled",
    gettext_lazy("Registration cancelled"),
    gettext_lazy("When all seats of a registration are given up."),
    vocabulary.CANCELLED,
    lambda: _cancelled(_("Registration cancelled: %(event)s, %(date)s")),
)
SEATS_CANCELLED = _kind(
    "seats_cancelled",
    gettext_lazy("Some seats cancelled"),
    gettext_lazy("When some seats of a registration are given up and others stay."),
    vocabulary.CANCELLED,
    lambda: _cancelled(_("Seats cancelled: %(event)s, %(date)s")),
)
CALLED_OFF = _kind(
    "event_cancelled",
    gettext_lazy("Event cancelled"),
    gettext_lazy("To whoever registered, when the event is called off."),
    vocabulary.CANCELLED,
    lambda: _cancelled(_("Cancelled: %(event)s, %(date)s")),
)
# C. conso. D221-5: as of a quote, the table below always has who, the date and the time.
WITHDRAWN = templates.register(
    Template(
        "registration_withdrawn",
        gettext_lazy("Withdrawal from a registration confirmed"),
        gettext_lazy("At once, when a consumer withdraws. The table with date and time always stands below."),
        vocabulary.REGISTRATION_WITHDRAWN,
        _withdrawn,
        lambda: "",
        (*_FACTS, (gettext_lazy("Withdrawn by"), "name"), (gettext_lazy("Received on"), "received_on")),
        "withdrawal",
        needed=["statement"],
    )
)
UNINVITED = _kind(
    "uninvited",
    gettext_lazy("Cancelled, to attendees"),
    gettext_lazy("To attendees whose seat was given up by somebody else, or whose event was called off."),
    vocabulary.UNINVITED,
    _uninvited,
)
REPLACED = _kind(
    "replaced",
    gettext_lazy("Seat passed on"),
    gettext_lazy("To an attendee whose seat was put in another name."),
    {name: meaning for name, meaning in vocabulary.INVITED.items() if name not in ("buyer", "join_online")},
    _replaced,
)
SEAT_LOST = _kind(
    "seat_lost",
    gettext_lazy("Paid too late, no seat left"),
    gettext_lazy("When money comes after the time to pay has ended and the seats are gone."),
    vocabulary.SEAT_LOST,
    lambda: _lost(_("No seat left: %(amount)s for %(event)s comes back to you")),
)
SEAT_GIVEN_BACK = _kind(
    "seat_given_back",
    gettext_lazy("Paid for seats that were given up"),
    gettext_lazy("When money comes for seats that were given back, or for an event that was called off."),
    vocabulary.SEAT_LOST,
    lambda: _lost(_("%(amount)s for %(event)s comes back to you")),
)
UNPAID = _kind(
    "registration_unpaid",
    gettext_lazy("Payment of a registration failed"),
    gettext_lazy("When a bank refuses a payment for seats."),
    vocabulary.UNPAID,
    _unpaid,
)
