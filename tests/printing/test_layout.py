from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.printing import samples
from wagtail_payments.printing.layout import SHORT, layout, pieces
from wagtail_payments.printing.sheet import sheet


@given(st.text(max_size=4000))
def test_a_divided_description_loses_nothing_but_space(text: str) -> None:
    found = pieces(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(len(piece.strip()) <= SHORT for piece in found)


def test_a_short_description_stays_in_one_piece() -> None:
    assert pieces("Formation\nDeux jours") == ["Formation\nDeux jours"]
    assert pieces("") == [""]


def test_the_columns_always_fill_the_page() -> None:
    for document in (samples.document(), samples.franchise(), samples.consumer(), samples.credit_note()):
        made = layout(sheet(document))
        assert sum(made.widths.values()) == 100
        columns = [width for width in made.widths.values() if width]
        assert made.spans.left + made.spans.label + 1 == len(columns)


def test_long_figures_get_the_width_they_need() -> None:
    items = [samples.Item("huge", "12345678.123456", "1234.5678")]
    wide, usual = layout(sheet(samples.document(items))).widths, layout(sheet(samples.document())).widths
    assert wide["price"] > usual["price"]
    assert wide["amount"] > usual["amount"]
    assert wide["description"] >= 30
