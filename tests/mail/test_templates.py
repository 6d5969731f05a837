"""The words of letters: built in for every kind, whole in both languages, and filled without surprises."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from tests import factories
from tests.mail.conftest import NOW
from wagtail_payments.core.reminders import Tone
from wagtail_payments.mail import reminders, samples, templates, writing
from wagtail_payments.mail.placeholders import Linked, Paragraph, Piece, fill, unknown_placeholders, without_link
from wagtail_payments.mail.templates import Template
from wagtail_payments.records.letters import letter_kinds
from wagtail_payments.records.reminders import ReminderStep

pytestmark = pytest.mark.django_db
LINK = Linked("https://site.example/l/token/", "Pay")
DANGLING = re.compile(r"(?<![-\w])(until|by|on|of|for|at|le|au|du|de|avant|pour)\s*[.,:;!?](\s|$)")
ALL = [*templates.registered_templates(), *reminders.ONE.values()]


def text(typed: str, **values: Any) -> str:
    return "\n\n".join(paragraph.text for paragraph in fill(typed, values, LINK))


class TestFilling:
    def test_a_paragraph_of_which_nothing_is_left_is_left_out(self) -> None:
        assert text("One\n\n{{ reason }}\n\nTwo", reason="") == "One\n\nTwo"
        assert text("{{ a }}\n{{ b }}", a="", b="") == ""

    def test_an_empty_value_leaves_no_gap_before_a_comma(self) -> None:
        assert text("Hello {{ customer }},", customer="") == "Hello,"
        assert text("It now is:\n{{ when }}\n{{ place }}", when="noon", place="") == "It now is:\nnoon"

    def test_a_sentence_that_asks_for_something_empty_is_left_out(self) -> None:
        asked = "Here it is. It is valid until {{ valid_until }}. Read it online:"
        assert text(asked, valid_until="Monday") == "Here it is. It is valid until Monday. Read it online:"
        assert text(asked, valid_until="") == "Here it is. Read it online:"
        assert text("When: {{ when }}\nWhere: {{ place }}", when="noon", place="") == "When: noon"
        assert text("It is at {{ place }}!", place="") == ""

    def test_but_a_name_only_closes_up_and_the_link_stays(self) -> None:
        assert text("Hello {{ name }}! Welcome.", name="") == "Hello! Welcome."
        assert "https://" in text("Read {{ title }} here: {{ link }}", title="")

    def test_a_value_may_have_a_link_of_its_own(self) -> None:
        join = Paragraph((Piece("Join: "), Piece("https://meet.example", "https://meet.example")))
        assert text("{{ join_online }}", join_online=join) == "Join: https://meet.example"

    def test_other_names_for_the_same_thing(self) -> None:
        assert text("{{ amount_due }} by {{ due_date }}", due="1 €", due_on="Monday") == "1 € by Monday"
        assert unknown_placeholders("{{ amount_due }} {{ due_date }}") == []
        assert unknown_placeholders("{{ due_date }}", ["number"]) == ["{{ due_date }}"]

    def test_without_a_link_what_leads_to_it_goes_too(self) -> None:
        assert without_link("Hello\n\nPay it here:\n\n#LINK\n\nBye") == "Hello\n\nBye"
        assert without_link("Hello\n\n{{ link }} now\n\nBye") == "Hello\n\nBye"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("template", ALL, ids=lambda template: template.key)
class TestBuiltIn:
    def test_it_asks_for_nothing_unknown(self, template: Template, language: str) -> None:
        assert template.unknown(templates.built_in(template, language)) == ([], [])

    def test_it_is_drawn_as_a_letter_with_nothing_left_to_fill(self, template: Template, language: str) -> None:
        seller = factories.make_seller()
        said = templates.built_in(template, language)
        letter = samples.preview(template, seller=seller, language=language, said=said, today=date(2026, 4, 1))
        assert "{{" not in letter.html + letter.text
        assert "%(" not in letter.html + letter.text
        assert seller.name in letter.text

    def test_whatever_is_empty_leaves_no_sentence_without_its_end(self, template: Template, language: str) -> None:
        """Only names and amounts are always there."""
        said = templates.built_in(template, language)
        values = samples.sample_values(template, factories.make_seller(), language, date(2026, 4, 1))
        for name in values.keys() - {"customer", "name", "buyer", "seller"}:
            filled = [paragraph.text for paragraph in fill(said.text, {**values, name: ""}, LINK)]
            for sentence in re.split(r"(?<=[.!?:])\s+|\n", said.text):
                rest = sentence.replace(templates.MARKS[name], "").strip(" .:,!?()“”«»\u00a0")
                if rest != sentence.strip(" .:,!?()“”«»\u00a0") and re.search(r"\w{3}", rest) and "{{" not in rest:
                    assert rest not in " ".join(filled), (name, sentence)
            assert not DANGLING.search("\n".join(filled)), name

    def test_every_placeholder_has_a_meaning_and_an_example(self, template: Template, language: str) -> None:
        with translation.override(language):
            values = samples.sample_values(template, factories.make_seller(), language, date(2026, 4, 1))
        assert set(values) | {"link"} == set(template.placeholders) | {"link"}
        assert all(str(meaning) for meaning in template.placeholders.values())


def test_every_letter_to_customers_and_registrants_can_be_edited() -> None:
    ours = {kind for kind, _label in letter_kinds() if not kind.startswith("owner_")}
    by_people = {"question", "event_message", "test"}
    assert ours - by_people - {"reminder"} <= {template.letter_kind for template in templates.registered_templates()}


def test_every_template_belongs_to_a_kind_of_letter() -> None:
    kinds = {kind for kind, _label in letter_kinds()}
    assert {template.letter_kind for template in ALL} <= kinds


def test_the_french_words_are_french() -> None:
    for template in ALL:
        assert templates.built_in(template, "fr") != templates.built_in(template, "en"), template.key


def test_a_letter_of_the_seller_takes_no_more_questions_where_no_word_was_changed(
    django_assert_num_queries: Any,
) -> None:
    seller = factories.make_seller()
    template = templates.find("receipt")
    assert template is not None
    with django_assert_num_queries(0):
        templates.said(template, seller=seller, language="fr")


def test_a_value_that_looks_like_the_place_of_another_documents_link_is_text() -> None:
    seller = factories.make_seller()
    words = writing.Words(subject="S", paragraphs=fill("{{ customer }}", {"customer": "{{ link 17 }}"}, LINK))
    post = writing.Post(kind="reminder", seller=seller, language="en", to=["a@b.example"])
    letter = writing.write(post, words, now=NOW)
    assert "{{ link 17 }}" not in letter.text + letter.html


def test_a_step_speaks_its_sellers_words_or_those_of_its_tone() -> None:
    step = ReminderStep.objects.create(seller=factories.make_seller(), days=7, tone="firm")
    template = reminders.step_template(step, Tone.FIRM)
    assert templates.built_in(template, "en") == templates.built_in(reminders.ONE[Tone.FIRM], "en")
    assert template.key == f"reminder_step_{step.pk}"
