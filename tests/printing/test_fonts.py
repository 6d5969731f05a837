from __future__ import annotations

from pathlib import Path

import pytest

from tests.printing import samples
from wagtail_payments.core.snapshot import to_text
from wagtail_payments.printing import fonts


def test_european_text_is_covered_and_chinese_is_not() -> None:
    assert fonts.missing("Œuvre à 5 € – Łódź, Αθήνα, Москва") == []
    assert fonts.missing("日本 123") == ["日", "本"]


def test_what_no_font_has_becomes_a_visible_box() -> None:
    assert fonts.substituted("Tokyo 東京", ["東", "京"]) == "Tokyo □□"


def test_a_font_that_cannot_be_read_is_named_and_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    assert fonts.problems([str(broken), str(fonts.SHIPPED / "DejaVuSans.ttf")]) == [str(broken)]
    assert str(broken) not in [face.path for face in fonts.faces([str(broken)])]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("1\u202f240", "1\u00a0240"),
        ("e\u0301", "é"),
        ("a\x00b\x07c", "abc"),
        ("pay\u202e0001 RUE", "pay0001 RUE"),
        ("« mot » : 5 %", "«\u00a0mot\u00a0»\u00a0: 5\u00a0%"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("one\u2028two\r\nthree", "one\ntwo\nthree"),
        ("\ud800lone", "lone"),
    ],
)
def test_text_is_made_ready_for_setting(typed: str, printed: str) -> None:
    assert fonts.printable(typed) == printed


def test_cleaning_a_clean_document_changes_only_spaces() -> None:
    before = samples.document()
    after = fonts.cleaned(before)
    assert to_text(after).replace("\u00a0", " ") == to_text(before).replace("\u00a0", " ")
