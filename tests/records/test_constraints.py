"""What the database itself refuses, whoever asks; and that the tables are those of the models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

import wagtail_payments
from tests import factories
from tests.records import rows
from tests.stories.organiser import register
from wagtail_payments.models import (
    Alert,
    Cancellation,
    Chain,
    EntryLine,
    Instalment,
    Invoice,
    NumberSeries,
    Receipt,
    WebhookDelivery,
    Withdrawal,
)

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("wagtail_payments").get_models())


def refused(write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_migrations_run_on_the_oldest_wagtail_too() -> None:
    """Made under Wagtail 8 they would name a setting and a migration that 7.4 does not have."""
    for path in (Path(wagtail_payments.__file__).parent / "migrations").glob("0*.py"):
        text = path.read_text()
        assert "settings.WAGTAIL_PAGE_MODEL" not in text
        assert "0098_" not in text


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_constraint_and_index_has_a_name_of_ours(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        assert constraint.name.startswith("wagtail_payments_")
    assert not model._meta.unique_together
    names = [constraint.name for constraint in model._meta.constraints] + [index.name for index in model._meta.indexes]
    assert all(len(name) <= 63 for name in names)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_amount_of_money_is_a_float_or_a_decimal(model: type[models.Model]) -> None:
    assert not [field for field in model._meta.fields if isinstance(field, models.FloatField)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_record_can_be_named(model: type[models.Model]) -> None:
    assert model.__str__ is not models.Model.__str__
    assert str(model._meta.verbose_name) != model.__name__


def test_an_invoice_is_issued_exactly_if_it_has_a_document() -> None:
    issued, draft = rows.make_issued(), factories.make_invoice()
    refused(lambda: models.QuerySet(Invoice).filter(pk=issued.pk).update(document=None))
    refused(lambda: models.QuerySet(Invoice).filter(pk=draft.pk).update(state="issued"))
    refused(lambda: models.QuerySet(Invoice).filter(pk=draft.pk).update(document=rows.make_document(draft).pk))


def test_a_number_is_taken_once() -> None:
    draft = factories.make_invoice()
    taken = rows.make_document(draft)
    refused(lambda: rows.make_document(draft, sequence=taken.sequence))
    refused(lambda: rows.make_document(draft, number=taken.number))


def test_two_sellers_may_use_the_same_number() -> None:
    one, other = factories.make_invoice(), factories.make_invoice(seller=factories.make_seller())
    assert rows.make_document(one, number="F1") != rows.make_document(other, number="F1")


def test_there_is_one_series_and_one_chain_a_seller_and_mode() -> None:
    seller = factories.make_seller()
    values = {"seller": seller, "mode": "live"}
    Chain.objects.create(head="0" * 64, **values)
    refused(lambda: Chain.objects.create(head="0" * 64, **values))
    NumberSeries.objects.create(series="invoice", year=2026, **values)
    refused(lambda: NumberSeries.objects.create(series="invoice", year=2026, **values))


def test_money_is_more_than_nothing() -> None:
    invoice = rows.make_issued()
    payment = rows.make_payment(invoice)
    for write in (
        lambda: rows.make_payment(invoice, 0),
        lambda: rows.make_payment(invoice, -1),
        lambda: rows.make_refund(payment, 0),
        lambda: rows.make_attempt(invoice, 0),
        lambda: rows.make_credit_note(invoice, 0),
        lambda: rows.allocate(payment, invoice, 0),
        lambda: models.QuerySet(Invoice).filter(pk=invoice.pk).update(gross=-1),
    ):
        refused(write)


def test_a_payment_that_arrives_twice_is_counted_once() -> None:
    invoice = rows.make_issued()
    told = {"gateway": "stripe", "account": "acct_1", "payment_id": "pi_1"}
    rows.make_payment(invoice, **told)
    refused(lambda: rows.make_payment(invoice, **told))
    rows.make_payment(invoice, **told | {"payment_id": "PI_1"})
    rows.make_payment(invoice, **told | {"account": "acct_2"})


def test_payments_without_a_providers_id_are_as_many_as_they_are() -> None:
    invoice = rows.make_issued()
    assert rows.make_payment(invoice) != rows.make_payment(invoice)


def test_one_form_makes_one_payment() -> None:
    invoice = rows.make_issued()
    rows.make_payment(invoice, form_key="once")
    refused(lambda: rows.make_payment(invoice, form_key="once"))


def test_a_refund_and_a_session_are_known_once() -> None:
    invoice = rows.make_issued()
    payment = rows.make_payment(invoice)
    rows.make_refund(payment, gateway="stripe", refund_id="re_1")
    refused(lambda: rows.make_refund(payment, gateway="stripe", refund_id="re_1"))
    rows.make_attempt(invoice, session_id="cs_1")
    refused(lambda: rows.make_attempt(invoice, session_id="cs_1"))


def test_one_try_to_pay_an_invoice_is_live_at_a_time() -> None:
    invoice = rows.make_issued()
    first = rows.make_attempt(invoice, live_for=invoice)
    refused(lambda: rows.make_attempt(invoice, live_for=invoice))
    first.end()
    rows.make_attempt(invoice, live_for=invoice)


def test_a_line_of_the_books_stands_on_one_side() -> None:
    entry = rows.make_entry(rows.make_issued())
    for debit, credit in ((0, 0), (1, 1), (-1, 0), (0, -1)):
        refused(lambda d=debit, c=credit: EntryLine.objects.create(entry=entry, account="1", debit=d, credit=c))


def test_an_entry_is_booked_once_at_its_own_place() -> None:
    entry = rows.make_entry(rows.make_issued())
    entry.pk, entry._state.adding, entry.booked_once = None, True, "another"
    refused(entry.save)


def test_a_receipt_is_for_a_payment_or_a_refund() -> None:
    invoice = rows.make_issued()
    payment = rows.make_payment(invoice)
    refund = rows.make_refund(payment)
    refused(lambda: Receipt.objects.create(document=rows.make_document(invoice)))
    both = {"payment": payment, "refund": refund}
    refused(lambda: Receipt.objects.create(document=rows.make_document(invoice), **both))


def test_a_withdrawal_is_from_a_quote_or_a_registration(clock: Callable[[], datetime]) -> None:
    seat = {"gross": 0, "currency": "EUR", "at": rows.AT}
    made = register(factories.make_event(pays_later=True), pays_later=True)
    kept = Cancellation.objects.create(registration=made, form_key="k", **seat)
    said = {"name": "Julie", "email": "a@example.org", "statement": "I withdraw", "at": rows.AT}
    refused(lambda: Withdrawal.objects.create(**said))
    refused(lambda: Withdrawal.objects.create(quote=rows.make_sent_quote(), cancellation=kept, **said))
    Withdrawal.objects.create(cancellation=kept, **said)
    refused(lambda: Withdrawal.objects.create(cancellation=kept, **said))


def test_a_message_is_stored_once_and_its_id_minds_the_case() -> None:
    told = {"gateway": "stripe", "account": "", "type": "x", "body": "{}", "sent_at": rows.AT, "received_at": rows.AT}
    WebhookDelivery.objects.create(message_id="evt_a", **told)
    WebhookDelivery.objects.create(message_id="evt_A", **told)
    refused(lambda: WebhookDelivery.objects.create(message_id="evt_a", **told))


def test_an_alert_is_raised_once() -> None:
    Alert.objects.create(kind="mismatch", text="!", raised_once="mismatch-1", raised_at=rows.AT)
    refused(lambda: Alert.objects.create(kind="mismatch", text="!", raised_once="mismatch-1", raised_at=rows.AT))


def test_an_invoice_has_one_promise_that_stands_and_an_ended_one_says_how() -> None:
    invoice = rows.make_issued()
    standing = rows.make_promise(invoice, rows.ON, 100)
    refused(lambda: rows.make_promise(invoice, rows.ON, 100))
    rows.make_promise(invoice, rows.ON, 100, standing_for=None, ended_at=rows.AT, end="broken")
    refused(lambda: type(standing).objects.filter(pk=standing.pk).update(end="kept"))
    refused(lambda: type(standing).objects.filter(pk=standing.pk).update(end="kept", ended_at=rows.AT))
    refused(lambda: type(standing).objects.filter(pk=standing.pk).update(standing_for=None, ended_at=rows.AT))


def test_an_instalment_is_agreed_by_percent_or_by_amount() -> None:
    draft = factories.make_invoice()
    refused(lambda: Instalment.objects.create(invoice=draft, due_on=rows.ON, percent=1, amount=1))
