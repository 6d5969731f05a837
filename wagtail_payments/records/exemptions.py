"""Whether a private person may withdraw from what was agreed online, and how an exception is said."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.withdrawal import Exemption


def withdrawal_rules() -> list[tuple[str, Any]]:
    """Return whether a private person who signs or registers online may withdraw, C. conso. L221-28."""
    return [
        ("", _("14 days to withdraw, as the law says")),
        (Exemption.DATED_LEISURE.value, _("No withdrawal: a leisure service on a given date")),
        (Exemption.MADE_TO_MEASURE.value, _("No withdrawal: made to measure")),
        (Exemption.URGENT_REPAIR.value, _("No withdrawal: urgent work at the customer's home")),
        (Exemption.DIGITAL.value, _("No withdrawal: digital content supplied at once")),
    ]


def exemption_reasons() -> dict[str, Any]:
    """Return why a consumer may not withdraw, as it is printed."""
    return {
        Exemption.DATED_LEISURE.value: _(
            "This is a leisure service on a given date: there is no right of withdrawal (C. conso. L221-28, 12°)."
        ),
        Exemption.MADE_TO_MEASURE.value: _(
            "This is made to measure: there is no right of withdrawal (C. conso. L221-28, 3°)."
        ),
        Exemption.URGENT_REPAIR.value: _(
            "This is urgent work at your home, which you asked for: there is no right of withdrawal "
            "(C. conso. L221-28, 8°)."
        ),
        Exemption.DIGITAL.value: _(
            "This is digital content supplied at once, with your consent: there is no right of withdrawal "
            "(C. conso. L221-28, 13°)."
        ),
    }


class MayBeLeft(models.Model):
    """An event, or a registration for it: may a private person withdraw, or by which exception not?

    Most events are leisure on a given date, so that exception stands unless the organiser chooses otherwise.
    """

    no_withdrawal = models.CharField(
        _("a private person's right to withdraw"),
        max_length=20,
        choices=withdrawal_rules,
        blank=True,
        default=Exemption.DATED_LEISURE.value,
        help_text=_(
            "For private persons who pay to register. It is said before they do, an exception with its reason."
        ),
    )

    class Meta:
        abstract = True
