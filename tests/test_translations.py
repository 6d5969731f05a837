"""French is whole: every sentence, its placeholders and plurals, its compiled twin, and nothing new that it lacks."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

import wagtail_payments

PACKAGE = Path(wagtail_payments.__file__).parent
CATALOGUE = PACKAGE / "locale" / "fr" / "LC_MESSAGES" / "django.po"
NAMED = re.compile(r"%\(\w+\)[sd]|\{\{ ?\w+ ?\}\}|\{\w+(?::\w+)?\}|#[A-Z]{3,}|<[^>]+>")
ANONYMOUS = re.compile(r"(?<!%)%[sdifr](?![a-zé])")
# A colon, a mark or a quotation mark with an ordinary space, which a line may break before.
LOOSE = re.compile(r" [:;!?»](?!/)|« | %%|'")

Key = tuple[str | None, str]


def catalogue() -> polib.POFile:
    """Return French as it is written."""
    return polib.pofile(str(CATALOGUE))


def key(entry: polib.POEntry) -> Key:
    """Return what a sentence is found by: one in a context is another one."""
    return entry.msgctxt, entry.msgid


def texts(entry: polib.POEntry) -> list[str]:
    """Return every French form of a sentence."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def filled(text: str) -> set[str]:
    """Return what is filled into a sentence, or must stand in it as it is."""
    return set(NAMED.findall(text))


def wrongly_filled(entry: polib.POEntry) -> bool:
    """Does a French form lack a placeholder of the English, or have one of its own? A singular may do without."""
    singular, plural = filled(entry.msgid), filled(entry.msgid_plural or entry.msgid)
    french = [filled(text) for text in texts(entry)]
    strange = set().union(*french) - singular - plural
    return bool(strange) or not singular <= french[0] or not plural <= french[-1]


def is_stale(written: polib.POFile, compiled: polib.POFile) -> bool:
    """Does the compiled catalogue say something else than the written one?"""
    told = {key(entry): texts(entry) for entry in written if not entry.obsolete}
    return told != {key(entry): texts(entry) for entry in compiled}


def entry_of(english: str, french: str, **more: object) -> polib.POEntry:
    """Return a sentence to judge."""
    return polib.POEntry(msgid=english, msgstr=french, **more)


class TestWritten:
    def test_every_sentence_is_translated(self) -> None:
        assert [entry.msgid for entry in catalogue() if not entry.obsolete and not all(texts(entry))] == []

    def test_nothing_is_guessed(self) -> None:
        assert [entry.msgid for entry in catalogue().fuzzy_entries()] == []

    def test_nothing_old_is_dragged_along(self) -> None:
        assert [entry.msgid for entry in catalogue().obsolete_entries()] == []

    def test_both_plurals_are_there(self) -> None:
        assert [one.msgid for one in catalogue() if one.msgid_plural and set(one.msgstr_plural) != {0, 1}] == []

    def test_every_placeholder_is_kept(self) -> None:
        assert [entry.msgid for entry in catalogue() if wrongly_filled(entry)] == []

    def test_several_placeholders_have_names(self) -> None:
        assert [entry.msgid for entry in catalogue() if len(ANONYMOUS.findall(entry.msgid)) > 1] == []

    def test_no_line_breaks_before_a_mark(self) -> None:
        assert [text for entry in catalogue() for text in texts(entry) if LOOSE.search(text)] == []

    def test_it_is_compiled(self) -> None:
        assert not is_stale(catalogue(), polib.mofile(str(CATALOGUE.with_suffix(".mo"))))


