"""Who sells: what must fit together, and the local date that stands on documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from tests import factories
from wagtail_payments.core.numbering import Series
from wagtail_payments.models import Invoice, NumberSeries, PaymentSettings
from wagtail_payments.records.fields import private_storage

pytestmark = pytest.mark.django_db


def test_a_siret_begins_with_its_siren() -> None:
    with pytest.raises(ValidationError, match="must begin with the SIREN"):
        factories.make_seller(siren="404833048").full_clean()


def test_the_first_number_may_be_chosen_until_a_number_was_taken() -> None:
    seller = factories.make_seller()
    seller.first_invoice_number = 100
    seller.full_clean()
    seller.save()
    NumberSeries.objects.create(seller=seller, mode="test", series=Series.INVOICE, year=2026, last=3)
    seller.first_invoice_number = 101
    seller.full_clean()
    seller.first_invoice_number = 100
    NumberSeries.objects.create(seller=seller, mode="live", series=Series.INVOICE, year=2026, last=100)
    seller.full_clean()
    seller.first_invoice_number = 200
    with pytest.raises(ValidationError, match="can no longer be changed"):
        seller.full_clean()


def test_the_three_kinds_of_number_look_different() -> None:
    seller = factories.make_seller(credit_note_pattern="F{year}-{number:06}")
    with pytest.raises(ValidationError, match="look different"):
        seller.full_clean()


def test_the_date_on_a_document_is_the_sellers_own() -> None:
    late_in_paris = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert factories.make_seller().today(late_in_paris) == date(2027, 1, 1)
    assert factories.make_seller(time_zone="America/Martinique").today(late_in_paris) == date(2026, 12, 31)


def test_a_sentence_of_the_sellers_own_is_printed_from_its_day_on() -> None:
    seller = factories.make_seller()
    seller.wordings.create(key="franchise", language="fr", text="La mienne", valid_from=date(2026, 1, 1))
    seller.save()
    assert seller.wording("franchise", language="fr", on=date(2026, 1, 1)) == "La mienne"
    assert seller.wording("franchise", language="fr", on=date(2025, 12, 31)).startswith("TVA non applicable")


def test_several_sites_may_share_one_seller() -> None:
    seller = factories.make_seller()
    first = factories.default_site()
    second = type(first).objects.create(hostname="second.example", root_page=first.root_page)
    for site in (first, second):
        factories.settle_site(seller, site)
    assert PaymentSettings.objects.filter(seller=seller).count() == 2


def test_a_due_date_is_days_or_a_date_but_not_both() -> None:
    draft = factories.build_invoice(due_days=30, due_on=date(2026, 4, 1))
    with pytest.raises(ValidationError, match="not both"):
        draft.clean()
    assert factories.build_invoice(due_days=30).due_date(date(2026, 1, 31)) == date(2026, 3, 2)
    assert factories.build_invoice(due_days=0).due_date(date(2026, 1, 31)) == date(2026, 1, 31)
    assert factories.build_invoice(due_days=None).due_date(date(2026, 1, 31)) is None


def test_a_discount_is_a_percentage_or_an_amount_but_not_both() -> None:
    with pytest.raises(ValidationError, match="not both"):
        factories.build_invoice(discount_percent=Decimal(10), discount_amount=Decimal(5)).clean()


def test_a_draft_without_lines_comes_to_nothing() -> None:
    assert Invoice(seller=factories.make_seller(), customer=factories.make_customer()).totals().gross == 0


def test_documents_lie_where_no_address_leads(settings, tmp_path) -> None:
    settings.STORAGES = {name: value for name, value in settings.STORAGES.items() if name != "wagtail_payments"}
    settings.WAGTAIL_PAYMENTS = {"DOCUMENT_ROOT": tmp_path}
    storage = private_storage()
    assert isinstance(storage, FileSystemStorage)
    name = storage.save("a.txt", ContentFile(b"secret"))
    assert (tmp_path / name).read_bytes() == b"secret"
    with pytest.raises(ValueError, match="not accessible"):
        storage.url(name)
