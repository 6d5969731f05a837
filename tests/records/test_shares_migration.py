"""Tries of before get their share, and going back keeps what can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import factories
from wagtail_payments.models import AttemptShare, Invoice, Link, PaymentAttempt

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0005_quotes_to_reminders", "0006_one_payment_for_several_invoices"


def migrate(name: str) -> Any:
    """Go to that migration; return the apps as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate([("wagtail_payments", name)])
    return executor.loader.project_state([("wagtail_payments", name)]).apps


@pytest.fixture
def _back_at_the_end() -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("wagtail_payments"))


@pytest.mark.usefixtures("_back_at_the_end")
def test_there_and_back(now: Any) -> None:
    first, second, third = (factories.make_invoice() for _ in range(3))
    request = factories.make_payment_request(first, second)
    joint = factories.make_attempt(first, live=True, state="open", payment_request=request, created_at=now)
    AttemptShare.objects.create(attempt=joint, invoice=second, live_for=second, amount=1, asked=1)
    ended = factories.make_attempt(third, state="expired", created_at=now)
    before = migrate(BEFORE)
    rows = before.get_model("wagtail_payments", "PaymentAttempt").objects
    assert list(rows.order_by("pk").values_list("pk", "live_for_id")) == [(joint.pk, first.pk), (ended.pk, None)]
    assert not before.get_model("wagtail_payments", "Link").objects.filter(public_id=request.public_id).exists()
    migrate(AFTER)
    shares = AttemptShare.objects.order_by("attempt_id")
    kept = list(shares.values_list("attempt_id", "invoice_id", "amount", "live_for_id"))
    assert kept == [(joint.pk, first.pk, first.gross, first.pk), (ended.pk, third.pk, third.gross, None)]
    assert PaymentAttempt.objects.count() == 2
    assert Invoice.objects.count() == 3
    assert not Link.objects.filter(payment_request__isnull=False).exists()
