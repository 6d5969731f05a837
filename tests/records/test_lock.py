"""A lock is a write: whoever comes second waits until the first has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F

from tests import factories
from wagtail_payments.models import Invoice, Payment
from wagtail_payments.records.guards import lock

PATIENCE = 10.0  # seconds until a test that hangs is called failed
A_MOMENT = 0.3  # seconds in which a second one that does not wait would long be through


def in_a_connection_of_its_own(work: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            work()
    finally:
        connection.close()


def who_comes_second_waits(take: Callable[[int], object]) -> bool:
    """Let two take the same row; say whether the second had to wait for the first to end."""
    key = factories.make_invoice().pk
    first_has_it, first_may_end, second_has_it = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        take(key)
        first_has_it.set()
        first_may_end.wait(PATIENCE)

    def second() -> None:
        take(key)
        second_has_it.set()

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(in_a_connection_of_its_own, first)]
        assert first_has_it.wait(PATIENCE)
        both.append(pool.submit(in_a_connection_of_its_own, second))
        waited = not second_has_it.wait(A_MOMENT)
        first_may_end.set()
        for one in both:
            one.result(PATIENCE)
    assert second_has_it.is_set()
    return waited


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first() -> None:
    assert who_comes_second_waits(lambda key: lock(Invoice, key))


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_would_not_wait() -> None:
    assert not who_comes_second_waits(lambda key: Invoice.objects.get(pk=key))


@pytest.mark.django_db(transaction=True)
def test_eight_who_read_and_write_under_the_lock_lose_nothing() -> None:
    key = factories.make_invoice().pk

    def add_one() -> None:
        (invoice,) = lock(Invoice, key)
        Invoice.objects.filter(pk=key).update(metadata={"count": invoice.metadata.get("count", 0) + 1})

    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(in_a_connection_of_its_own, add_one) for _ in range(24)]:
            one.result(PATIENCE)
    assert Invoice.objects.get(pk=key).metadata == {"count": 24}


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_is_refused() -> None:
    key = factories.make_invoice().pk
    with pytest.raises(transaction.TransactionManagementError):
        lock(Invoice, key)


@pytest.mark.django_db
def test_rows_are_locked_in_the_order_of_their_keys(django_assert_num_queries) -> None:
    keys = [factories.make_invoice().pk for _ in range(3)]
    with django_assert_num_queries(4) as queries:
        rows = lock(Invoice, keys[2], keys[0], keys[1], keys[0])
    assert [row.pk for row in rows] == sorted(keys)
    written = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert [sql.rsplit("= ", 1)[1] for sql in written] == [str(key) for key in sorted(keys)]


@pytest.mark.django_db
def test_the_locked_row_is_read_after_the_lock() -> None:
    invoice = factories.make_invoice()
    Invoice.objects.filter(pk=invoice.pk).update(title="Changed by another", lock_count=F("lock_count") + 1)
    (fresh,) = lock(Invoice, invoice.pk)
    assert fresh.title == "Changed by another"


@pytest.mark.django_db
def test_a_row_that_is_not_there_cannot_be_locked() -> None:
    with pytest.raises(Payment.DoesNotExist):
        lock(Payment, 404)
