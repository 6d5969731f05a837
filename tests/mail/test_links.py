"""Links: who holds the token opens the document, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from tests import factories
from tests.mail.conftest import NOW
from wagtail_payments.mail import links
from wagtail_payments.models import Invoice, Link, PaymentAttempt

HOUR = timedelta(hours=1)


@pytest.fixture
def link(english: Invoice) -> Link:
    return Link.objects.select_related("site").get(document=english.document_id)


@pytest.fixture
def attempt(english: Invoice) -> PaymentAttempt:
    return factories.make_attempt(
        english,
        idempotency_key="0123456789abcdef0123456789abcdef",
        created_at=NOW,
    )


def with_keys(settings: Any, **keys: str) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LINK_KEYS": keys}


def test_a_token_opens_its_link(link: Link) -> None:
    assert links.read_token(links.token_of(link), now=NOW) == link


def test_a_token_carries_at_least_128_bits_of_proof(link: Link) -> None:
    proof = links.token_of(link).partition(".")[2]
    assert len(proof) * 6 >= 128


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "f" * 32 + token[32:],
        lambda token: token.upper(),
        lambda token: token + "\x00",
        lambda token: token.replace(".", "/"),
        lambda token: token + "=",
        lambda _token: "",
        lambda _token: ".",
        lambda _token: "é" * 40,
        lambda _token: "x" * 10_000,
    ],
)
def test_a_token_that_was_touched_opens_nothing(link: Link, spoil: Any) -> None:
    assert links.read_token(spoil(links.token_of(link)), now=NOW) is None


def test_malformed_unknown_revoked_and_right_tokens_ask_the_database_the_same(
    link: Link, django_assert_num_queries: Any
) -> None:
    token = links.token_of(link)
    for asked in (token, "nonsense", "f" * 32 + token[32:], token[:-3] + "AAA"):
        with django_assert_num_queries(1):
            links.read_token(asked, now=NOW)


def test_a_revoked_link_opens_nothing(link: Link) -> None:
    token = links.token_of(link)
    Link.objects.update(revoked_at=NOW)
    assert links.read_token(token, now=NOW) is None


def test_an_expired_link_opens_nothing_from_that_moment_on(link: Link) -> None:
    token = links.token_of(link)
    Link.objects.update(expires_at=NOW + HOUR)
    assert links.read_token(token, now=NOW) == link
    assert links.read_token(token, now=NOW + HOUR) is None


def test_renewing_ends_the_tokens_before(link: Link) -> None:
    before = links.token_of(link)
    link.generation += 1
    link.save()
    assert links.read_token(before, now=NOW) is None
    assert links.read_token(links.token_of(link), now=NOW) == link


def test_a_token_of_one_purpose_opens_no_other(link: Link) -> None:
    token = links.token_of(link)
    Link.objects.update(purpose="accountant")
    assert links.read_token(token, now=NOW) is None


def test_after_a_rotation_old_tokens_open_and_new_ones_are_signed_with_the_new_key(link: Link, settings: Any) -> None:
    with_keys(settings, old="the old secret")
    before = links.token_of(link)
    with_keys(settings, new="the new secret", old="the old secret")
    assert links.token_of(link) != before
    assert links.read_token(before, now=NOW) == link
    with_keys(settings, new="the new secret")
    assert links.read_token(before, now=NOW) is None


def test_without_link_keys_the_secret_key_is_never_used_as_it_is(link: Link, settings: Any) -> None:
    with_keys(settings)
    derived = links.token_of(link)
    with_keys(settings, plain=settings.SECRET_KEY)
    assert links.token_of(link) != derived


def test_the_address_is_that_of_the_links_site_whatever_host_was_asked(link: Link) -> None:
    RequestFactory().get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    link.site.hostname, link.site.port = "atelier.example", 443
    link.site.save()
    url = links.url_of(Link.objects.select_related("site").get())
    assert url == f"https://atelier.example/payments/l/{links.token_of(link)}/"


def test_the_token_stands_in_no_column(link: Link) -> None:
    proof = links.token_of(link).partition(".")[2]
    row = Link.objects.filter(pk=link.pk).values().get()
    assert not any(proof in str(value) for value in row.values())


def test_the_return_page_shows_an_attempt_for_two_days(attempt: PaymentAttempt) -> None:
    token = links.attempt_token(attempt)
    assert links.read_attempt_token(token, now=NOW + 47 * HOUR) == attempt
    assert links.read_attempt_token(token, now=NOW + 48 * HOUR) is None


def test_a_link_is_no_return_token_and_a_return_token_no_link(link: Link, attempt: PaymentAttempt) -> None:
    Link.objects.filter(pk=link.pk).update(public_id=attempt.idempotency_key)
    link.refresh_from_db()
    assert links.read_token(links.attempt_token(attempt), now=NOW) is None
    assert links.read_attempt_token(links.token_of(link), now=NOW) is None


def test_a_return_token_with_another_attempts_name_shows_nothing(attempt: PaymentAttempt) -> None:
    token = links.attempt_token(attempt)
    attempt.idempotency_key = "f" * 32
    attempt.save()
    assert links.read_attempt_token("f" * 32 + token[32:], now=NOW) is None


def test_the_address_to_come_back_to_stands_on_the_attempts_site(attempt: PaymentAttempt) -> None:
    url = links.attempt_url(attempt)
    assert url == f"{factories.default_site().root_url}/payments/r/{links.attempt_token(attempt)}/"
