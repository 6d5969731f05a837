"""Who sells, and which site sells for whom: what a newcomer types, what is refused with a sentence, what is kept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.models import Site

from tests import factories
from wagtail_payments.actions import invoices
from wagtail_payments.models import PaymentSettings, Seller
from wagtail_payments.records.fields import private_storage

pytestmark = pytest.mark.django_db
SignedIn = Callable[..., Client]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(factories.make_superuser())
    return client


def typed(page: HttpResponse) -> dict[str, Any]:
    """Return what a browser would post of the form as it stands."""
    form = BeautifulSoup(page.content, "html.parser").select_one("form[data-edit-form]")
    data: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        kind, name = field.get("type"), field["name"]
        if kind == "file" or field.has_attr("disabled") or "__prefix__" in name:
            continue
        if kind == "checkbox":
            if field.has_attr("checked"):
                data.setdefault(name, []).append(field.get("value", "on"))
        elif field.name == "select":
            chosen = field.select_one("option[selected]")
            data[name] = chosen["value"] if chosen else ""
        else:
            data[name] = field.get_text().strip("\n") if field.name == "textarea" else field.get("value", "")
    return data


def edit_url(seller: Seller) -> str:
    return reverse("wagtail_payments_seller:edit", args=[seller.pk])


def save(client: Client, seller: Seller, **fields: Any) -> HttpResponse:
    data = typed(client.get(edit_url(seller))) | fields
    return client.post(edit_url(seller), data, follow=True)


def errors(page: HttpResponse) -> str:
    soup = BeautifulSoup(page.content, "html.parser")
    return " ".join(error.get_text(" ", strip=True) for error in soup.select(".error-message"))


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 200), mode: str = "RGBA") -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new(mode, size, 128).save(target, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", target.getvalue())


def test_a_newcomer_types_a_seller_and_every_site_without_one_gets_it(boss: Client) -> None:
    home = factories.default_site().root_page
    Site.objects.create(hostname="shop.example", root_page=home, site_name="Shop")
    page = boss.get(reverse("wagtail_payments_seller:open"), follow=True)
    assert page.redirect_chain[-1][0] == reverse("wagtail_payments_seller:add")
    data = typed(page) | {"name": "Atelier Garonne", "email": "bonjour@atelier.example"}
    answer = boss.post(reverse("wagtail_payments_seller:add"), data)
    seller = Seller.objects.get()
    assert answer["Location"] == edit_url(seller)
    assert {PaymentSettings.for_site(site).seller for site in Site.objects.all()} == {seller}


def test_a_second_seller_takes_over_no_site(boss: Client) -> None:
    first = factories.settle_site().seller
    data = typed(boss.get(reverse("wagtail_payments_seller:add"))) | {"name": "Second", "email": "a@b.example"}
    boss.post(reverse("wagtail_payments_seller:add"), data)
    assert Seller.objects.count() == 2
    assert PaymentSettings.for_site(factories.default_site()).seller == first
    answer = boss.get(reverse("wagtail_payments_seller:open"))
    assert answer["Location"] == reverse("wagtail_payments_seller:index")


def test_settings_open_the_only_seller(boss: Client) -> None:
    seller = factories.settle_site().seller
    assert boss.get(reverse("wagtail_payments_seller:open"))["Location"] == edit_url(seller)


def test_saving_without_a_change_changes_nothing(boss: Client) -> None:
    seller = factories.settle_site().seller
    before = Seller.objects.values().get(pk=seller.pk)
    page = save(boss, seller)
    assert not errors(page)
    assert Seller.objects.values().get(pk=seller.pk) == before


def test_identifiers_are_kept_without_spaces_and_in_capitals(boss: Client) -> None:
    seller = factories.settle_site().seller
    save(
        boss,
        seller,
        siren="732 829 320",
        siret="732 829 320 00074",
        vat_number="fr 44 732829320",
        iban="fr76 3000 6000 0112 3456 7890 189",
        bic="agri frpp",
    )
    seller.refresh_from_db()
    assert (seller.siren, seller.siret, seller.vat_number) == ("732829320", "73282932000074", "FR44732829320")
    assert (seller.iban, seller.bic) == ("FR7630006000011234567890189", "AGRIFRPP")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("siren", "732829321", "typing error"),
        ("siret", "123", "wrong number of characters"),
        ("vat_number", "12345", "begins with its country code"),
        ("iban", "FR7630006000011234567890188", "typing error"),
        ("bic", "X", "wrong number of characters"),
        ("colour", "#ffff00", "too pale"),
        ("colour", "red", "# and six digits"),
        ("invoice_pattern", "F{number}", "{year} and {number} once each"),
        ("currency", "EURO", "3"),
        ("vat_rate", "120", "100"),
        ("statement_descriptor", "<>", ""),
        ("email", "nobody", "valid email"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_typed_is_lost(
    boss: Client, field: str, value: str, sentence: str
) -> None:
    seller = factories.settle_site().seller
    page = save(boss, seller, **{field: value, "phone": "+33 6 00 00 00 00"})
    assert sentence in errors(page)
    assert errors(page)
    assert typed(page)[field] == value
    assert typed(page)["phone"] == "+33 6 00 00 00 00"


def test_a_siret_must_belong_to_the_siren(boss: Client) -> None:
    seller = factories.settle_site().seller
    assert "begin with the SIREN" in errors(save(boss, seller, siren="404833048"))


def test_the_vat_rate_may_be_typed_with_a_comma(boss: Client) -> None:
    seller = factories.settle_site().seller
    save(boss, seller, vat_rate="5,5")
    seller.refresh_from_db()
    assert str(seller.vat_rate) == "5.50"


def test_methods_are_chosen_by_boxes(boss: Client) -> None:
    seller = factories.settle_site().seller
    page = boss.get(edit_url(seller))
    assert typed(page)["methods"] == ["transfer", "card", "sepa_debit"]
    assert 'value="cash"' not in page.content.decode()
    save(boss, seller, methods=["card"])
    seller.refresh_from_db()
    assert seller.methods == ["card"]
    save(boss, seller, methods=[])
    seller.refresh_from_db()
    assert seller.methods == []


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGB")])
def test_a_logo_of_any_kind_becomes_an_rgb_png_named_by_its_content(boss: Client, kind: str, mode: str) -> None:
    seller = factories.settle_site().seller
    assert not errors(save(boss, seller, logo=picture(kind, (3000, 100), mode)))
    seller.refresh_from_db()
    with private_storage().open(seller.logo.name) as file:
        content = file.read()
    assert seller.logo.name == f"logos/{hashlib.sha256(content).hexdigest()}.png"
    kept = Image.open(io.BytesIO(content))
    assert (kept.format, kept.mode, kept.size) == ("PNG", "RGB", (1200, 40))


def test_the_same_logo_twice_is_one_file(boss: Client) -> None:
    seller = factories.settle_site().seller
    save(boss, seller, logo=picture())
    save(boss, seller, logo=picture())
    _, files = private_storage().listdir("logos")
    seller.refresh_from_db()
    assert [name for name in files if name == seller.logo.name.removeprefix("logos/")]
    assert all("_" not in name for name in files)


def test_the_present_logo_is_shown_and_can_be_taken_away_but_old_papers_keep_it(boss: Client) -> None:
    seller = factories.settle_site().seller
    save(boss, seller, logo=picture())
    seller.refresh_from_db()
    name = seller.logo.name
    page = boss.get(edit_url(seller))
    shown = BeautifulSoup(page.content, "html.parser").select_one(".wp-picture__image")["src"]
    assert boss.get(shown)["Content-Type"] == "image/png"
    save(boss, seller)
    seller.refresh_from_db()
    assert seller.logo.name == name
    save(boss, seller, **{"logo-clear": "on"})
    seller.refresh_from_db()
    assert not seller.logo
    assert private_storage().exists(name)


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (SimpleUploadedFile("logo.svg", SVG), "SVG can't be printed safely"),
        (SimpleUploadedFile("logo.png", SVG), "SVG can't be printed safely"),
        (SimpleUploadedFile("logo.png", b"no picture"), "not a picture we can read"),
        (SimpleUploadedFile("logo.png", b""), "empty"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(boss: Client, upload: SimpleUploadedFile, sentence: str) -> None:
    seller = factories.settle_site().seller
    assert sentence in errors(save(boss, seller, logo=upload))
    seller.refresh_from_db()
    assert not seller.logo


def test_a_form_with_another_error_stores_no_picture(boss: Client) -> None:
    seller = factories.settle_site().seller
    upload = picture(size=(17, 19))
    save(boss, seller, logo=upload, email="nobody")
    seller.refresh_from_db()
    assert not seller.logo


def help_of(page: HttpResponse, name: str) -> str:
    soup = BeautifulSoup(page.content, "html.parser")
    field = soup.select_one(f"[name={name}]")
    return field.find_parent(attrs={"data-field": True}).parent.get_text(" ", strip=True)


def test_the_next_number_is_told_beside_its_pattern(boss: Client, clock: Any) -> None:
    seller = factories.settle_site().seller
    page = boss.get(edit_url(seller))
    assert "Next: F2026-0001" in help_of(page, "invoice_pattern")
    assert "Next: A2026-0001" in help_of(page, "credit_note_pattern")
    save(boss, seller, first_invoice_number="42")
    assert "Next: F2026-0042" in help_of(boss.get(edit_url(seller)), "invoice_pattern")


def test_the_first_number_is_fixed_once_used_and_says_why(
    boss: Client, clock: Any, now: datetime, settings: Any
) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
    seller = factories.settle_site(factories.make_seller(first_invoice_number=42)).seller
    assert seller is not None
    invoice = invoices.issue(invoice_id=factories.make_invoice(seller=seller).pk, by=None, now=now)
    assert invoice.number == "F2026-0042"
    page = boss.get(edit_url(seller))
    assert "would get a gap" in help_of(page, "first_invoice_number")
    assert "Next: F2026-0043" in help_of(page, "invoice_pattern")
    save(boss, seller, first_invoice_number="7")
    seller.refresh_from_db()
    assert seller.first_invoice_number == 42


def wording(**fields: str) -> dict[str, str]:
    counts = {"wordings-TOTAL_FORMS": "1", "wordings-INITIAL_FORMS": "0"}
    row = {"key": "franchise", "language": "fr", "text": "TVA non applicable", "valid_from": "2027-01-01"}
    return counts | {f"wordings-0-{name}": value for name, value in (row | fields).items()} | {"wordings-0-ORDER": "1"}


def test_a_wording_of_ones_own_is_added(boss: Client) -> None:
    seller = factories.settle_site().seller
    assert not errors(save(boss, seller, **wording()))
    assert [row.text for row in seller.wordings.all()] == ["TVA non applicable"]


def test_two_wordings_of_one_day_are_refused_in_words(boss: Client) -> None:
    seller = factories.settle_site().seller
    save(boss, seller, **wording())
    again = {f"wordings-1-{name.removeprefix('wordings-0-')}": value for name, value in wording().items()}
    data = typed(boss.get(edit_url(seller))) | again | {"wordings-TOTAL_FORMS": "2", "wordings-1-ORDER": "2"}
    page = boss.post(edit_url(seller), data, follow=True)
    assert page.status_code == 200
    assert seller.wordings.count() == 1


def test_a_seller_with_papers_can_not_be_deleted(boss: Client, clock: Any, now: datetime) -> None:
    invoice = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    url = reverse("wagtail_payments_seller:delete", args=[invoice.seller_id])
    assert boss.post(url).status_code == 302
    assert Seller.objects.filter(pk=invoice.seller_id).exists()


def test_a_seller_made_by_mistake_can_be_deleted(boss: Client) -> None:
    factories.settle_site()
    mistake = factories.make_seller(name="Mistake")
    boss.post(reverse("wagtail_payments_seller:delete", args=[mistake.pk]))
    assert not Seller.objects.filter(pk=mistake.pk).exists()


def test_a_site_chooses_its_seller(boss: Client) -> None:
    factories.settle_site()
    other = factories.make_seller(name="Other")
    site = factories.default_site()
    url = reverse("wagtailsettings:edit", args=["wagtail_payments", "paymentsettings", site.pk])
    boss.post(url, {"seller": other.pk})
    assert PaymentSettings.objects.get(site=site).seller == other


def test_settings_are_for_who_may_change_them(signed_in: SignedIn) -> None:
    seller = factories.settle_site().seller
    stranger = signed_in("view_invoice")
    assert stranger.get(reverse("wagtail_payments_seller:open"))["Location"] == "/admin/"
    assert stranger.get(edit_url(seller))["Location"] == "/admin/"
    owner = signed_in("change_seller")
    assert owner.get(reverse("wagtail_payments_seller:open"), follow=True).status_code == 200
    assert "Which site sells for whom" not in owner.get(edit_url(seller)).content.decode()


def test_a_sellers_name_stays_text(boss: Client) -> None:
    seller = factories.settle_site(factories.make_seller(name="<img src=x onerror=alert(1)>")).seller
    for url in (edit_url(seller), reverse("wagtail_payments_seller:index"), "/admin/reports/receipts-ledger/"):
        assert b"<img src=x" not in boss.get(url).content
