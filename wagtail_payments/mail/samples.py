"""Letters to look at while their words are edited: everything invented but the seller, the way of a real letter."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import templates, vocabulary, writing
from wagtail_payments.mail.placeholders import Linked, Paragraph, Piece, Values, fill_line
from wagtail_payments.mail.templates import Said, Template
from wagtail_payments.mail.writing import LaidOut, Listed, Words
from wagtail_payments.printing.amounts import Writer, method_within
from wagtail_payments.records.sellers import Seller

EXAMPLE_URL = "https://…"
_AMOUNT = 24_000


def preview(template: Template, *, seller: Seller, language: str, said: Said, today: date) -> LaidOut:
    """Return the letter in these words; its links lead nowhere."""
    with translation.override(language):
        values = sample_values(template, seller, language, today)
        has_link = "link" in template.placeholders
        words = templates.words(
            template,
            seller=seller,
            language=language,
            values=values,
            linked=Linked(EXAMPLE_URL if has_link else "", template.button()),
            facts=[(str(label), _text(values[name])) for label, name in template.facts if name in values],
            given=said,
        )
        if template.placeholders is vocabulary.REMINDERS:
            words = Words(words.subject, words.paragraphs, listed=_listed(language, seller.currency, today))
    return writing.lay_out(template.letter_kind, words, seller=seller, language=language)


def subject(template: Template, *, seller: Seller, language: str, said: Said, today: date) -> str:
    """Return the subject of that letter."""
    with translation.override(language):
        return fill_line(said.subject, sample_values(template, seller, language, today))


def sample_values(template: Template, seller: Seller, language: str, today: date) -> Values:
    """Return an example for each placeholder, in the active language."""
    writer = Writer(language, seller.currency)
    amount, day = writer.money(_AMOUNT), writer.date((today - timedelta(days=7)).isoformat())
    about = {"number": _number(42), "amount": amount, "event": _("Bookbinding workshop"), "date": day}
    values = _plain(seller, writer, today) | _sentences(about) | about
    known = {name: value for name, value in values.items() if name in template.placeholders}
    if "join_online" in template.placeholders:
        url = "https://meet.example/room"
        return {**known, "join_online": Paragraph((Piece(_("Join online:") + " "), Piece(url, url)))}
    return known


def _plain(seller: Seller, writer: Writer, today: date) -> dict[str, str]:
    return {
        "title": _("Bookbinding workshop"),
        "due": writer.money(_AMOUNT),
        "due_on": writer.date((today - timedelta(days=7)).isoformat()),
        "days_late": "7",
        "count": "2",
        "customer": "Nadia Ferrand",
        "name": "Nadia Ferrand",
        "buyer": "Julie Martin",
        "seller": seller.name,
        "method": method_within("card"),
        "invoice": _number(41),
        "when": writer.date((today + timedelta(days=20)).isoformat()),
        "place": seller.city or "Toulouse",
    }


def _sentences(about: dict[str, str]) -> dict[str, str]:
    """What stands for whole sentences, as a reader would most often find it."""
    paid_back = _("We have sent %(amount)s back the way you paid. Your bank may take up to ten days to show it.")
    taken = _(
        "Your payment of %(amount)s for “%(event)s” reached us after the time to pay had ended,"
        " and the seats had been taken meanwhile. We are sorry."
    )
    return {
        "how": paid_back % about,
        "reason": _("Reason: %(reason)s") % {"reason": _("as agreed by telephone")},
        "what_now": _("The invoice is still to be paid. You can try again, or pay in another way:"),
        "how_to_pay": _("Please transfer %(amount)s by %(date)s, with the reference %(number)s.") % about,
        "enclosed": _("Your invoice and a file for your calendar are attached."),
        "may_cancel": _("You can cancel free of charge until %(moment)s.") % {"moment": about["date"]},
        "what_ended": _("You have cancelled the seats listed below for “%(event)s” (%(date)s).") % about,
        "money": paid_back % about,
        "who_still_comes": _("The attached file takes it out of your calendar."),
        "why": taken % about,
    }


def _number(sequence: int) -> str:
    return f"F2026-{sequence:04}"


def _listed(language: str, currency: str, today: date) -> list[Listed]:
    writer = Writer(language, currency)
    return [
        Listed(
            _number(sequence),
            writer.money(_AMOUNT // 2),
            _("due %(date)s") % {"date": writer.date((today - timedelta(days=days)).isoformat())},
            EXAMPLE_URL,
            _("Pay"),
        )
        for sequence, days in ((41, 7), (42, 2))
    ]


def _text(value: str | Paragraph) -> str:
    return value if isinstance(value, str) else value.text
