"""Reminders to pay: one invoice, or several in one letter with a table; each at most once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.core import schedule
from wagtail_payments.core.reminders import Tone
from wagtail_payments.mail import posts, templates, vocabulary, writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import Linked
from wagtail_payments.mail.templates import MARKS, STEP, Marks, Said, Template
from wagtail_payments.mail.wordings import InvoiceFacts, notice_of
from wagtail_payments.mail.writing import LaidOut, Listed, Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.reminders import ReminderStep

KIND = "reminder"
NOWHERE = "https://…"


@dataclass(frozen=True, slots=True)
class Reminded:
    """An invoice in a reminder, with the customer's link to it."""

    invoice: Invoice
    link: Link | None

    def due(self, today: date) -> int:
        """What is still to pay, in minor units; of instalments all that is due by now, else the next one."""
        balance = self.invoice.balance()
        if not self.invoice.in_parts:
            return max(balance.due, 0)
        return schedule.offers(self.invoice.parts(), balance.not_asked, today).asked


def with_links(invoices: Sequence[Invoice]) -> list[Reminded]:
    """Return invoices with the customer's link to each, where that still opens."""
    documents = [invoice.document_id for invoice in invoices]
    links = Link.objects.filter(document__in=documents, purpose="customer", revoked_at=None)
    by_document = {link.document_id: link for link in links}
    return [Reminded(invoice, by_document.get(invoice.document_id)) for invoice in invoices]


def reminder(
    *,
    about: Sequence[Reminded],
    tone: Tone,
    step: ReminderStep | None,
    by: Any,
    now: datetime,
    once: str | None = None,
    together: Link | None = None,
) -> Letter:
    """Write one reminder of these invoices of one customer; it is sent at most once.

    ``together`` is the link by which several of them are paid at once.
    """
    first = about[0].invoice
    marks = [writing.place() for _one in about]
    mark = writing.place() if together else ""
    words = words_of(about=about, tone=tone, step=step, urls=marks, today=first.seller.today(now), together=mark)
    single = len(about) == 1
    link = about[0].link if single else together
    further = {} if single else {mark: one.link for mark, one in zip(marks, about, strict=True) if one.link}
    post = replace(posts.to_customer(KIND, first, link, by=by, once=once), further=further, at_most_once=True)
    return writing.write(post, words, mark=marks[0] if single else mark, now=now)


def preview(
    *, about: Sequence[Reminded], tone: Tone, step: ReminderStep | None, today: date, together: bool = False
) -> LaidOut:
    """Return that letter as it would be written; its links lead nowhere."""
    first = about[0].invoice
    urls, joint = [NOWHERE] * len(about), NOWHERE if together else ""
    words = words_of(about=about, tone=tone, step=step, urls=urls, today=today, together=joint)
    return writing.lay_out(KIND, words, seller=first.seller, language=first.language)


def words_of(
    *,
    about: Sequence[Reminded],
    tone: Tone,
    step: ReminderStep | None,
    urls: Sequence[str],
    today: date,
    given: Said | None = None,
    together: str = "",
) -> Words:
    """Return a reminder in words; ``urls`` are where the link of each invoice leads, ``together`` that of all."""
    with translation.override(about[0].invoice.language):
        if len(about) == 1:
            return _of_one(about[0], step_template(step, tone), urls[0], today, given)
        return _of_several(about, SEVERAL[tone], urls, Linked(together, pay_together()), today, given)


def step_template(step: ReminderStep | None, tone: Tone) -> Template:
    """Return the words of a step, which may be the seller's own; without a step, those of a tone."""
    spoken = ONE[tone]
    if step is None:
        return spoken
    return Template(
        f"{STEP}{step.pk}",
        gettext_lazy("Reminder"),
        spoken.goes_out,
        spoken.placeholders,
        spoken.built_in,
        spoken.button,
        spoken.facts,
        spoken.kind,
        step,
    )


def _of_one(one: Reminded, template: Template, url: str, today: date, given: Said | None) -> Words:
    invoice, facts = one.invoice, InvoiceFacts(one.invoice, today)
    return templates.words(
        template,
        seller=invoice.seller,
        language=invoice.language,
        values=facts.values()
        | {"days_late": str(_days_late(invoice, today)), "due": facts.writer.money(one.due(today))},
        linked=Linked(url if one.link else "", facts.button()),
        facts=facts.rows(),
        notice=notice_of(invoice.mode),
        given=given,
    )


def _of_several(
    about: Sequence[Reminded],
    template: Template,
    urls: Sequence[str],
    together: Linked,
    today: date,
    given: Said | None,
) -> Words:
    late = {"days_late": str(max(_days_late(one.invoice, today) for one in about))}
    return listing(about, template, urls, together, today, late, given)


def listing(
    about: Sequence[Reminded],
    template: Template,
    urls: Sequence[str],
    together: Linked,
    today: date,
    values: dict[str, str],
    given: Said | None = None,
) -> Words:
    """Return a letter that lists invoices of one customer, each with its link, and the link to pay them together."""
    first = about[0].invoice
    known = {
        "count": str(len(about)),
        "due": _sums(about, today),
        "customer": one_line(first.customer.contact_name or first.customer.name),
        "seller": one_line(first.seller.name),
    }
    said = templates.words(
        template,
        seller=first.seller,
        language=first.language,
        values=known | values,
        linked=together,
        notice=notice_of(first.mode),
        given=given,
    )
    rows = [_listed(one, url, today) for one, url in zip(about, urls, strict=True)]
    return replace(said, listed=rows)


