"""What holds for every call: keys, idempotency, lists, expansion, faults, the same run twice."""

from collections import Counter

import pytest
import stripe

from wagtail_payments.sandbox.api import Request, handle
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.testing import make_sandbox

from .conftest import session_params

SESSIONS = "/v1/checkout/sessions"


def call(sandbox, method, path, body="", **headers):
    headers = {"Authorization": "Bearer sk_test_x", **headers}
    return handle(sandbox, Request(method, path, headers=headers, body=body))


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer sk_live_x", "Bearer pk_test_x", "Bearer nonsense", "Basic ???"]
)
def test_a_call_without_a_good_key_is_a_401(sandbox, authorization):
    answer = call(sandbox, "GET", SESSIONS, Authorization=authorization)
    assert answer.status == 401
    assert answer.json["error"]["type"] == "invalid_request_error"


def test_every_answer_has_an_id_of_its_own(sandbox):
    answers = [call(sandbox, "GET", "/v1/refunds") for _ in range(2)]
    assert len({answer.headers["Request-Id"] for answer in answers}) == 2


def test_a_path_that_stripe_does_not_have_is_a_404(sandbox):
    assert call(sandbox, "GET", "/v1/nonsense").status == 404


def test_a_path_that_only_stripe_has_says_that_the_sandbox_does_not_play_it(sandbox):
    assert call(sandbox, "GET", "/v1/payouts").json["error"]["code"] == "sandbox_not_played"


def test_an_account_can_be_read(client):
    assert client.v1.accounts.retrieve_current().id.startswith("acct_")


# Idempotency


def test_the_same_key_gives_the_same_answer(client, sandbox):
    options = {"idempotency_key": "k1"}
    first = client.v1.checkout.sessions.create(session_params(), options)
    again = client.v1.checkout.sessions.create(session_params(), options)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(sandbox.objects("checkout.session")) == 1


def test_the_same_key_for_something_else_is_refused(client):
    options = {"idempotency_key": "k1"}
    client.v1.checkout.sessions.create(session_params(), options)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(session_params(locale="fr"), options)


def test_a_key_is_forgotten_after_a_day(client, sandbox, clock):
    options = {"idempotency_key": "k1"}
    first = client.v1.checkout.sessions.create(session_params(), options)
    clock.advance(hours=25)
    assert client.v1.checkout.sessions.create(session_params(), options).id != first.id


def test_a_refusal_of_parameters_is_not_kept_under_the_key(client):
    options = {"idempotency_key": "k1"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(session_params(locale="xx"), options)
    assert client.v1.checkout.sessions.create(session_params(), options).status == "open"


def test_a_refusal_on_the_merits_is_kept_under_the_key(client, sandbox, open_session):
    session = open_session()
    client.v1.checkout.sessions.expire(session.id)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.checkout.sessions.expire(session.id, options={"idempotency_key": "k1"})
    assert caught.value.headers["Idempotent-Replayed"] == "true"


def test_a_key_that_is_too_long_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k" * 256})


# Faults


def test_a_call_that_never_arrives_does_nothing(client, sandbox):
    sandbox.faults.once(ApiFault.TIMEOUT_BEFORE, "sessions")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(session_params())
    assert sandbox.objects("checkout.session") == []


def test_an_answer_that_is_lost_is_found_again_under_its_key(client, sandbox):
    sandbox.faults.once(ApiFault.TIMEOUT_AFTER, "sessions")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k1"})
    [made] = sandbox.objects("checkout.session")
    assert client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k1"}).id == made["id"]


def test_the_sdk_retries_with_the_same_key(sandbox):
    sandbox.faults.once(ApiFault.TIMEOUT_AFTER)
    sandbox.faults.once(ApiFault.CONFLICT)
    patient = sandbox.client(max_network_retries=2)
    patient.v1.checkout.sessions.create(session_params())
    assert len(sandbox.objects("checkout.session")) == 1


def test_a_server_error_is_kept_under_the_key(client, sandbox):
    sandbox.faults.once(ApiFault.SERVER_ERROR)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k1"})
    assert sandbox.objects("checkout.session") == []
    client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k2"})


def test_too_many_calls_are_refused(client, sandbox):
    sandbox.faults.once(ApiFault.RATE_LIMIT)
    with pytest.raises(stripe.RateLimitError):
        client.v1.refunds.list()


def test_faults_come_at_their_rate_and_from_their_own_dice(client, sandbox):
    sandbox.faults.rates = {ApiFault.TIMEOUT_BEFORE: 0.3}
    sandbox.faults.chance.seed(7)
    outcomes = Counter()
    for _ in range(300):
        try:
            client.v1.refunds.list()
            outcomes["answered"] += 1
        except stripe.APIConnectionError:
            outcomes["lost"] += 1
    assert 60 <= outcomes["lost"] <= 120


# Lists and expansion


def test_lists_are_newest_first_and_come_in_pages(client, open_session):
    ids = [open_session().id for _ in range(5)][::-1]
    first = client.v1.checkout.sessions.list({"limit": 2})
    assert ([session.id for session in first.data], first.has_more) == (ids[:2], True)
    rest = client.v1.checkout.sessions.list({"limit": 3, "starting_after": ids[1]})
    assert ([session.id for session in rest.data], rest.has_more) == (ids[2:], False)
    before = client.v1.checkout.sessions.list({"limit": 2, "ending_before": ids[3]})
    assert ([session.id for session in before.data], before.has_more) == (ids[1:3], True)
    assert [session.id for session in client.v1.checkout.sessions.list({"limit": 2}).auto_paging_iter()] == ids


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"starting_after": "cs_nothing"}])
def test_a_page_that_does_not_exist_is_refused(client, params):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.list(params)


