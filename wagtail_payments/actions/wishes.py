"""A registration as somebody asks for it: who, which places, and what they were shown and promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from wagtail_payments.actions.baskets import Place, PriceChanged
from wagtail_payments.records.events import Event


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who registers, and the invoice's address where a business wants one."""

    name: str
    email: str
    phone: str = ""
    kind: str = "consumer"
    organisation: str = ""
    street: str = ""
    extra: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    siren: str = ""
    vat_number: str = ""
    order_reference: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A registration as asked for. ``form_key`` is the form's own.

    ``seen`` holds the unit prices that were shown, ``promised`` what was to be paid at once, as ``ticket_deposits``
    names it, ``shown_right`` the right to withdraw: the event's exception, or nothing where there is none.
    ``begins_early``: a private person asks that it takes place within the days to withdraw.
    """

    event_id: int
    places: Sequence[Place]
    buyer: Buyer
    language: str
    form_key: str
    code: str = ""
    seen: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    consents: Sequence[str] = ()
    pays_later: bool = False
    promised: str | None = None
    shown_right: str | None = None
    begins_early: bool = False


def refuse_changed_right(*, event: Event, wish: Wish) -> None:
    """Raise ``PriceChanged`` where somebody was shown another right to withdraw; None was shown none."""
    if wish.shown_right is not None and wish.shown_right != event.no_withdrawal:
        raise PriceChanged(_("The right to withdraw has just changed. Please look at it again."))
