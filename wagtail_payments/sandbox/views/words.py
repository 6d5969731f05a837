"""The dashboard's sentences."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_payments.sandbox.rules import RefundEnding

DONE: dict[str, Promise] = {
    "refund": _("The refund is on its way, and the shop is told by webhook."),
    "fail_refund": _("The bank sent the refund back."),
    "dispute": _("The payer disputes the payment."),
    "inquire": _("The payer's bank asks about the payment."),
    "return_debit": _("The bank returned the debit."),
    "escalate": _("The bank has taken the money back."),
    "answer_dispute": _("The evidence is with the bank."),
    "close_dispute": _("The dispute is decided."),
    "expire": _("The session has expired."),
    "settle": _("The bank has answered."),
    "resend": _("The event is sent again."),
    "switches": _("From now on the sandbox behaves like this."),
    "forward": _("What was due by then has happened now."),
    "reset": _("The sandbox is empty again."),
}

SWITCHES: tuple[tuple[str, Promise, Promise], ...] = (
    ("twice", _("Send webhooks twice"), _("Each event arrives two times.")),
    ("late", _("Send webhooks late"), _("Each event arrives two minutes later.")),
    ("out_of_order", _("Send webhooks out of order"), _("Events overtake one another.")),
    ("lost", _("Lose webhooks"), _("No event arrives; they can still be sent again by hand.")),
)

REFUND_ENDINGS: dict[RefundEnding, Promise] = {
    RefundEnding.SUCCEEDED: _("Refunds succeed at once"),
    RefundEnding.PENDING: _("Refunds are pending first and succeed later"),
    RefundEnding.FAILED: _("Refunds are pending first and fail later"),
}