def test_sessions_are_found_by_intent_status_and_time(client, sandbox, open_session, clock):
    old = open_session()
    intent = sandbox.pay(old.id)
    clock.advance(hours=1)
    new = open_session()

    def ids(**params):
        return [session.id for session in client.v1.checkout.sessions.list(params).data]

    assert ids(payment_intent=intent["id"]) == [old.id]
    assert ids(status="open") == [new.id]
    assert ids(created={"gte": new.created}) == [new.id]
    assert ids(created={"lt": new.created}) == [old.id]


def test_events_are_found_by_type(client, sandbox, open_session):
    sandbox.pay(open_session().id)
    kinds = [event.type for event in client.v1.events.list({"types": ["charge.succeeded", "checkout.session.*"]}).data]
    assert kinds == ["checkout.session.completed", "charge.succeeded"]
    assert [event.type for event in client.v1.events.list({"type": "charge.*"}).data] == [
        "charge.updated",
        "charge.succeeded",
    ]


def test_customers_are_found_by_email(client):
    made = client.v1.customers.create({"email": "marie@example.fr", "metadata": {"host": "7"}})
    client.v1.customers.create({"email": "paul@example.fr"})
    assert [found.id for found in client.v1.customers.list({"email": "marie@example.fr"}).data] == [made.id]
    query = "email:'MARIE@example.fr' AND metadata['host']:'7'"
    assert [found.id for found in client.v1.customers.search({"query": query}).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.search({"query": "nonsense"})


def test_an_update_merges_metadata_and_an_empty_value_removes_a_key(client, sandbox):
    made = client.v1.customers.create({"email": "a@b.example", "metadata": {"a": "1", "b": "2"}})
    changed = client.v1.customers.update(made.id, {"name": "Marie", "metadata": {"a": "", "c": "3"}})
    assert (changed.name, changed.email, changed.metadata.to_dict()) == ("Marie", "a@b.example", {"b": "2", "c": "3"})
    assert sandbox.objects("event")[-1]["data"]["previous_attributes"]["name"] is None


@pytest.mark.parametrize("path", ["nonsense", "amount_total", "payment_intent.nonsense", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(client, sandbox, open_session, path):
    session = open_session()
    sandbox.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.retrieve(session.id, {"expand": [path]})


def test_expanding_does_not_change_what_is_kept(client, sandbox, open_session):
    session = open_session()
    sandbox.pay(session.id)
    client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(client.v1.checkout.sessions.retrieve(session.id).payment_intent, str)


def test_a_list_is_expanded_member_by_member(client, sandbox, open_session):
    session = open_session()
    sandbox.pay(session.id)
    answer = client.v1.checkout.sessions.list({"expand": ["data.payment_intent.latest_charge"]})
    assert answer.data[0].payment_intent.latest_charge.amount == 2500


# The same run twice


def test_the_same_clock_and_ids_give_the_same_history(clock):
    def history():
        sandbox = make_sandbox(clock)
        session = sandbox.client().v1.checkout.sessions.create(session_params(), {"idempotency_key": "k"})
        sandbox.pay(session.id)
        return sandbox.objects("event"), sandbox.pending_webhooks()

    assert history() == history()
