"""What was issued or booked can't be changed or deleted by any route of the ORM; the little that may, can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, ProtectedError

from tests import factories
from tests.records import rows
from wagtail_payments.models import CatalogueItem, Invoice, InvoiceAttachment, InvoiceLine, IssuedDocument, Payment
from wagtail_payments.records.guards import AppendOnly, Frozen, IssuedIsFrozen

pytestmark = pytest.mark.django_db

REFUSED = (IssuedIsFrozen, AppendOnly)
FROZEN = [model for model in apps.get_app_config("wagtail_payments").get_models() if issubclass(model, Frozen)]

# A column of each record, and another value for it.
CHANGES: dict[str, tuple[str, Any]] = {
    "Invoice": ("gross", 1),
    "InvoiceLine": ("description", "Something else"),
    "InvoiceAttachment": ("name", "Something else"),
    "IssuedDocument": ("number", "F2026-9999"),
    "Rendition": ("sha256", "f" * 64),
    "Instalment": ("part", 1),
    "Promise": ("until", 1),
    "Payment": ("amount", 1),
    "Allocation": ("amount", 1),
    "DisputedMoney": ("amount", 1),
    "WriteOff": ("amount", 1),
    "CreditNote": ("reason", "Another"),
    "CreditApplication": ("amount", 1),
    "Receipt": ("document_id", 1),
    "Entry": ("label", "Another"),
    "EntryLine": ("account", "999999"),
    "Opening": ("user_agent", "Another"),
    "DeliveryReport": ("event", "bounced"),
    "Quote": ("gross", 1),
    "QuoteLine": ("description", "Something else"),
    "QuoteAttachment": ("name", "Something else"),
    "PlanStep": ("label", "Something else"),
    "QuoteStep": ("data", "{}x"),
    "QuoteQuestion": ("text", "Something else"),
    "Agreement": ("gross", 1),
    "DocumentRevision": ("text", "{}"),
    "RevisionAttachment": ("name", "Something else"),
    "Deposit": ("amount", 1),
    "Deduction": ("gross", 1),
    "Proforma": ("document_id", 1),
    "Withdrawal": ("statement", "Something else"),
}


def save(row: Any, column: str, value: Any) -> None:
    setattr(row, column, value)
    row.save()


def save_one_column(row: Any, column: str, value: Any) -> None:
    setattr(row, column, value)
    row.save(update_fields=[column])


def save_a_column_that_may_change_with_one_that_may_not(row: Any, column: str, value: Any) -> None:
    setattr(row, column, value)
    row.save(update_fields=[column, *row.MAY_CHANGE])


def save_over_it(row: Any, column: str, value: Any) -> None:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    type(row)(**values | {column: value}).save()


def update(row: Any, column: str, value: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**{column: value})


def update_by_the_default_manager(row: Any, column: str, value: Any) -> None:
    type(row)._default_manager.all().update(**{column: value})


def update_by_the_base_manager(row: Any, column: str, value: Any) -> None:
    type(row)._base_manager.all().update(**{column: value})


def update_or_create(row: Any, column: str, value: Any) -> None:
    type(row).objects.update_or_create(pk=row.pk, defaults={column: value})


def bulk_update(row: Any, column: str, value: Any) -> None:
    setattr(row, column, value)
    type(row).objects.bulk_update([row], [column])


def bulk_create_over_it(row: Any, column: str, value: Any) -> None:
    setattr(row, column, value)
    type(row).objects.bulk_create([row], update_conflicts=True, update_fields=[column], unique_fields=["pk"])


def delete(row: Any, column: str, value: Any) -> None:
    row.delete()


def delete_many(row: Any, column: str, value: Any) -> None:
    type(row).objects.all().delete()


def delete_by_the_base_manager(row: Any, column: str, value: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).delete()


def delete_raw(row: Any, column: str, value: Any) -> None:
    type(row).objects.filter(pk=row.pk)._raw_delete(using="default")


ROUTES = [
    save,
    save_one_column,
    save_a_column_that_may_change_with_one_that_may_not,
    save_over_it,
    update,
    update_by_the_default_manager,
    update_by_the_base_manager,
    update_or_create,
    bulk_update,
    bulk_create_over_it,
    delete,
    delete_many,
    delete_by_the_base_manager,
    delete_raw,
]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_nothing_frozen_changes_by_this_route(route: Callable[[Any, str, Any], None]) -> None:
    for name, row in rows.make_all_frozen().items():
        model, (column, value) = type(row), CHANGES[name]
        before = model._base_manager.filter(pk=row.pk).values().get()
        with pytest.raises(REFUSED), transaction.atomic():
            route(model._base_manager.get(pk=row.pk), column, value)
        assert model._base_manager.filter(pk=row.pk).values().get() == before, name


def test_every_frozen_record_is_tried() -> None:
    assert {model.__name__ for model in FROZEN} == set(CHANGES) == set(rows.make_all_frozen())


def test_an_issued_invoice_says_what_to_do_instead() -> None:
    with pytest.raises(IssuedIsFrozen, match="Correct it with a credit note"):
        rows.make_issued().delete()


@pytest.mark.parametrize("model", FROZEN, ids=lambda model: model.__name__)
def test_what_a_deleted_user_or_item_leaves_empty_may_change(model: type[Frozen]) -> None:
    """A column that the database empties by itself must be open, or deleting a user would fail."""
    emptied = {f.name for f in model._meta.fields if f.is_relation and f.remote_field.on_delete is models.SET_NULL}
    assert emptied <= model.MAY_CHANGE


@pytest.mark.parametrize("model", FROZEN, ids=lambda model: model.__name__)
def test_no_frozen_record_goes_down_with_another(model: type[Frozen]) -> None:
    cascading = {
        f"{model.__name__}.{field.name}"
        for field in model._meta.fields
        if field.is_relation and field.remote_field.on_delete is models.CASCADE
    }
    of_drafts = {"InvoiceLine.invoice", "InvoiceAttachment.invoice", "Instalment.invoice", "Deposit.invoice"}
    of_quotes = {"QuoteLine.quote", "QuoteAttachment.quote", "PlanStep.quote"}
    assert cascading <= of_drafts | of_quotes | {"DeliveryReport.letter"}


class TestDrafts:
    def test_a_draft_changes_and_goes_as_its_editor_likes(self) -> None:
        draft = factories.make_invoice()
        InvoiceAttachment.objects.create(invoice=draft, file="attachments/a.pdf")
        draft.title = "Another"
        draft.save()
        Invoice.objects.filter(pk=draft.pk).update(gross=5)
        line = draft.lines.get()
        line.description = "Another"
        line.save()
        InvoiceLine.objects.bulk_update([line], ["description"])
        draft.delete()
        assert not Invoice.objects.exists()
        assert not InvoiceLine.objects.exists()

    def test_drafts_can_go_together_but_not_with_an_issued_invoice_among_them(self) -> None:
        drafts = [factories.make_invoice().pk for _ in range(2)]
        issued = rows.make_issued()
        with pytest.raises(IssuedIsFrozen), transaction.atomic():
            Invoice.objects.all().delete()
        Invoice.objects.filter(pk__in=drafts).delete()
        assert list(Invoice.objects.all()) == [issued]


class TestPartsOfAnIssuedInvoice:
    def test_no_line_can_be_added(self) -> None:
        issued = rows.make_issued()
        added = factories.make_line("More", "1", "1", "20")
        added.invoice = issued
        for add in (
            added.save,
            lambda: InvoiceLine.objects.bulk_create([added]),
            lambda: InvoiceLine.objects.create(invoice=issued, description="More", unit_price=1),
            lambda: InvoiceAttachment.objects.create(invoice=issued, file="attachments/a.pdf"),
            lambda: InvoiceLine.objects.get_or_create(invoice=issued, description="More", unit_price=1),
        ):
            with pytest.raises(IssuedIsFrozen), transaction.atomic():
                add()
        assert InvoiceLine.objects.filter(invoice=issued).count() == 1
        assert not InvoiceAttachment.objects.exists()

    def test_no_line_of_a_draft_can_be_moved_to_it(self) -> None:
        issued, draft = rows.make_issued(), factories.make_invoice()
        line = InvoiceLine.objects.get(invoice=draft)
        line.invoice = issued
        for move in (
            line.save,
            lambda: line.save(update_fields=["invoice"]),
            lambda: InvoiceLine.objects.bulk_update([line], ["invoice"]),
            lambda: InvoiceLine.objects.filter(pk=line.pk).update(invoice=issued),
            lambda: InvoiceLine.objects.filter(pk=line.pk).update(invoice_id=issued.pk),
        ):
            with pytest.raises(IssuedIsFrozen), transaction.atomic():
                move()
        assert InvoiceLine.objects.get(pk=line.pk).invoice_id == draft.pk

    def test_no_line_can_be_moved_away(self) -> None:
        issued, draft = rows.make_issued(), factories.make_invoice()
        line = InvoiceLine.objects.get(invoice=issued)
        line.invoice = draft
        with pytest.raises(IssuedIsFrozen), transaction.atomic():
            line.save()
        with pytest.raises(IssuedIsFrozen), transaction.atomic():
            InvoiceLine.objects.filter(pk=line.pk).update(invoice=draft)

    def test_lines_changed_in_memory_are_not_written_with_what_may_change(self) -> None:
        issued = rows.make_issued()
        issued.lines.set([factories.make_line("Another", "9", "9", "20")])
        issued.metadata = {"theirs": 1}
        issued.save(update_fields=["metadata"])
        assert InvoiceLine.objects.get(invoice=issued).description == "Training day"
        with pytest.raises(IssuedIsFrozen), transaction.atomic():
            issued.lines.commit()
        assert InvoiceLine.objects.get(invoice=issued).description == "Training day"


class TestWhatMayChange:
    def test_the_state_may_move_among_those_of_an_issued_invoice(self) -> None:
        issued = rows.make_issued()
        issued.state = "uncollectible"
        issued.save(update_fields=["state"])
        Invoice.objects.filter(pk=issued.pk).update(state="issued", lock_count=F("lock_count") + 1)

    def test_the_database_itself_refuses_to_make_it_a_draft_again(self) -> None:
        issued = rows.make_issued()
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.filter(pk=issued.pk).update(state="draft")

    def test_the_fee_is_learnt_after_the_payment(self) -> None:
        payment = rows.make_payment(rows.make_issued())
        payment.fee, payment.provider_net = 29, 971
        payment.save(update_fields=["fee", "provider_net"])
        assert Payment.objects.get().provider_net == 971

    def test_a_user_who_issued_and_recorded_can_be_deleted(self) -> None:
        user = factories.make_editor()
        issued = rows.make_issued(created_by=user)
        rows.make_document(issued, issued_by=user)
        payment = rows.make_payment(issued, recorded_by=user)
        rows.make_refund(payment, requested_by=user)
        user.delete()
        assert Invoice.objects.get().created_by is None
        assert Payment.objects.get().recorded_by is None
        assert not IssuedDocument.objects.filter(issued_by__isnull=False).exists()

    def test_an_item_sold_once_can_leave_the_catalogue(self) -> None:
        rows.make_all_frozen()
        CatalogueItem.objects.all().delete()
        assert InvoiceLine.objects.get().item is None
        assert InvoiceLine.objects.get().description == "Training"


class TestWhatIsProtected:
    @pytest.mark.parametrize("relation", ["seller", "customer", "site"])
    def test_who_stands_on_an_invoice_cannot_be_deleted(self, relation: str) -> None:
        issued = rows.make_issued()
        with pytest.raises(ProtectedError):
            getattr(issued, relation).delete()

    def test_an_invoice_keeps_its_document(self) -> None:
        issued = rows.make_issued()
        with pytest.raises(REFUSED), transaction.atomic():
            IssuedDocument.objects.all().delete()
        with pytest.raises(REFUSED), transaction.atomic():
            Invoice.objects.filter(pk=issued.pk).update(document=None)
