"""The door for messages: who gets in, with which answer, and what is left of the others: nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests import factories
from tests.webhooks.conftest import ADDRESS, signature
from wagtail_payments.actions import deliveries
from wagtail_payments.models import WebhookDelivery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]
Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def _site() -> None:
    factories.default_site()


def test_a_message_is_stored_as_it_came_and_answered(post: Post, event: dict[str, Any], now: datetime) -> None:
    answer = post(event)
    assert (answer.status_code, answer.content) == (200, b"received")
    stored = WebhookDelivery.objects.get()
    assert json.loads(stored.body) == event
    assert (stored.message_id, stored.type, stored.hostname) == ("evt_1", "customer.created", "localhost")
    assert (stored.received_at, stored.live, stored.state) == (now, False, "ignored")


def test_the_same_message_again_is_counted_and_not_done_again(
    post: Post, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    post(event)
    monkeypatch.setattr(deliveries, "process", lambda **_: pytest.fail("done again"))
    assert [post(event).status_code for _ in range(3)] == [200, 200, 200]
    assert WebhookDelivery.objects.get().copies == 4


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
def test_only_a_post_is_a_message(method: str) -> None:
    assert getattr(Client(), method)(ADDRESS).status_code == 405


def test_an_unknown_provider_is_not_found(post: Post, event: dict[str, Any]) -> None:
    assert post(event, address="/payments/webhooks/mollie/").status_code == 404
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("secrets", [[], [""], ["  "], None, ""])
def test_a_blank_secret_shuts_the_door(post: Post, event: dict[str, Any], settings: Any, secrets: Any) -> None:
    settings.WAGTAIL_PAYMENTS = {"GATEWAYS": {"stripe": {"SECRET_KEY": "sk_test_1", "WEBHOOK_SECRETS": secrets}}}
    text = json.dumps(event)
    for secret in ("", "  ", "whsec_of_the_tests"):
        assert post(text, header=signature(text, _moment(event), secret)).status_code == 503
    assert not WebhookDelivery.objects.exists()


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["created"]).astimezone()


STRANGE = {
    "nothing": (b"", None),
    "no signature": (b"{}", None),
    "an empty signature": (b"{}", ""),
    "a signature that is not ASCII": (b"{}", "t=1773653400,v1=é"),
    "a signature of Latin letters": (b"{}", "t=1773653400,v1=\xe9\xff"),
    "a huge signature": (b"{}", "t=1773653400,v1=" + "a" * 100_000),
    "bytes": (bytes(range(256)), "t=1773653400,v1=aa"),
    "not UTF-8": (b"\xff\xfe\x00", "t=1773653400,v1=aa"),
    "a form": (b"id=tr_1", "t=1773653400,v1=aa"),
    "a guess": (b"{}", "t=1773653400,v1=" + "0" * 64),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_strangers_send_is_refused_and_not_kept(post: Post, kind: str) -> None:
    body, header = STRANGE[kind]
    assert post(body, header=header).status_code == 400
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("body", ["null", "[]", '"a"', "5", "{}", "{", '{"id": "evt_\\u0000"}', "NaN", "[" * 100_000])
def test_nonsense_under_a_genuine_signature_is_refused_and_not_kept(post: Post, body: str) -> None:
    assert post(body).status_code == 400
    assert not WebhookDelivery.objects.exists()


def test_a_message_signed_in_the_future_or_long_ago_is_refused(
    post: Post, event: dict[str, Any], now: datetime
) -> None:
    text = json.dumps(event)
    for hours in (1, -1, 24 * 365):
        assert post(text, header=signature(text, now + timedelta(hours=hours))).status_code == 400


def test_a_message_too_large_is_refused_unread(post: Post, event: dict[str, Any]) -> None:
    for size in (600_000, 3_000_000):  # Django itself reads no more than 2.5 MB
        assert post(json.dumps(event) + " " * size).status_code == 413
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("length", ["x", "-1", "1" * 5000, "٣", " "])
def test_a_length_that_is_none_is_refused(event: dict[str, Any], now: datetime, length: str) -> None:
    text = json.dumps(event)
    headers = {"Stripe-Signature": signature(text, now)}
    answer = Client().post(ADDRESS, text, content_type="application/json", headers=headers, CONTENT_LENGTH=length)
    assert answer.status_code == 400


@contextmanager
def read_only(table: str = "") -> Iterator[None]:
    """A database that refuses to write, as on a full disk or a standby server."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and table in sql:
            raise OperationalError("attempt to write a readonly database")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_a_database_that_can_not_be_written_asks_to_send_it_again(post: Post, event: dict[str, Any]) -> None:
    with read_only():
        assert post(event).status_code == 503
    assert post(event).status_code == 200


def test_a_database_that_can_not_be_read_asks_to_send_it_again(post: Post, event: dict[str, Any]) -> None:
    def refuse(*_: Any) -> Any:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        assert post(event).status_code == 503


def test_what_fails_after_storing_is_left_to_the_sweep(
    post: Post, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "process", broken)
        assert post(event).status_code == 200
    stored = WebhookDelivery.objects.get()
    assert stored.state == "new"
    assert deliveries.process_due(now=stored.received_at) == 1


def test_two_copies_at_the_same_moment_are_one_message(event: dict[str, Any], post: Post) -> None:
    """The copy comes in between our looking for it and our storing it."""
    seen = []

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and "copies" in sql and not seen:
            seen.append(sql)
            post(event)
        return result

    with connection.execute_wrapper(meanwhile):
        assert post(event).status_code == 200
    assert WebhookDelivery.objects.get().copies == 2
