"""Legal sentences: the one in force on the day, the seller's own first."""

from __future__ import annotations

from datetime import date

import pytest

from wagtail_payments.core import wordings
from wagtail_payments.core.tax import EXEMPTION_REASONS
from wagtail_payments.core.wordings import Wording

ON = date(2026, 3, 16)
OLD = Wording("franchise", "fr", "ancienne", date(2020, 1, 1))
NEW = Wording("franchise", "fr", "nouvelle", date(2026, 3, 16))
FUTURE = Wording("franchise", "fr", "à venir", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (date(2019, 12, 31), "TVA non applicable, art. 293 B du CGI"),
        (date(2020, 1, 1), "ancienne"),
        (date(2026, 3, 15), "ancienne"),
        (date(2026, 3, 16), "nouvelle"),
        (date(2027, 6, 1), "à venir"),
    ],
)
def test_the_sentence_in_force_on_that_day_is_printed(on: date, text: str) -> None:
    assert wordings.find("franchise", language="fr", on=on, own=[FUTURE, OLD, NEW]) == text


def test_a_sentence_of_ones_own_does_not_hide_another_language() -> None:
    assert wordings.find("franchise", language="en", on=ON, own=[NEW]).startswith("VAT not applicable")


@pytest.mark.parametrize(("language", "start"), [("fr-be", "TVA"), ("de", "VAT"), ("en-gb", "VAT")])
def test_a_language_falls_back_to_its_parent_and_then_to_english(language: str, start: str) -> None:
    assert wordings.find("franchise", language=language, on=ON).startswith(start)


def test_a_sentence_in_a_third_language_is_found() -> None:
    own = [Wording("franchise", "de", "ohne Umsatzsteuer")]
    assert wordings.find("franchise", language="de", on=ON, own=own) == "ohne Umsatzsteuer"


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        wordings.find("unheard of", language="fr", on=ON)


@pytest.mark.parametrize("key", wordings.KEYS)
def test_every_sentence_stands_in_french_and_english(key: str) -> None:
    assert {wording.language for wording in wordings.DEFAULTS if wording.key == key} == {"fr", "en"}


def test_every_reason_for_no_vat_has_its_sentence() -> None:
    assert {reason.wording for reason in EXEMPTION_REASONS.values()} <= set(wordings.KEYS)
