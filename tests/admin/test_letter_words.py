"""The way to the letters' words, and what a letter can not do without."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.admin import letter_words as pages
from wagtail_payments.models import LetterWords, Seller

pytestmark = pytest.mark.django_db
OPEN = "wagtail_payments_seller:words_open"


@pytest.fixture
def boss(client: Client) -> Client:
    """A superuser."""
    client.force_login(factories.make_superuser())
    return client


@pytest.fixture
def seller() -> Seller:
    return factories.seller_of_default_site()


def text_of(answer: HttpResponse) -> str:
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


def edit_url(seller: Seller, key: str) -> str:
    return reverse("wagtail_payments_seller:words_edit", args=[seller.pk, key, "en"])


def test_the_menu_leads_to_the_sellers_words(boss: Client, seller: Seller) -> None:
    answer = boss.get(reverse(OPEN))
    assert answer["Location"] == reverse("wagtail_payments_seller:words", args=[seller.pk])


def test_without_a_seller_it_leads_to_the_settings(boss: Client) -> None:
    Seller.objects.all().delete()
    assert boss.get(reverse(OPEN))["Location"] == reverse("wagtail_payments_seller:open")


def test_the_letters_stand_under_what_they_are_about(boss: Client, seller: Seller) -> None:
    sections = {str(section.title): [one.key for one in section.kinds] for section in pages.sections_of(seller)}
    assert list(sections) == ["Quotes", "Invoices and payments", "Reminders", "Events"]
    assert sections["Quotes"][:2] == ["quote", "quote_changed"]
    assert sections["Invoices and payments"][0] == "invoice_online"
    assert "balance" in sections["Events"]
    page = boss.get(reverse("wagtail_payments_seller:words", args=[seller.pk]))
    headings = [heading.get_text() for heading in BeautifulSoup(page.content, "html.parser").select(".wp-page h3")]
    assert headings == list(sections)


@pytest.mark.parametrize(
    ("key", "needed"),
    [
        ("signing_code", "{{ code }}"),
        ("withdrawal", "{{ statement }}"),
        ("quote_answer", "{{ answer }}"),
        ("invoice_revised", "{{ message }}"),
    ],
)
def test_words_without_what_the_letter_is_about_are_refused(
    key: str, needed: str, boss: Client, seller: Seller
) -> None:
    url = edit_url(seller, key)
    assert "has to stay" in text_of(boss.get(url))
    answer = boss.post(url, {"subject": "S", "text": "Only this."})
    assert f"This letter cannot do without {needed}: put it where it belongs." in text_of(answer)
    assert "Only this." in answer.content.decode(), "nothing typed is lost"
    assert not LetterWords.objects.exists()
    boss.post(url, {"subject": "S", "text": f"This.\n\n{needed}"})
    assert LetterWords.objects.get().key == key