def _listed(one: Reminded, url: str, today: date) -> Listed:
    facts = InvoiceFacts(one.invoice)
    hint = _("due %(date)s") % {"date": facts.due_on} if facts.due_on else one.invoice.title
    button = _("Pay") if facts.is_payable_online else _("See the invoice")
    return Listed(one.invoice.number, facts.writer.money(one.due(today)), hint, url if one.link else "", button)


def _sums(about: Sequence[Reminded], today: date) -> str:
    """What is due all together, in each currency."""
    sums: dict[str, int] = {}
    for one in about:
        sums[one.invoice.currency] = sums.get(one.invoice.currency, 0) + one.due(today)
    language = about[0].invoice.language
    return " + ".join(Writer(language, currency).money(amount) for currency, amount in sums.items())


def _days_late(invoice: Invoice, today: date) -> int:
    due_on = invoice.asked_on()
    return max((today - due_on).days, 0) if due_on else 0


def _letter(subject: str, *texts: str) -> Said:
    greeting, closing = _("Hello {{ customer }},"), _("Kind regards") + "\n{{ seller }}"
    return Said(subject, templates.joined(greeting, *texts, closing))


def _notice() -> Said:
    return _letter(
        _("Soon due: invoice {{ number }}, {{ due }} by {{ due_on }}"),
        _("A friendly notice: invoice {{ number }} is due on {{ due_on }}. {{ due }} is still to pay."),
        _("It takes a minute online, without an account:"),
        "#LINK",
        _("Have you paid just now? Then there is nothing to do, and we thank you."),
    )


def _polite() -> Said:
    return _letter(
        _("Reminder: invoice {{ number }}, {{ due }}"),
        _(
            "It may have slipped your attention: invoice {{ number }} was due on {{ due_on }},"
            " and {{ due }} is still to pay."
        ),
        _("It takes a minute online, without an account:"),
        "#LINK",
        _("Have you paid just now, or is something wrong with the invoice? Simply reply to this e-mail."),
    )


def _firm() -> Said:
    return _letter(
        _("Overdue for {{ days_late }} days: invoice {{ number }}, {{ due }}"),
        _(
            "In spite of our reminder, invoice {{ number }} has not been paid. It was due on {{ due_on }},"
            " {{ days_late }} days ago, and {{ due }} is still to pay."
        ),
        _("Please pay it now:"),
        "#LINK",
        _("If you can’t pay it at once, or do not agree with it, please reply to this e-mail so that we find a way."),
    )


def _notice_several() -> Said:
    return _letter(
        _("Soon due: {{ count }} invoices, {{ due }}"),
        _(
            "A friendly notice: {{ count }} of our invoices will be due soon, and {{ due }} is still to pay in all."
            " They are listed below, each with its link."
        ),
        *_all_at_once(),
    )


def _polite_several() -> Said:
    return _letter(
        _("Reminder: {{ count }} invoices, {{ due }}"),
        _(
            "It may have slipped your attention: {{ count }} of our invoices are overdue, and {{ due }} is still to pay"
            " in all. They are listed below, each with its link."
        ),
        *_all_at_once(),
        _("Have you paid just now, or is something wrong with an invoice? Simply reply to this e-mail."),
    )


def _firm_several() -> Said:
    return _letter(
        _("Overdue for {{ days_late }} days: {{ count }} invoices, {{ due }}"),
        _(
            "In spite of our reminders, {{ count }} of our invoices have not been paid, the oldest for {{ days_late }}"
            " days. {{ due }} is still to pay in all. They are listed below, each with its link."
        ),
        *_all_at_once(),
        _("If you can’t pay at once, or do not agree, please reply to this e-mail so that we find a way."),
    )


def _all_at_once() -> tuple[str, str]:
    return _("You can pay them all at once, without an account:"), "#LINK"


def pay_together() -> str:
    """Return what stands on the button by which several invoices are paid at once."""
    return _("Pay all together")


_FACTS = (
    (gettext_lazy("Invoice"), "number"),
    (gettext_lazy("Still to pay"), "due"),
    (gettext_lazy("Due on"), "due_on"),
)


def _kinds(
    spoken: dict[Tone, tuple[Any, Callable[[], Said]]],
    prefix: str,
    placeholders: Any,
    goes_out: Any,
    button: Callable[[], str],
) -> dict[Tone, Template]:
    return {
        tone: Template(f"{prefix}_{tone}", label, goes_out, placeholders, words, button, _FACTS, KIND)
        for tone, (label, words) in spoken.items()
    }


def _pay() -> str:
    return _("Pay %(amount)s") % Marks(amount=MARKS["due"])


ONE = _kinds(
    {
        Tone.NOTICE: (gettext_lazy("Friendly notice"), _notice),
        Tone.POLITE: (gettext_lazy("Polite reminder"), _polite),
        Tone.FIRM: (gettext_lazy("Firm reminder"), _firm),
    },
    "reminder",
    vocabulary.REMINDER,
    gettext_lazy("By itself on its day, or by hand."),
    _pay,
)
SEVERAL = _kinds(
    {
        Tone.NOTICE: (gettext_lazy("Friendly notice of several invoices"), _notice_several),
        Tone.POLITE: (gettext_lazy("Polite reminder of several invoices"), _polite_several),
        Tone.FIRM: (gettext_lazy("Firm reminder of several invoices"), _firm_several),
    },
    "reminders",
    vocabulary.REMINDERS,
    gettext_lazy("Instead of one letter for each, where a customer has several overdue invoices."),
    pay_together,
)
for _template in SEVERAL.values():
    templates.register(_template)
