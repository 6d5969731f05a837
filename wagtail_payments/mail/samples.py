"""Letters to look at while their words are edited: everything invented but the seller, the way of a real letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.core import numbering
from wagtail_payments.core.numbering import Series
from wagtail_payments.mail import quote_templates, templates, vocabulary, writing
from wagtail_payments.mail.placeholders import Linked, Paragraph, Piece, Values, fill_line
from wagtail_payments.mail.revisions import changes_in_words
from wagtail_payments.mail.templates import Said, Template
from wagtail_payments.mail.writing import LaidOut, Listed
from wagtail_payments.printing.amounts import Writer, method_within
from wagtail_payments.printing.moments import Clock
from wagtail_payments.records.agreements import SigningCode
from wagtail_payments.records.sellers import Seller

EXAMPLE_URL = "https://…"
_AMOUNT = 24_000
# Whose number a letter tells, by its kind, where it is not an invoice's.
_SERIES = {
    **dict.fromkeys(quote_templates.KINDS, Series.QUOTE),
    "proforma": Series.PROFORMA,
    "credit_note": Series.CREDIT_NOTE,
    "receipt": Series.RECEIPT,
    "refund_receipt": Series.RECEIPT,
}


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
            linked=Linked(EXAMPLE_URL if has_link else "", fill_line(template.button(), values)),
            facts=[(str(label), _text(values[name])) for label, name in template.facts if name in values],
            given=said,
        )
        if template.placeholders in (vocabulary.REMINDERS, vocabulary.TOGETHER):
            words = replace(words, facts=(), listed=_listed(language, seller, today))
    return writing.lay_out(template.letter_kind, words, seller=seller, language=language)


def subject(template: Template, *, seller: Seller, language: str, said: Said, today: date) -> str:
    """Return the subject of that letter."""
    with translation.override(language):
        return fill_line(said.subject, sample_values(template, seller, language, today))


def sample_values(template: Template, seller: Seller, language: str, today: date) -> Values:
    """Return an example for each placeholder, in the active language."""
    writer = Writer(language, seller.currency)
    amount, day = writer.money(_AMOUNT), writer.date((today - timedelta(days=7)).isoformat())
    number = _number(seller, _SERIES.get(template.letter_kind, Series.INVOICE), today)
    about = {"number": number, "amount": amount, "event": _("Bookbinding workshop"), "date": day}
    values = _plain(seller, writer, today) | _sentences(about) | _of_quotes(seller, writer, today) | about
    if template.placeholders is vocabulary.REGISTRATION_WITHDRAWN:
        values["statement"] = _left_registration(seller, about)
    known = {name: value for name, value in values.items() if name in template.placeholders}
    if "join_online" in template.placeholders:
        url = "https://meet.example/room"
        return {**known, "join_online": Paragraph((Piece(_("Join online:") + " "), Piece(url, url)))}
    return known


def _plain(seller: Seller, writer: Writer, today: date) -> dict[str, str]:
    return {
        "title": _("Bookbinding workshop"),
        "due": writer.money(_AMOUNT),
        "instalment": writer.money(_AMOUNT // 2),
        "due_on": writer.date((today - timedelta(days=7)).isoformat()),
        "days_late": "7",
        "count": "2",
        "customer": "Nadia Ferrand",
        "name": "Nadia Ferrand",
        "buyer": "Julie Martin",
        "seller": seller.name,
        "method": method_within("card"),
        "invoice": _number(seller, Series.INVOICE, today, 41),
        "revision": "2",
        "changes": ", ".join(changes_in_words(["order_reference"])),
        "message": _("Here is the invoice with your purchase order number, as you asked."),
        "when": writer.date((today + timedelta(days=20)).isoformat()),
        "place": seller.city or "Toulouse",
    }


def _of_quotes(seller: Seller, writer: Writer, today: date) -> dict[str, str]:
    clock = Clock(seller.time_zone, writer.language, says_zone=True)
    moment = clock.moment(datetime(today.year, today.month, today.day, 13, 5, tzinfo=UTC))
    begun = {"name": "Nadia Ferrand", "seller": seller.name, "number": _number(seller, Series.QUOTE, today)}
    signed = begun | {"day": writer.date((today - timedelta(days=7)).isoformat())}
    return {
        "valid_until": writer.date((today + timedelta(days=30)).isoformat()),
        "answer": _("Yes, we could begin on any day in May. Tell us which one suits you."),
        "you_asked": _("You had asked:") + "\n\n" + _("Could the work begin in May?"),
        "code": "482913",
        "minutes": str(SigningCode.MINUTES),
        "signed_on": moment,
        "received_on": moment,
        "statement": _(
            "I, %(name)s, withdraw from the contract with %(seller)s that was made by quote %(number)s, "
            "signed on %(day)s."
        )
        % signed,
    }


def _left_registration(seller: Seller, about: dict[str, str]) -> str:
    said = {"name": "Nadia Ferrand", "seller": seller.name, "event": about["event"], "day": about["date"]}
    return (
        _(
            "I, %(name)s, withdraw from the contract with %(seller)s that was made by registering for "
            "“%(event)s” on %(day)s."
        )
        % said
    )


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


def _number(seller: Seller, series: Series, today: date, sequence: int = 42) -> str:
    return numbering.number(seller.pattern(series), year=today.year, sequence=sequence)


def _listed(language: str, seller: Seller, today: date) -> list[Listed]:
    writer = Writer(language, seller.currency)
    return [
        Listed(
            _number(seller, Series.INVOICE, today, sequence),
            writer.money(_AMOUNT // 2),
            _("due %(date)s") % {"date": writer.date((today - timedelta(days=days)).isoformat())},
            EXAMPLE_URL,
            _("Pay"),
        )
        for sequence, days in ((41, 7), (42, 2))
    ]


def _text(value: str | Paragraph) -> str:
    return value if isinstance(value, str) else value.text