class TestTheJudges:
    """Each question above, asked of a fault."""

    @pytest.mark.parametrize(
        "entry",
        [
            entry_of("Pay %(amount)s", "Payer"),
            entry_of("Pay %(amount)s", "Payer %(montant)s"),
            entry_of("Hello {{ customer }},", "Bonjour {{ client }},"),
            entry_of("{number:04} writes four digits", "quatre chiffres"),
            entry_of("%(n)d day", "", msgid_plural="%(n)d days", msgstr_plural={0: "%(n)d jour", 1: "jours"}),
        ],
    )
    def test_a_lost_placeholder_is_seen(self, entry: polib.POEntry) -> None:
        assert wrongly_filled(entry)

    def test_a_singular_may_do_without_its_number(self) -> None:
        forms = {0: "Demain.", 1: "Dans %(days)s jours."}
        assert not wrongly_filled(entry_of("Tomorrow.", "", msgid_plural="In %(days)s days.", msgstr_plural=forms))

    def test_two_nameless_placeholders_are_seen(self) -> None:
        assert len(ANONYMOUS.findall("%s of %d")) > 1
        assert not ANONYMOUS.findall("at 20 %% VAT, 5 % more")

    @pytest.mark.parametrize("text", ["Non !", "« Oui »", "À payer : 5", "l'avoir"])
    def test_a_loose_mark_is_seen(self, text: str) -> None:
        assert LOOSE.search(text)

    def test_an_old_compilation_is_seen(self) -> None:
        written, compiled = polib.POFile(), polib.POFile()
        written.append(entry_of("Paid", "Payée"))
        compiled.append(entry_of("Paid", "Réglée"))
        assert is_stale(written, compiled)


def said_in(source: str) -> Iterator[Key]:
    """Find what is said in Python wherever it stands: ``xgettext`` looks into no f-string and knows no other name."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            in_context = names[node.func.id].startswith(("pgettext", "npgettext"))
            context, text, *_rest = node.args if in_context else (ast.Constant(None), *node.args)
            if isinstance(context, ast.Constant) and isinstance(text, ast.Constant):
                yield context.value, text.value


def test_every_sentence_of_python_is_in_the_catalogue() -> None:
    files = (path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
    said = {sentence for path in files for sentence in said_in(path.read_text())}
    assert len(said) > 500
    assert said - {key(entry) for entry in catalogue()} == set()


def test_a_sentence_is_seen_in_an_f_string_and_under_another_name() -> None:
    source = """
from django.utils.translation import gettext as say, pgettext
text = f"{say('Hello')} {pgettext('verb', 'Refund')}"
"""
    assert set(said_in(source)) == {(None, "Hello"), ("verb", "Refund")}


@pytest.fixture
def extracted(tmp_path: Path) -> set[Key]:
    """The sentences that stand in the code and the templates now, found by Django's own command."""
    if shutil.which("xgettext") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("xgettext is missing, and CI=true: install gettext.")
        pytest.skip("xgettext is not installed.")
    source = tmp_path / "wagtail_payments"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__", "locale", "migrations", "fonts"))
    (source / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "fr", "--keep-pot", "--no-location"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    run = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return {key(entry) for entry in polib.pofile(str(source / "locale" / "django.pot"))}


def test_every_sentence_of_the_code_is_in_the_catalogue(extracted: set[Key]) -> None:
    assert len(extracted) > 1000
    assert extracted - {key(entry) for entry in catalogue()} == set()


def test_the_catalogue_has_no_sentence_that_nobody_says(extracted: set[Key]) -> None:
    assert {key(entry) for entry in catalogue()} - extracted == set()


def test_scripts_have_no_sentence_of_their_own() -> None:
    """They take their words from the page; one that calls gettext would need a catalogue of its own."""
    scripts = PACKAGE.rglob("static/**/*.js")
    assert [path.name for path in scripts if re.search(r"\bn?gettext\(", path.read_text())] == []


HIDDEN = re.compile(r"import \w*gettext\w* as (?!_$)\w+", re.MULTILINE)


def test_no_sentence_hides_behind_a_name_that_the_extraction_does_not_know() -> None:
    found = {path.name: HIDDEN.findall(path.read_text()) for path in PACKAGE.rglob("*.py")}
    assert {name: hidden for name, hidden in found.items() if hidden} == {}
    assert HIDDEN.search("from django.utils.translation import gettext as say\n")
    assert not HIDDEN.search("from django.utils.translation import gettext_lazy as _\n")
