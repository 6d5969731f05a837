"""What the placeholders of each kind of letter mean, for whoever edits its words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail_payments.mail.placeholders import LINK, PLACEHOLDERS

ABOUT_DOCUMENT: dict[str, Any] = {
    LINK: _("the customer's link"),
    "customer": _("the customer's name"),
    "seller": _("your name"),
    "number": _("the number of the document"),
    "amount": _("the amount"),
}
RECEIPT: dict[str, Any] = ABOUT_DOCUMENT | {
    "method": _("how it was paid"),
    "date": _("the day the money came"),
}
REFUND: dict[str, Any] = ABOUT_DOCUMENT | {"how": _("a sentence on how the money goes back, and when it arrives")}
CREDIT_NOTE: dict[str, Any] = ABOUT_DOCUMENT | {
    "invoice": _("the number of the invoice that it lowers"),
    "reason": _("your reason, where you gave one"),
}
FAILED: dict[str, Any] = ABOUT_DOCUMENT | {"what_now": _("a sentence on whether there is still something to pay")}
REVISED: dict[str, Any] = {
    LINK: _("the customer's link"),
    "number": _("the number of the invoice"),
    "revision": _("which revision it is: 2, 3…"),
    "changes": _("what was changed"),
    "message": _("what you add when you revise, if anything"),
    "customer": _("the customer's name"),
    "seller": _("your name"),
}
QUOTE: dict[str, Any] = {
    LINK: _("the customer's link"),
    "number": _("the number of the quote"),
    "title": _("the subject of the quote"),
    "amount": _("the total"),
    "valid_until": _("the last day it is valid"),
    "customer": _("the customer's name"),
    "seller": _("your name"),
}
QUOTE_ANSWER: dict[str, Any] = QUOTE | {
    "answer": _("your answer"),
    "you_asked": _("the question, where there was one, with a line before it"),
}
SIGNING_CODE: dict[str, Any] = {
    "code": _("the code"),
    "minutes": _("for how many minutes it works"),
    "number": _("the number of the quote"),
    "seller": _("your name"),
}
QUOTE_SIGNED: dict[str, Any] = {
    LINK: _("the customer's link"),
    "number": _("the number of the quote"),
    "title": _("the subject of the quote"),
    "amount": _("the agreed total"),
    "name": _("who signed"),
    "signed_on": _("when it was signed"),
    "customer": _("the customer's name"),
    "seller": _("your name"),
}
WITHDRAWAL: dict[str, Any] = {
    "statement": _("what the customer declared, as it was confirmed"),
    "name": _("who withdraws"),
    "received_on": _("the day and the time it arrived"),
    "number": _("the number of the quote"),
    "seller": _("your name"),
}
REMINDER: dict[str, Any] = PLACEHOLDERS | {"days_late": _("how many days it is late")}
TOGETHER: dict[str, Any] = {
    LINK: _("the link to pay them all together"),
    "count": _("how many invoices they are"),
    "due": _("what is still to pay, all together"),
    "customer": _("the customer's name"),
    "seller": _("your name"),
}
REMINDERS: dict[str, Any] = TOGETHER | {"days_late": _("how many days the oldest is late")}
ABOUT_EVENT: dict[str, Any] = {
    LINK: _("the link to the registration"),
    "name": _("the reader's name"),
    "event": _("the name of the event"),
    "date": _("the day it begins"),
    "when": _("from when to when"),
    "place": _("where it takes place"),
    "seller": _("your name"),
}
REGISTERED: dict[str, Any] = ABOUT_EVENT | {
    "join_online": _("where to join, if it is online"),
    "how_to_pay": _("a sentence on how to pay, if it is not paid yet"),
    "enclosed": _("a sentence on what is attached"),
    "may_cancel": _("a sentence on until when one may cancel"),
}
INVITED: dict[str, Any] = {name: meaning for name, meaning in ABOUT_EVENT.items() if name != LINK} | {
    "buyer": _("the name of whoever registered them"),
    "join_online": REGISTERED["join_online"],
}
TO_ATTENDEES: dict[str, Any] = ABOUT_EVENT | {"join_online": REGISTERED["join_online"]}
CANCELLED: dict[str, Any] = ABOUT_EVENT | {
    "what_ended": _("a sentence on who cancelled what"),
    "reason": _("the reason, where one was given"),
    "money": _("a sentence on what comes back"),
    "who_still_comes": _("a sentence on the seats that stay, or on the file for the calendar"),
}
UNINVITED: dict[str, Any] = {name: meaning for name, meaning in CANCELLED.items() if name not in (LINK, "money")}
REGISTRATION_WITHDRAWN: dict[str, Any] = {name: meaning for name, meaning in ABOUT_EVENT.items() if name != LINK} | {
    name: WITHDRAWAL[name] for name in ("statement", "name", "received_on")
}
SEAT_LOST: dict[str, Any] = {
    "name": ABOUT_EVENT["name"],
    "event": ABOUT_EVENT["event"],
    "seller": ABOUT_EVENT["seller"],
    "amount": _("the amount"),
    "why": _("a sentence on why there was no seat"),
    "reason": _("the reason, where one was given"),
}
UNPAID: dict[str, Any] = {
    "name": ABOUT_EVENT["name"],
    "event": ABOUT_EVENT["event"],
    "seller": ABOUT_EVENT["seller"],
    "amount": _("the amount"),
    "what_now": _("a sentence on what becomes of the seats"),
    "reason": _("the reason, where one was given"),
}
BALANCE: dict[str, Any] = ABOUT_EVENT | {
    LINK: _("the customer's link"),
    "number": _("the number of the invoice"),
    "amount": _("what is still to pay"),
    "due_on": _("the date it is due"),
}
