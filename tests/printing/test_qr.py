from __future__ import annotations

import io

import pytest
from PIL import Image, ImageOps

from tests.printing import samples
from tests.printing.readers import code_on
from wagtail_payments.printing import qr


def payload(**changes: object) -> str:
    facts = {
        "name": "Atelier Garonne",
        "iban": samples.IBAN,
        "amount": 340_316,
        "bic": "AGRIFRPP",
        "text": "F2026-0042",
    }
    return qr.epc_payload(**(facts | changes))  # type: ignore[arg-type]


def test_the_payload_is_by_the_book() -> None:
    assert payload().split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "AGRIFRPP",
        "Atelier Garonne",
        "FR7630006000011234567890189",
        "EUR3403.16",
        "",
        "",
        "F2026-0042",
    ]


def test_the_bic_may_be_left_out_and_a_spaced_iban_is_closed_up() -> None:
    lines = payload(bic="", iban="FR76 3000 6000 0112 3456 7890 189", text="").split("\n")
    assert lines[4] == ""
    assert lines[6] == "FR7630006000011234567890189"
    assert len(lines) == 8


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "CHF"},
        {"amount": 0},
        {"amount": -5},
        {"amount": 100_000_000_000},
        {"iban": "FR7630006000011234567890188"},
        {"iban": ""},
        {"name": " \n "},
        {"name": "字" * 70, "text": "字" * 140},
    ],
)
def test_what_the_book_does_not_allow_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(qr.NoTransferCode):
        payload(**changes)


@pytest.mark.parametrize(("amount", "written"), [(1, "EUR0.01"), (99_999_999_999, "EUR999999999.99"), (500, "EUR5.00")])
def test_amounts_are_written_in_euros_with_a_point(amount: int, written: str) -> None:
    assert payload(amount=amount).split("\n")[7] == written


def test_long_names_are_cut_and_line_ends_cannot_add_a_field() -> None:
    lines = payload(name="A" * 100, text="one\nEUR1.00\ntwo").split("\n")
    assert lines[5] == "A" * 70
    assert lines[10] == "one EUR1.00 two"


def test_a_scanner_reads_what_was_written() -> None:
    text = payload(name="Éditions Œil")
    picture = ImageOps.expand(Image.open(io.BytesIO(qr.epc_qr_png(text))).convert("L"), 16, 255)
    assert code_on(picture) == text


def test_the_drawing_for_a_page_holds_no_text() -> None:
    drawing = qr.epc_qr_svg(payload(name="<script>"))
    assert drawing.startswith("<svg")
    assert "script" not in drawing
