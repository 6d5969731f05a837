"""The panels of an event's editor: what every event needs on top, all that can wait folded below."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from wagtail_payments.admin.event_forms import EventForm
from wagtail_payments.admin.event_parts import (
    PartsPanel,
    code_panels,
    consent_panels,
    question_panels,
    ticket_panels,
)
from wagtail_payments.admin.translated_form import TranslationsPanel
from wagtail_payments.records.events import Event

FOLDED = "collapsed"


def event_edit_handler() -> ObjectList:
    """Return the panels of the editor."""
    return ObjectList(
        [
            MultiFieldPanel(_what_and_when(), heading=_("What, when and where")),
            PartsPanel("ticket_types", panels=ticket_panels(), heading=_("Tickets"), label=_("ticket type")),
            MultiFieldPanel(_registration(), heading=_("When and how people register"), classname=FOLDED),
            PartsPanel(
                "questions", panels=question_panels(), heading=_("Questions"), label=_("question"), classname=FOLDED
            ),
            PartsPanel(
                "consents", panels=consent_panels(), heading=_("Consents"), label=_("consent"), classname=FOLDED
            ),
            PartsPanel(
                "discount_codes",
                panels=code_panels(),
                heading=_("Discount codes"),
                label=_("discount code"),
                classname=FOLDED,
            ),
            MultiFieldPanel(_cancelling(), heading=_("When someone can't come"), classname=FOLDED),
            MultiFieldPanel(_letters(), heading=_("E-mails"), classname=FOLDED),
        ],
        base_form_class=EventForm,
    ).bind_to_model(Event)


def _what_and_when() -> list[Any]:
    return [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at"), FieldPanel("time_zone")]),
        FieldRowPanel([FieldPanel("place"), FieldPanel("capacity")]),
        FieldPanel("address"),
        FieldPanel("online_url"),
        FieldRowPanel([FieldPanel("language"), FieldPanel("site")]),
        TranslationsPanel(),
    ]


def _registration() -> list[Any]:
    return [
        FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
        FieldRowPanel([FieldPanel("shows_seats_left"), FieldPanel("asks_names")]),
        FieldRowPanel([FieldPanel("hold_minutes"), FieldPanel("pays_later")]),
        FieldRowPanel([FieldPanel("deposit_percent"), FieldPanel("balance_days")]),
    ]


def _cancelling() -> list[Any]:
    row = [FieldPanel("cancellation"), FieldPanel("cancellation_days"), FieldPanel("cancellation_fee")]
    return [FieldRowPanel(row), FieldPanel("no_withdrawal")]


def _letters() -> list[Any]:
    return [FieldRowPanel([FieldPanel("reminder_days"), FieldPanel("notify"), FieldPanel("organiser_email")])]
