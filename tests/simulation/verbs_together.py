"""What a customer does with several invoices at once: open one page for them, pay it."""

from __future__ import annotations

from tests.simulation.world import ANYWHERE, World
from wagtail_payments.actions import checkout, payment_requests
from wagtail_payments.core.lifecycle import AttemptState
from wagtail_payments.models import Invoice, PaymentAttempt


def owed(world: World, which: int) -> int:
    """How many invoices of a customer are to be paid."""
    return len(_owing(world, which))


def _owing(world: World, which: int) -> list[Invoice]:
    customer = world.customers[which % len(world.customers)]
    owing = Invoice.objects.with_balance().filter(document__isnull=False, due__gt=0, customer=customer)
    return list(owing.order_by("pk"))


def start(world: World, which: int, number: int) -> PaymentAttempt:
    """Open the provider's page for so many of the invoices that a customer owes, whichever they are."""
    found = _owing(world, which)
    first = which % max(len(found), 1)
    chosen = [one.pk for one in (found + found)[first : first + number]]
    link = payment_requests.make(invoice_ids=chosen, by=None, now=world.now)
    assert link.payment_request is not None
    return checkout.start_together(
        request=link.payment_request, now=world.now, return_url=lambda _: ANYWHERE, cancel_url=ANYWHERE
    )


def session(world: World, which: int) -> PaymentAttempt | None:
    """A try for several that is still open."""
    rows = PaymentAttempt.objects.filter(state=AttemptState.OPEN, payment_request__isnull=False)
    row: PaymentAttempt | None = world.pick(rows, which)
    return row
