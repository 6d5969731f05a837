"""What every test can ask for: a fixed moment, a clock that obeys, the sandbox as Stripe, and no network."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TestCase

from tests import databases
from wagtail_payments import ports
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock, make_sandbox
from wagtail_payments.sandbox.transport import SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Endpoint

WEBHOOK_URL = "http://testserver/payments/webhooks/stripe/"
WEBHOOK_SECRET = "whsec_of_the_tests"

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class NetworkForbidden(AssertionError):
    """A test tried to leave this machine."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a server run what uses the database: the rest runs on SQLite and can't tell the difference."""
    if connection.vendor == "sqlite":
        return
    kept = [item for item in items if _uses_the_database(item) and not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _uses_the_database(item: pytest.Item) -> bool:
    wanted = {"db", "transactional_db", "live_server"}
    return bool(item.get_closest_marker("django_db")) or bool(wanted & set(getattr(item, "fixturenames", ())))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Run what needs a server only there: the whole suite runs once on each database."""
    if item.get_closest_marker("server") and connection.vendor == "sqlite":
        pytest.skip("needs a server: TEST_DATABASE=postgresql or mariadb")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, django_db_blocker: Any) -> bool:
    """Start from a database that was migrated by an earlier run, where there is one."""
    with django_db_blocker.unblock():
        databases.take_copy()
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keep what was migrated for the next run, and remove the database of this one."""
    with django_db_blocker.unblock():
        databases.keep_copy()
    yield
    with django_db_blocker.unblock():
        databases.remove()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test reach anything but this machine."""

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(sock: socket.socket, address: Any) -> Any:
            if sock.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
                raise NetworkForbidden(address)
            return original(sock, address)

        return connect

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Keep what one test cached, such as a site's root paths, from the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def now() -> datetime:
    """A Monday morning: 16 March 2026, 10:30 in Paris."""
    return datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> Iterator[TestClock]:
    """The clock that product code reads; it stands at ``now`` until ``clock.advance(days=5)``."""
    clock = TestClock(now)
    with ports.use(everywhere=True, clock=clock):
        yield clock


@pytest.fixture
def sandbox(clock: TestClock) -> Iterator[SandboxForTests]:
    """Stripe, played in this process, on the test's clock: the gateway and the SDK are the real ones."""
    sandbox = make_sandbox(clock=clock, endpoint=Endpoint(WEBHOOK_URL, (WEBHOOK_SECRET,)))
    with ports.use(everywhere=True, transports={"stripe": SandboxHTTPClient(sandbox)}):
        yield sandbox


@pytest.fixture
def committing() -> Callable[[], Any]:
    """Run what waits for the commit: ``with committing(): invoices.issue(...)`` in a test with ``db``.

    Such a test lives in a transaction that is rolled back, so nothing ever commits by itself. A test with
    ``transactional_db`` commits for real and needs this not.
    """
    return lambda: TestCase.captureOnCommitCallbacks(execute=True)
