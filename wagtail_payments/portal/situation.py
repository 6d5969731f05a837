"""How an invoice stands, said to the customer: one sentence, one icon, one tone for each state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.core.lifecycle import Balance, Status
from wagtail_payments.printing.amounts import Writer

# SEPA direct debit: a bank answers within five business days, providers allow for two weeks.
CONFIRMATION_DAYS = 14
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Situation:
    """``tone`` (calm, soon, late, wait, done, void) and ``icon`` go with the words, never without them."""

    tone: str
    icon: str
    sentence: str
    detail: str = ""

    @property
    def icon_template(self) -> str:
        """The template that draws the icon."""
        return f"wagtail_payments/elements/icons/{self.icon}.html"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a situation depends on; ``settled_on`` is the day the last money came.

    ``taken_back`` is the amount that the customer's bank took back for good, in words.
    """

    status: Status
    balance: Balance
    writer: Writer
    today: date
    due_on: date | None = None
    settled_on: date | None = None
    credit_note: str = ""
    taken_back: str = ""
    planned_on: date | None = None
    in_all: int = 0  # what is left beyond what is asked for now, minor units

    def day(self, value: date | None) -> str:
        """Write a date."""
        return self.writer.date(value.isoformat() if value else "")


def of(facts: Facts) -> Situation:
    """Return the situation, in the active language."""
    return {
        Status.DRAFT: draft,
        Status.SCHEDULED: draft,
        Status.OPEN: _open,
        Status.OVERDUE: _overdue,
        Status.PLANNED: _planned,
        Status.PROCESSING: _processing,
        Status.DISPUTED: _disputed,
        Status.PARTLY_PAID: _open,
        Status.PAID: _paid,
        Status.CREDITED: _credited,
        Status.UNCOLLECTIBLE: _uncollectible,
    }[facts.status](facts)


def draft(facts: Facts | None = None) -> Situation:
    """Return the situation of what is not issued yet."""
    return Situation("void", "pencil", _("Draft: it has no number yet and can't be paid."))


def waiting_words(amount: str) -> str:
    """Say that a bank takes its time, and that nobody has to do anything."""
    sentence = _("%(amount)s are on their way. Your bank may take up to %(days)s days; you need do nothing.")
    return sentence % {"amount": amount, "days": CONFIRMATION_DAYS}


def _open(facts: Facts) -> Situation:
    if facts.due_on is None:
        return Situation("calm", "calendar", _("To be paid"), _so_far(facts))
    left = (facts.due_on - facts.today).days
    if left <= 0:
        return Situation("soon", "clock", _("To be paid today"), _so_far(facts))
    in_days = ngettext("Tomorrow.", "In %(days)s days.", left) % {"days": left}
    tone, icon = ("soon", "clock") if left <= SOON_DAYS else ("calm", "calendar")
    sentence = _("To be paid by %(day)s") % {"day": facts.day(facts.due_on)}
    return Situation(tone, icon, sentence, _so_far(facts, in_days))


def _overdue(facts: Facts) -> Situation:
    late = (facts.today - facts.due_on).days if facts.due_on else 0
    lateness = ngettext("One day late.", "%(days)s days late.", late) % {"days": late}
    return Situation("late", "alert", _was_due(facts), _so_far(facts, lateness))


def _was_due(facts: Facts) -> str:
    return _("Overdue since %(day)s") % {"day": facts.day(facts.due_on)}


def _planned(facts: Facts) -> Situation:
    sentence = _("Payment planned for %(day)s") % {"day": facts.day(facts.planned_on)}
    return Situation("calm", "calendar", sentence, _so_far(facts, _("You can pay earlier, or choose another day.")))


def _processing(facts: Facts) -> Situation:
    amount = facts.writer.money(facts.balance.processing)
    return Situation("wait", "hourglass", _("Your payment is being confirmed"), waiting_words(amount))


def _disputed(facts: Facts) -> Situation:
    amount = facts.writer.money(facts.balance.disputed)
    told = _("Your bank is looking into the payment of %(amount)s; until it has decided, you need not pay it.")
    mistake = _("Was it a mistake? Tell your bank, or ask us.")
    return Situation("wait", "hourglass", _("This payment is disputed"), f"{told % {'amount': amount}} {mistake}")


def _paid(facts: Facts) -> Situation:
    if not facts.balance.total:
        return Situation("done", "check", _("Nothing to pay"))
    if facts.settled_on is None:
        return Situation("done", "check", _("Paid. Thank you!"))
    return Situation("done", "check", _("Paid on %(day)s. Thank you!") % {"day": facts.day(facts.settled_on)})


def _credited(facts: Facts) -> Situation:
    detail = _("It was taken back by credit note %(number)s.") % {"number": facts.credit_note}
    return Situation("void", "back", _("Nothing to pay any more"), detail if facts.credit_note else "")


def _uncollectible(facts: Facts) -> Situation:
    if facts.balance.due <= 0:
        return _paid(facts)
    sentence = _was_due(facts) if facts.due_on else _("To be paid")
    return Situation("late", "alert", sentence, _so_far(facts, _("You can still pay it.")))


def _so_far(facts: Facts, first: str = "") -> str:
    """Add what was paid, taken back, and is on its way."""
    money, balance = facts.writer.money, facts.balance
    told = [first]
    if facts.taken_back:
        told.append(_("Your bank has taken %(amount)s back.") % {"amount": facts.taken_back})
    if balance.paid > 0:
        told.append(_("%(amount)s already paid.") % {"amount": money(balance.paid)})
    if balance.credited > 0:
        told.append(_("%(amount)s credited.") % {"amount": money(balance.credited)})
    if balance.processing > 0:
        told.append(_("%(amount)s on their way from your bank.") % {"amount": money(balance.processing)})
    if facts.in_all:
        told.append(_("%(amount)s left to pay in all.") % {"amount": money(facts.in_all)})
    return " ".join(filter(None, told))
