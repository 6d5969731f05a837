"""Money on its way back."""

import pytest
import stripe

from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.rules import RefundEnding


@pytest.fixture
def intent_id(open_session, sandbox):
    return sandbox.pay(open_session().id)["id"]


def refund(client, intent_id, **more):
    return client.v1.refunds.create({"payment_intent": intent_id, **more})


def refusal(call):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call()
    return caught.value


def test_never_more_is_refunded_than_was_paid(client, sandbox, intent_id):
    assert refund(client, intent_id, amount=1000).status == "succeeded"
    too_much = refusal(lambda: refund(client, intent_id, amount=1501))
    assert (too_much.param, too_much.code) == ("amount", None)
    assert sandbox.balance() == {"eur": 1500}
    assert refund(client, intent_id).amount == 1500
    assert refusal(lambda: refund(client, intent_id)).code == "charge_already_refunded"
    assert sandbox.balance() == {"eur": 0}


def test_the_charge_tells_what_was_refunded(client, sandbox, intent_id):
    refund(client, intent_id, amount=1000, metadata={"credit_note": "7"}, reason="requested_by_customer")
    [charge] = client.v1.charges.list({"payment_intent": intent_id, "expand": ["data.refunds"]}).data
    assert (charge.amount_refunded, charge.refunded) == (1000, False)
    [kept] = charge.refunds.data
    assert (kept.metadata.credit_note, kept.reason) == ("7", "requested_by_customer")
    booked = client.v1.balance_transactions.retrieve(kept.balance_transaction)
    assert (booked.amount, booked.fee, booked.type) == (-1000, 0, "refund")
    assert sandbox.event_types()[-2:] == ["charge.refunded", "refund.created"]


@pytest.mark.parametrize("amount", [0, -5])
def test_a_refund_of_nothing_is_refused(client, intent_id, amount):
    assert refusal(lambda: refund(client, intent_id, amount=amount)).code == "parameter_invalid_integer"


def test_what_was_not_paid_cannot_be_refunded(client, open_session, sandbox):
    session = open_session()
    intent = sandbox.pay_by_sepa(session.id)
    assert "successful charge" in refusal(lambda: refund(client, intent["id"])).user_message
    assert refusal(lambda: refund(client, "pi_nothing")).code == "resource_missing"
    assert refusal(lambda: client.v1.refunds.create({})).code == "parameter_missing"


def test_a_pending_refund_arrives_later(client, sandbox, intent_id, clock):
    sandbox.rules.refund_ending = RefundEnding.PENDING
    made = refund(client, intent_id)
    assert made.status == "pending"
    assert sandbox.balance() == {"eur": 0}
    clock.advance(days=3)
    assert client.v1.refunds.retrieve(made.id).status == "succeeded"
    assert "refund.updated" in sandbox.event_types()


def test_a_failed_refund_brings_the_money_back_to_the_merchant(client, sandbox, intent_id, clock):
    sandbox.rules.refund_ending = RefundEnding.FAILED
    made = refund(client, intent_id)
    clock.advance(days=3)
    failed = client.v1.refunds.retrieve(made.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert sandbox.balance() == {"eur": 2500}
    assert sandbox.event_types()[-1] == "refund.failed"
    sandbox.rules.refund_ending = RefundEnding.SUCCEEDED
    assert refund(client, intent_id).amount == 2500


def test_a_refund_in_the_dashboard_is_told_like_any_other(client, sandbox, intent_id):
    made = sandbox.dashboard_refund(intent_id, 700)
    [listed] = client.v1.refunds.list({"payment_intent": intent_id}).data
    assert (listed.id, listed.amount) == (made["id"], 700)
    event = sandbox.objects("event")[-1]
    assert event["type"] == "refund.created"
    assert event["request"] == {"id": None, "idempotency_key": None}


def test_a_disputed_charge_cannot_be_refunded(client, sandbox, intent_id):
    dispute = sandbox.dispute(intent_id)
    assert refusal(lambda: refund(client, intent_id)).code == "charge_disputed"
    assert client.v1.disputes.retrieve(dispute["id"]).status == "needs_response"
    assert sandbox.event_types()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest.mark.parametrize(("won", "status"), [(True, "won"), (False, "lost")])
def test_a_dispute_is_decided_once(client, sandbox, intent_id, won, status):
    dispute = sandbox.dispute(intent_id)
    sandbox.close_dispute(dispute["id"], won=won)
    closed = client.v1.disputes.retrieve(dispute["id"])
    assert closed.status == status
    assert sum(entry.amount for entry in closed.balance_transactions) == (0 if won else -2500)
    assert ("charge.dispute.funds_reinstated" in sandbox.event_types()) is won
    assert "already closed" in refusal(lambda: client.v1.disputes.close(dispute["id"])).user_message


def test_an_inquiry_withdraws_nothing_until_it_is_escalated(client, sandbox, intent_id):
    dispute = sandbox.dispute(intent_id, inquiry=True)
    assert client.v1.disputes.retrieve(dispute["id"]).balance_transactions == []
    sandbox.escalate_dispute(dispute["id"])
    taken = client.v1.disputes.retrieve(dispute["id"])
    assert (taken.status, taken.is_charge_refundable) == ("needs_response", False)
    assert [entry.amount for entry in taken.balance_transactions] == [-2500]
    assert sandbox.event_types()[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    with pytest.raises(Refused, match="no open inquiry"):
        sandbox.escalate_dispute(dispute["id"])


def test_evidence_hands_the_dispute_to_the_bank(client, sandbox, intent_id):
    dispute = sandbox.dispute(intent_id)
    sandbox.answer_dispute(dispute["id"])
    answered = client.v1.disputes.retrieve(dispute["id"])
    assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 1)
    with pytest.raises(Refused, match="no response"):
        sandbox.answer_dispute(dispute["id"])
    sandbox.close_dispute(dispute["id"], won=False)
    assert client.v1.disputes.retrieve(dispute["id"]).status == "lost"


def test_an_answered_inquiry_is_closed_and_nothing_else(client, sandbox, intent_id):
    dispute = sandbox.dispute(intent_id, inquiry=True)
    sandbox.answer_dispute(dispute["id"])
    assert client.v1.disputes.retrieve(dispute["id"]).status == "warning_under_review"
    sandbox.close_dispute(dispute["id"], won=True)
    closed = client.v1.disputes.retrieve(dispute["id"])
    assert (closed.status, closed.balance_transactions) == ("warning_closed", [])


def test_only_a_direct_debit_is_returned(sandbox, intent_id):
    with pytest.raises(Refused, match="no direct debit"):
        sandbox.return_debit(intent_id)


def test_a_bank_takes_no_more_than_is_left_of_a_payment(client, sandbox, intent_id):
    refund(client, intent_id, amount=1000)
    assert sandbox.dispute(intent_id)["amount"] == 1500


def test_what_was_sent_back_is_not_disputed(client, sandbox, intent_id):
    refund(client, intent_id)
    with pytest.raises(Refused):
        sandbox.dispute(intent_id)
