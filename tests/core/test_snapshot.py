"""The frozen document: what was written is read back alike, and one text has one hash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core import snapshot
from wagtail_payments.core.snapshot import Document

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
st.register_type_strategy(str, texts)
documents = st.builds(
    Document,
    lines=st.lists(st.builds(snapshot.Line), max_size=3).map(tuple),
    custom_fields=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    moved=st.none() | st.builds(snapshot.MoneyMoved, shares=st.lists(st.builds(snapshot.Share), max_size=2).map(tuple)),
    delivery=st.none() | st.builds(snapshot.Address),
    deducted=st.lists(
        st.builds(snapshot.Deducted, vat=st.lists(st.builds(snapshot.VatRow), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    instalments=st.lists(st.builds(snapshot.Instalment), max_size=2).map(tuple),
    plan=st.lists(st.builds(snapshot.PlanStep), max_size=2).map(tuple),
    agreed=st.none() | st.builds(snapshot.Reference),
    format=st.just(snapshot.FORMAT),
)
SMALLEST = Document(
    kind="invoice",
    mode="live",
    language="fr",
    currency="EUR",
    seller=snapshot.Party("A", snapshot.Address()),
    customer=snapshot.Party("Zoé 🎻 ‮", snapshot.Address()),
)


@given(documents)
def test_what_was_frozen_is_read_back_alike(document: Document) -> None:
    text = snapshot.to_text(document)
    again = snapshot.from_text(text)
    assert again == document
    assert snapshot.to_text(again) == text


@given(documents)
def test_the_text_holds_no_number_but_integers(document: Document) -> None:
    def refuse(number: str) -> None:
        raise AssertionError(number)

    json.loads(snapshot.to_text(document), parse_float=refuse, parse_constant=refuse)


def test_people_can_read_the_text() -> None:
    assert "Zoé 🎻" in snapshot.to_text(SMALLEST)


def test_one_changed_cent_changes_the_hash() -> None:
    before, after = (snapshot.digest(snapshot.to_text(replace(SMALLEST, gross=gross))) for gross in (100, 101))
    assert before != after
    assert len(before) == 64


def test_a_text_of_an_older_version_is_read_with_todays_defaults() -> None:
    data = json.loads(snapshot.to_text(SMALLEST))
    del data["nature"]
    assert snapshot.from_text(json.dumps(data)) == SMALLEST


def test_a_text_of_a_newer_version_is_refused() -> None:
    text = snapshot.to_text(replace(SMALLEST, format=snapshot.FORMAT + 1))
    with pytest.raises(snapshot.UnknownFormat):
        snapshot.from_text(text)


def test_a_document_issued_with_the_first_format_is_still_read() -> None:
    """The file is as it was issued and never changes; a new format gets a file beside it."""
    text = (Path(__file__).parent / "issued_format_1.json").read_text(encoding="utf-8").rstrip("\n")
    document = snapshot.from_text(text)
    assert snapshot.digest(text) == "0b850081e0d0afe2c8e448491a1203a1f4f5fcc795b37471e95136fb707773c0"
    assert (document.number, document.gross, document.due) == ("F2026-0042", 12000, 9000)
    assert document.lines[0].description == "Formation « Écrire »"
    assert document.moved is not None
    assert document.moved.shares[0].number == "F2026-0041"
    assert document.custom_fields == (("Session", "Mars"),)


def test_a_document_issued_with_the_second_format_is_still_read() -> None:
    text = (Path(__file__).parent / "issued_format_2.json").read_text(encoding="utf-8").rstrip("\n")
    document = snapshot.from_text(text)
    assert snapshot.digest(text) == "1d6d894cf666ca826eb30c093af73408636f50b91a190c6dc2195ac2d40a7acb"
    assert (document.variant, document.gross) == ("final", 100_800)
    assert document.deducted[0].vat[0].tax == 7_200
    assert [part.amount for part in document.instalments] == [50_400, 50_400]
    assert document.agreed == snapshot.Reference("D2026-0007", "2026-11-01")
    assert document.plan[0].percent == "30"
