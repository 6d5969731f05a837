"""The chain of the books: any change of content, order or key breaks it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core import chain

KEY = b"a key of the tests"
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=6, unique=True)


def seals(entries: list[str], key: bytes = KEY) -> list[str]:
    made, previous = [], chain.FIRST_SEAL
    for text in entries:
        previous = chain.seal(key, previous, text)
        made.append(previous)
    return made


@given(texts, st.data())
def test_a_changed_entry_changes_its_seal_and_all_that_follow(entries: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries[:index], entries[index] + "!", *entries[index + 1 :]]
    before, after = seals(entries), seals(changed)
    assert before[:index] == after[:index]
    assert all(old != new for old, new in zip(before[index:], after[index:], strict=True))


@given(texts)
def test_two_entries_cannot_change_places(entries: list[str]) -> None:
    assert seals(entries)[-1] != seals([entries[1], entries[0], *entries[2:]])[-1]


@given(texts)
def test_without_the_key_no_seal_can_be_made(entries: list[str]) -> None:
    assert not set(seals(entries)) & set(seals(entries, b"another key"))


def test_a_text_that_looks_like_a_seal_and_a_text_is_another_content() -> None:
    first = chain.seal(KEY, chain.FIRST_SEAL, "a")
    assert chain.seal(KEY, first, "b") != chain.seal(KEY, chain.FIRST_SEAL, f"{first}\nb")


def test_the_same_content_has_one_canonical_text() -> None:
    one, other = {"b": [1, "é"], "a": 2}, {"a": 2, "b": [1, "é"]}
    assert chain.canonical(one) == chain.canonical(other) == '{"a":2,"b":[1,"é"]}'


def test_the_end_of_a_chain_is_sealed_apart() -> None:
    last = seals(["a", "b"])[-1]
    ends = {chain.head_seal(KEY, 2, last), chain.head_seal(KEY, 1, last), chain.head_seal(b"other", 2, last)}
    assert len(ends | {last}) == 4


def test_seals_are_compared_whole() -> None:
    assert chain.seals_agree("ab", "ab")
    assert not chain.seals_agree("ab", "ac")
    assert not chain.seals_agree("ab", "a")
