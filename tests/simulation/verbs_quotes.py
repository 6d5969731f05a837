"""Quotes: sent, revised, answered, taken back."""

from __future__ import annotations

from tests import factories
from tests.simulation.world import BASKETS, World
from wagtail_payments.actions import agreements, quote_versions, quotes
from wagtail_payments.actions.agreements import Word
from wagtail_payments.mail import quotes as letters
from wagtail_payments.models import Quote


def write(world: World, customer: int, basket: int) -> Quote:
    """Write the draft of a quote with something to choose."""
    whose = world.customers[customer % len(world.customers)]
    extra = factories.make_quote_line("Extra", "1", "10.00", "20", is_optional=True)
    lines = [factories.make_quote_line(*line) for line in BASKETS[basket % len(BASKETS)]]
    return factories.make_quote(customer=whose, lines=[*lines, extra])


def quote(world: World, which: int) -> Quote | None:
    """A quote, draft or not."""
    row: Quote | None = world.pick(Quote.objects.all(), which)
    return row


def send(world: World, row: Quote) -> None:
    """Send it."""
    subject, text = letters.default_quote_text(quote=row, language=row.language)
    to = [row.customer.email]
    quotes.send(quote_id=row.pk, by=None, now=world.now, to=to, cc=[], subject=subject, text=text)


def revise(world: World, row: Quote, basket: int) -> None:
    """Make the next version, of something else."""
    draft = quote_versions.revise(quote_id=row.pk, by=None, now=world.now)
    lines = [factories.make_quote_line(*line) for line in BASKETS[basket % len(BASKETS)]]
    for place, line in enumerate(lines):
        line.sort_order = place
    draft.lines.set(lines)
    quotes.store_totals(quote=draft)
    draft.save()


def accept(world: World, row: Quote, *, extra: bool) -> None:
    """The customer says yes on the phone, with or without the option."""
    word = Word(how="phone", on=row.seller.today(world.now), name="Nadia Ferrand", note="She called.")
    chosen = {line.pk: line.quantity for line in row.lines.all() if extra or not line.is_optional}
    agreements.accept_by_word(quote_id=row.pk, word=word, chosen=chosen, by=None, now=world.now)


def decline(world: World, row: Quote) -> None:
    """The customer says no."""
    quotes.decline(quote_id=row.pk, reason="Too late", now=world.now)


def cancel(world: World, row: Quote) -> None:
    """The seller takes it back."""
    quotes.cancel(quote_id=row.pk, reason="Mistake", by=None, now=world.now)
