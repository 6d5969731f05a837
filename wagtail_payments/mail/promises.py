"""Letters to the seller about the day on which a customer means to pay."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import posts
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import plain
from wagtail_payments.mail.wordings import notice_of
from wagtail_payments.mail.writing import Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.promises import Promise


def owner_promised(*, promise: Promise, amount: int, now: datetime) -> Letter:
    """Tell the seller which day a customer named for how much, minor units; once for each promise."""
    with translation.override(promise.invoice.seller.language):
        said = _said(promise)
        words = Words(
            subject=_("%(customer)s plans to pay %(number)s on %(day)s") % said,
            paragraphs=[
                plain(_("%(customer)s means to pay invoice %(number)s on %(day)s.") % said),
                plain(_("Until then it counts as planned, and no reminder is sent.")),
            ],
            facts=[
                (_("Customer"), said["customer"]),
                (_("Invoice"), said["number"]),
                (_("Amount"), _writer(promise).money(amount)),
                (_("Planned on"), said["day"]),
            ],
            notice=notice_of(promise.invoice.mode),
        )
    return posts.to_seller("owner_promised", promise.invoice, words, once=f"owner_promised:{promise.pk}", now=now)


def owner_withdrew(*, promise: Promise, now: datetime) -> Letter:
    """Tell the seller that a customer took back the day they had named; once."""
    with translation.override(promise.invoice.seller.language):
        said = _said(promise)
        words = Words(
            subject=_("%(customer)s no longer plans to pay %(number)s on %(day)s") % said,
            paragraphs=[plain(_("%(customer)s took back the day planned for invoice %(number)s, %(day)s.") % said)],
            facts=[(_("Customer"), said["customer"]), (_("Invoice"), said["number"])],
            notice=notice_of(promise.invoice.mode),
        )
    return posts.to_seller("owner_promised", promise.invoice, words, once=f"owner_withdrew:{promise.pk}", now=now)


def _said(promise: Promise) -> dict[str, str]:
    invoice = promise.invoice
    day = _writer(promise).date(promise.planned_on.isoformat())
    return {"customer": one_line(invoice.customer.name), "number": invoice.number, "day": day}


def _writer(promise: Promise) -> Writer:
    return Writer(promise.invoice.seller.language, promise.invoice.currency)
