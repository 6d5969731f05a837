"""Tables: what a person typed is never run, what was counted stays exact."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from wagtail_payments.reports import spreadsheet

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", "=HYPERLINK(\"http://x\";\"y\")",
    "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1", " =1+1",
    "  +1", "\u00a0=1", "=", "--1",
]  # fmt: skip


def read_csv(titles: list[str], rows: list[list[Any]], language: str) -> list[list[str]]:
    content = b"".join(spreadsheet.csv_chunks(titles, rows, language=language))
    delimiter = ";" if language == "fr" else ","
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_text_runs_as_a_formula_in_csv(text: str, language: str) -> None:
    ((_title,), (cell,)) = read_csv(["Title"], [[text]], language)
    assert cell.startswith("'")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_runs_as_a_formula_in_xlsx(text: str) -> None:
    sheet = load_workbook(spreadsheet.xlsx_file([text], [[text]], title="x")).active
    for row in sheet.iter_rows():
        assert [cell.data_type for cell in row] == ["s"]


@pytest.mark.parametrize("value", [Decimal("-12.50"), -3, date(2026, 3, 2), None, "a-b", "Étude = 1"])
def test_what_is_harmless_stays_as_it_is(value: Any) -> None:
    assert spreadsheet.safe_cell(value) == value


def test_a_french_table_has_semicolons_and_decimal_commas() -> None:
    content = b"".join(spreadsheet.csv_chunks(["Été"], [[Decimal("-1234.50")], [date(2026, 3, 2)]], language="fr"))
    assert content == "\ufeffÉté\r\n-1234,50\r\n2026-03-02\r\n".encode()
    two = b"".join(spreadsheet.csv_chunks(["a", "b"], [], language="fr-FR"))
    assert two == "\ufeffa;b\r\n".encode()


def test_an_english_table_has_commas_and_points() -> None:
    assert read_csv(["a", "b"], [["x,y", Decimal("0.005")]], "en") == [["a", "b"], ["x,y", "0.005"]]


@pytest.mark.parametrize("language", ["xx", "", "zz-ZZ"])
def test_a_language_nobody_knows_is_written_with_points(language: str) -> None:
    assert spreadsheet.decimal_mark(language) == "."


def test_large_and_small_numbers_are_written_out() -> None:
    assert read_csv(["a"], [[Decimal("1E+12")], [Decimal("0.000001")]], "en")[1:] == [["1000000000000"], ["0.000001"]]


def test_xlsx_keeps_amounts_and_dates_as_such() -> None:
    row = [Decimal("1234.50"), Decimal("1000"), Decimal("1.005"), 7, date(2026, 3, 2), None, "text"]
    sheet = load_workbook(spreadsheet.xlsx_file(["t"] * 7, [row], title="Receipts")).active
    cells = list(sheet[2])
    assert [cell.value for cell in cells[:4]] == [1234.5, 1000, 1.005, 7]
    assert [cell.number_format for cell in cells[:3]] == ["#,##0.00", "#,##0", "#,##0.000"]
    assert cells[4].is_date
    assert sheet.title == "Receipts"


def test_characters_and_lengths_that_xlsx_refuses_do_not_stop_an_export() -> None:
    sheet = load_workbook(spreadsheet.xlsx_file(["a\x01b"], [["x" * 40_000]], title="a/b:[c]*?" * 9)).active
    assert sheet["A1"].value == "ab"
    assert len(sheet["A2"].value) == 32_767


def test_rows_are_taken_one_by_one() -> None:
    taken: list[int] = []

    def rows() -> Any:
        for number in range(3):
            taken.append(number)
            yield [number]

    chunks = spreadsheet.csv_chunks(["n"], rows(), language="en")
    next(chunks)
    assert taken == []
    next(chunks)
    assert taken == [0]
