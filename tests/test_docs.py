"""The documentation says what is true: settings, signals, commands, words of the admin, links; its examples run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.dispatch import Signal
from django.test import Client

import wagtail_payments
from tests import factories
from wagtail_payments import conf, signals
from wagtail_payments.checks.gateways import OPTIONS
from wagtail_payments.gateways import stripe_words
from wagtail_payments.models import Invoice, Payment

PACKAGE = Path(wagtail_payments.__file__).parent
ROOT = PACKAGE.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#]*)(#[^)]*)?\)")
PRESSED = re.compile(r"\*\*([A-Z][^*]*)\*\*", re.DOTALL)
# Printed bold, yet no words of ours.
NOT_OURS = {"Billing", "Add invoice", "Invoice page", "Going live"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def blocks(name: str, language: str, heading: str) -> list[str]:
    """Return the examples below a heading, in order."""
    section = text_of(name).partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            titles = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
            assert anchor[1:] in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, anchor


def test_every_setting_is_documented_and_nothing_else() -> None:
    table, _, options = text_of("docs/settings.md").partition("## The gateway `stripe`")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == set(conf.NAMES)
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", options, re.MULTILINE))
    assert named == OPTIONS | {"MAKER"}


def test_the_defaults_of_numbers_are_the_ones_documented(settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = {}
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `(\d+)` \|", text_of("docs/settings.md"), re.MULTILINE))
    assert len(rows) >= 8
    for name, default in rows.items():
        assert getattr(conf.settings, name) == int(default), name


def test_every_signal_is_documented_and_nothing_else() -> None:
    section = text_of("docs/extending.md").partition("## Signals")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {name for name, value in vars(signals).items() if isinstance(value, Signal)}


def test_stripe_is_asked_for_messages_that_we_understand() -> None:
    step = text_of("README.md").partition("add the endpoint")[2].partition("put its signing secret")[0]
    events = set(re.findall(r"`([a-z_]+\.[a-z_.]+)`", step))
    assert events <= set(stripe_words.CONCERNING)
    assert {"checkout.session.completed", "charge.refunded", "refund.failed", "charge.dispute.created"} <= events


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path) -> None:
    for name, options in re.findall(r"manage\.py ([a-z_]+)((?: --[a-z-]+)*)", page.read_text()):
        assert name in get_commands(), name
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        assert set(options.split()) <= set(parser._option_string_actions), (name, options)


@pytest.mark.parametrize("name", ["README.md", "docs/owner.md", "docs/editor.md", "docs/organiser.md"])
def test_words_to_look_for_in_the_admin_stand_there(name: str) -> None:
    for bold in PRESSED.findall(text_of(name)):
        for words in " ".join(bold.split()).rstrip(".").split(" → "):
            assert words in NOT_OURS or says(words), words


@cache
def says(words: str) -> bool:
    """Does the product say these words anywhere, in whatever case?"""
    return any(re.search(rf"""["'>]{re.escape(words)}[."'<]""", text, re.IGNORECASE) for text in sources())


@cache
def sources() -> tuple[str, ...]:
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]
    return tuple(path.read_text() for path in files)


def test_words_that_the_product_does_not_say_are_noticed() -> None:
    assert says("Save and review")
    assert not says("Press the red button")


@pytest.mark.django_db(transaction=True)
def test_the_examples_for_developers_run(client: Client) -> None:
    known: dict[str, Any] = {"client": client, "draft": factories.make_invoice(), "user": factories.make_editor()}
    for example in [*blocks("docs/developer.md", "python", "Call the verbs"), *sandbox_examples()]:
        exec(example, known)  # noqa: S102
    assert Payment.objects.get().amount == Invoice.objects.get().gross


def sandbox_examples() -> list[str]:
    """In process; the last one is what a host writes in its settings to reach the server."""
    return blocks("docs/developer.md", "python", "The sandbox")[:-1]
