"""Leaving a contract, of a quote or of a registration: who does, and what is said of the right to."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.actions.withdrawals import Right
from wagtail_payments.portal.signer_form import EmailField, NameField
from wagtail_payments.printing.amounts import Writer


class WithdrawalForm(forms.Form):
    """Who withdraws, and where the acknowledgement goes."""

    name = NameField()
    email = EmailField(help_text=gettext_lazy("The acknowledgement goes there at once."))


def right_words(right: Right | None, writer: Writer) -> str:
    """Return until when a contract may be left, or why it can't be; nothing where the law gives no right."""
    if right is None or right.reason:
        return right.reason if right else ""
    day = {"day": writer.date(right.last_day.isoformat())}
    if right.ends_early:
        return (
            _("You may withdraw until it begins.") if right.is_open else _("The right to withdraw ended as it began.")
        )
    if right.is_open:
        return _("You may withdraw until %(day)s.") % day
    return _("The time to withdraw ended on %(day)s.") % day
