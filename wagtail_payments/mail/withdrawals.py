"""Letters when a consumer leaves a registration; and what every letter about a withdrawal says of it.

The law wants its content, the date and the time on a durable medium: C. conso. L221-21, D221-5.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import event_templates, organisers, writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.event_words import EventFacts, Rows
from wagtail_payments.mail.placeholders import Paragraph, plain
from wagtail_payments.mail.registrants import Reader, notice_about, post_to, words_to
from wagtail_payments.mail.writing import Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.exemptions import exemption_reasons
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.registrations import Registration
from wagtail_payments.records.sellers import Seller
from wagtail_payments.records.withdrawals import Withdrawal


def registration_withdrawn(*, registration: Registration, withdrawal: Withdrawal, now: datetime) -> Letter:
    """Acknowledge a withdrawal at once; what comes back is told by the letter about the cancellation.

    It goes to an address that was just typed, so it has no link to the registration.
    """
    event, language = registration.event, registration.language
    reader = Reader(one_line(withdrawal.name), withdrawal.email)
    with translation.override(language):
        values = {"statement": withdrawal.statement, "received_on": received_on(withdrawal, event.seller, language)}
        words = words_to(
            reader,
            registration,
            event,
            template=event_templates.WITHDRAWN,
            values=values,
            facts=[*EventFacts(event, language).rows(), *rows(withdrawal, event.seller, language)],
        )
    once = f"withdrawal:registration:{registration.pk}"
    post = post_to(reader, registration, event, kind="withdrawal", once=once)
    return writing.write(post, words, now=now)


def owner_registration_withdrawn(*, registration: Registration, withdrawal: Withdrawal, now: datetime) -> Letter:
    """Tell the organiser that a registrant has withdrawn, and that what was paid online goes back by itself."""
    event, language = registration.event, registration.event.seller.language
    with translation.override(language):
        facts = EventFacts(event, language)
        said = {"name": one_line(registration.name), "event": facts.name}
        words = Words(
            subject=_("%(name)s has withdrawn from %(event)s") % said,
            paragraphs=[
                plain(_("%(name)s has withdrawn from the registration for “%(event)s”, as the law allows.") % said),
                *blocks(withdrawal.statement),
                plain(
                    _(
                        "The seats are free. What was paid online goes back by itself; what was paid otherwise you "
                        "send back within 14 days (C. conso. L221-24)."
                    )
                ),
            ],
            facts=[*facts.rows(), *rows(withdrawal, event.seller, language)],
            notice=notice_about(registration),
        )
    once = f"owner_withdrawal:registration:{registration.pk}"
    return organisers.to_organiser(event, words, kind="owner_withdrawal", once=once, registration=registration, now=now)


def right_rows(registration: Registration) -> Rows:
    """Return the right to withdraw, or why there is none, for the letter that confirms it: C. conso. L221-13."""
    if not registration.is_of_consumer:
        return []
    return [(_("Withdrawal"), _right(registration))]


def _right(registration: Registration) -> str:
    if registration.no_withdrawal:
        return str(exemption_reasons()[registration.no_withdrawal])
    writer = Writer(registration.language, registration.currency)
    day = {"day": writer.date(registration.last_day_to_withdraw.isoformat())}
    if registration.right_ends_early:
        return _("You may withdraw on the page of your registration until the event begins (C. conso. L221-18).")
    return _("You may withdraw on the page of your registration until %(day)s (C. conso. L221-18).") % day


def rows(withdrawal: Withdrawal, seller: Seller, language: str) -> Rows:
    """Return who has withdrawn and when, for the small table of a letter; its language is active."""
    return [
        (_("Withdrawn by"), one_line(withdrawal.name)),
        (_("Received on"), received_on(withdrawal, seller, language)),
        (_("That is, in UTC"), f"{withdrawal.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
    ]


def received_on(withdrawal: Withdrawal, seller: Seller, language: str) -> str:
    """Return the day and the time it arrived, by the seller's clock."""
    return Clock(seller.time_zone, language, says_zone=True).moment(withdrawal.at)


def blocks(text: str) -> list[Paragraph]:
    """Return a text as the paragraphs of a letter."""
    return [plain(block) for block in text.split("\n\n") if block.strip()]
