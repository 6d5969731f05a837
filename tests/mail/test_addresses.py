"""Addresses: one at a time, in one line."""

from __future__ import annotations

from typing import Any

import pytest

from wagtail_payments.mail import addresses


@pytest.mark.parametrize("given", ["nadia@librairie.example", "  nadia+x@librairie.example ", "o'neil@example.org"])
def test_a_plain_address_is_taken(given: str) -> None:
    assert addresses.checked(given) == given.strip()


@pytest.mark.parametrize(
    "given",
    [
        '"a@librairie.example, b"@evil.example',
        '"a b"@evil.example',
        "a@librairie.example, b@evil.example",
        "a@librairie.example\nBcc: b@evil.example",
        "Nadia <nadia@librairie.example>",
        "a@b@c.example",
        "\x00a@b.example",
    ],
)
def test_what_is_more_than_one_plain_address_is_refused(given: str) -> None:
    with pytest.raises(addresses.AddressRefused):
        addresses.checked(given)


def test_each_address_is_kept_once_as_it_was_first_written() -> None:
    given = ["A@b.example", "a@B.example", "", " c@d.example ", "e@f.example"]
    assert addresses.distinct(given, but=["E@F.example"]) == ["A@b.example", "c@d.example"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\r\nb", "a b"), ("a\u202eb", "a b"), ("a\x00b", "a b"), ("  Été  2026 ", "Été 2026"), ("🎉 ok", "🎉 ok")],
)
def test_a_header_is_one_line_without_anything_unseen(text: str, line: str) -> None:
    assert addresses.one_line(text) == line


@pytest.mark.parametrize(
    ("setting", "address", "domain"),
    [
        ("Atelier <bonjour@atelier.example>", "bonjour@atelier.example", "atelier.example"),
        ("webmaster@localhost", "webmaster@localhost", "localhost"),
        ("", "", "localhost"),
    ],
)
def test_the_sender_is_the_sites_address(settings: Any, setting: str, address: str, domain: str) -> None:
    settings.DEFAULT_FROM_EMAIL = setting
    assert (addresses.sender(), addresses.sender_domain()) == (address, domain)
