"""Placeholders: a fixed dictionary, put in once; what a value brings along is text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.mail.placeholders import (
    SUBJECT_PLACEHOLDERS,
    Linked,
    fill,
    fill_line,
    unknown_placeholders,
)

LINK = Linked("https://site.example/l/token/", "Pay your invoice online")
VALUES = {"number": "F2026-0042", "customer": "Nadia", "seller": "Atelier"}


def filled(text: str, **values: str) -> str:
    return "\n\n".join(paragraph.text for paragraph in fill(text, VALUES | values, LINK))


@pytest.mark.parametrize("typed", ["{{ number }}", "{{number}}", "{{  number  }}"])
def test_spaces_in_the_braces_do_not_matter(typed: str) -> None:
    assert filled(f"About {typed}.") == "About F2026-0042."


def test_hash_link_is_a_sentence_that_leads_to_the_invoice() -> None:
    (paragraph,) = fill("See #LINK today", VALUES, LINK)
    assert [(piece.text, bool(piece.url)) for piece in paragraph.pieces] == [
        ("See ", False),
        ("Pay your invoice online", True),
        (" today", False),
    ]
    assert paragraph.text == "See Pay your invoice online: https://site.example/l/token/ today"


@pytest.mark.parametrize("typed", ["#link", "#Link"])
def test_hash_link_is_understood_in_any_case(typed: str) -> None:
    assert fill(typed, VALUES, LINK) == fill("#LINK", VALUES, LINK)


def test_a_link_in_a_line_of_its_own_becomes_the_button() -> None:
    before, alone, after = fill("Hello #LINK\n\n #LINK \n\nbye {{ link }}", VALUES, LINK)
    assert (before.is_button, alone.is_button, after.is_button) == (False, True, False)


@pytest.mark.parametrize("smuggled", ["{{ seller }}", "{{ link }}", "#LINK", "{{{{ number }}", "{% now 'Y' %}"])
def test_a_value_is_never_expanded_again(smuggled: str) -> None:
    assert filled("Hello {{ customer }}", customer=smuggled) == f"Hello {smuggled}"
    assert fill_line("Hello {{ customer }}", VALUES | {"customer": smuggled}) == f"Hello {smuggled}"


@pytest.mark.parametrize(
    "harmless",
    [
        "{{ customer.__class__ }}",
        "{{ settings.SECRET_KEY }}",
        "{% include '/etc/passwd' %}",
        "{0.__init__}",
        "%s",
        "{{}}",
    ],
)
def test_what_is_no_placeholder_stays_as_it_was_typed(harmless: str) -> None:
    assert filled(harmless) == harmless


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{{ number }} {{link}} #LINK", []),
        ("{{ nummer }} and {{ nummer }}", ["{{ nummer }}"]),
        ("#LIEN and #lien", ["#LIEN", "#lien"]),
        ("#link, #Link", []),
        ("{{ }}", ["{{ }}"]),
        ("order #4711, C#, see page/#TOP, &#LT; #42A", []),
        ("{{ {{ number }}", []),
    ],
)
def test_unknown_placeholders_are_named(text: str, unknown: list[str]) -> None:
    assert unknown_placeholders(text) == unknown


def test_the_link_has_no_place_in_a_subject() -> None:
    assert unknown_placeholders("Invoice {{ link }}", SUBJECT_PLACEHOLDERS) == ["{{ link }}"]


def test_a_subject_is_one_line() -> None:
    assert fill_line("Invoice\r\nBcc: evil@example.org", VALUES) == "Invoice Bcc: evil@example.org"


def test_an_amount_in_a_subject_does_not_break() -> None:
    amount = "1\u00a0240,50\u00a0€"
    assert fill_line("Facture : {{ amount }}\u2028", {"amount": amount}) == f"Facture : {amount}"


def test_paragraphs_are_kept_whatever_the_line_ends() -> None:
    assert filled("one\r\ntwo\r\n\r\n \r\nthree\r\n") == "one\ntwo\n\nthree"


@given(st.text(alphabet="{} #LINKnumber\n%a", max_size=60), st.text(alphabet="{} #LINKseller", max_size=30))
def test_filling_never_fails_and_a_value_appears_as_often_as_it_was_asked_for(text: str, value: str) -> None:
    fill(text, {"number": value}, LINK)
    marked = fill_line(text.replace("\x07", ""), {"number": "\x07"})
    assert fill_line(text, {}).count("\x07") == 0
    assert marked.count("\x07") <= text.count("number")
