"""The engine by itself: memory, time, threads, and what it may not know."""

import ast
import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import stripe

import wagtail_payments.sandbox
from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.forms import decoded
from wagtail_payments.sandbox.store import SqliteStore
from wagtail_payments.sandbox.testing import make_sandbox
from wagtail_payments.sandbox.transport import SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Endpoint

from .conftest import session_params


def test_forms_are_read_as_stripe_writes_them():
    form = "a[0][b]=1&a[0][c]=2&a[1][b]=3&m[k]=v&x=y%20z&t[]=p&t[]=q&empty="
    assert decoded(form) == {
        "a": [{"b": "1", "c": "2"}, {"b": "3"}],
        "m": {"k": "v"},
        "x": "y z",
        "t": ["p", "q"],
        "empty": "",
    }


@pytest.mark.parametrize("form", ["[]", "a[b", "a]b=1", "a[0]=1&a[0][b]=2", "=", "a[[b]]=1", "%00=%00"])
def test_a_garbled_form_is_still_some_structure(form):
    assert isinstance(decoded(form), dict)


def test_the_state_survives_a_restart(tmp_path, clock):
    file = tmp_path / "state.sqlite3"
    endpoint = Endpoint("http://testserver/", ("whsec_x",))

    def start():
        return Sandbox(clock, store=SqliteStore(file), endpoints=[endpoint])

    first = start()
    client = stripe.StripeClient("sk_test_x", http_client=SandboxHTTPClient(first))
    soon = int(clock().timestamp()) + 1800
    session = client.v1.checkout.sessions.create(session_params(expires_at=soon), {"idempotency_key": "k"})
    clock.advance(hours=1)
    second = start()
    client = stripe.StripeClient("sk_test_x", http_client=SandboxHTTPClient(second))
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert [event["type"] for event in second.objects("event")] == ["checkout.session.expired"]
    assert len(second.outbox.due()) == 1
    assert (
        client.v1.checkout.sessions.create(session_params(expires_at=soon), {"idempotency_key": "k"}).id == session.id
    )
    second.reset()
    assert start().objects("checkout.session") == []


def test_days_can_pass_without_the_clock_being_moved(sandbox, open_session, client):
    sandbox.pay_by_sepa(open_session().id)
    waiting = open_session()
    sandbox.bring_forward(timedelta(days=10))
    assert client.v1.checkout.sessions.retrieve(waiting.id).status == "expired"
    assert sandbox.balance() == {"eur": 2500}
    assert sandbox.objects("event")[-1]["created"] == int(sandbox.objects("checkout.session")[0]["created"])


def test_many_threads_refund_no_more_than_was_paid(sandbox, open_session):
    intent = sandbox.pay(open_session().id)
    refused = []

    def refund():
        try:
            sandbox.client().v1.refunds.create({"payment_intent": intent["id"], "amount": 1000})
        except stripe.InvalidRequestError as error:
            refused.append(error)

    threads = [threading.Thread(target=refund) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sandbox.balance() == {"eur": 500}
    assert len(refused) == 10


def test_the_copies_given_to_tests_are_no_way_in(sandbox, open_session):
    open_session()
    sandbox.objects("checkout.session")[0]["status"] = "complete"
    assert sandbox.objects("checkout.session")[0]["status"] == "open"


def test_the_sdk_works_asynchronously_too(sandbox):
    session = asyncio.run(sandbox.client().v1.checkout.sessions.create_async(session_params()))
    assert session.status == "open"


def test_a_judged_sandbox_refuses_an_event_stripe_could_not_send(clock):
    sandbox = make_sandbox(clock)
    with sandbox.working() as world, pytest.raises(AssertionError, match="nonsense"):
        world.emit("customer.created", {"object": "customer", "id": "cus_1", "nonsense": 1})


def test_the_sandbox_knows_nothing_of_the_rest_of_the_package():
    folder = Path(wagtail_payments.sandbox.__file__).parent
    outside = [
        f"{file.name}: {module}"
        for file in folder.rglob("*.py")
        for module in _imports(file)
        if module.startswith(("wagtail", "modelcluster")) and not f"{module}.".startswith("wagtail_payments.sandbox.")
    ]
    assert outside == []


def _imports(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
