"""The house keeps its own rules; and each rule is shown to bite, since one that can't proves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import wagtail_payments
from tests import rules

PACKAGE = Path(wagtail_payments.__file__).parent
ROOT = PACKAGE.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS: list[dict[str, Any]] = PYPROJECT["tool"]["importlinter"]["contracts"]
SANDBOX = PACKAGE / "sandbox"
ROOMS = sorted(
    {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()} - {"__init__"}
)


def python_files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def templates(suffix: str) -> list[Path]:
    return sorted(PACKAGE.rglob(f"templates/**/*{suffix}"))


def broken(rule: Callable[[str], Iterator[str]], files: list[Path]) -> list[str]:
    """Say which files break a rule, and where."""
    return [f"{path.relative_to(ROOT)}: {what}" for path in files for what in rule(path.read_text())]


class TestRules:
    def test_files_and_functions_are_short(self) -> None:
        assert broken(rules.too_long, python_files()) == []

    def test_file_names_say_what_is_inside(self) -> None:
        named = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ""} and rules.says_nothing(path)]
        assert named == []

    def test_only_one_file_asks_the_world_outside(self) -> None:
        ours = [path for path in python_files() if SANDBOX not in path.parents and path != PACKAGE / "ports.py"]
        assert broken(rules.asks_the_world, ours) == []

    def test_imports_stand_at_the_top(self) -> None:
        """Except where Django's models are not there yet."""
        files = [path for path in python_files() if path.name != "apps.py"]
        assert broken(rules.imports_late, files) == []

    def test_no_text_is_trusted(self) -> None:
        """Except a code of squares that holds no text of a person, and JSON in which no sign of HTML is left."""
        excepted = {PACKAGE / "portal" / name for name in ("transfer.py", "schema_org.py")}
        files = [path for path in python_files() if path not in excepted]
        assert broken(rules.trusts_text, files) == []
        assert broken(rules.trusts_text_in_template, templates(".html")) == []

    def test_the_core_knows_no_floating_point(self) -> None:
        assert broken(rules.counts_in_floats, sorted((PACKAGE / "core").glob("*.py"))) == []

    def test_nothing_is_put_off(self) -> None:
        files = [*python_files(), *sorted((ROOT / "tests").rglob("*.py")), *templates(".html"), *templates(".txt")]
        assert broken(rules.puts_off, files) == []

    def test_every_public_name_says_what_it_is(self) -> None:
        ours = [path for path in python_files() if SANDBOX not in path.parents]
        assert broken(rules.lacks_docstring, ours) == []


BAD = {
    rules.too_long: ["\n" * 351, "def f():\n" + "    x = 1\n" * 41],
    rules.asks_the_world: [
        "timezone.now()",
        "django.utils.timezone.now()",
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "uuid.uuid4()",
        "uuid4()",
        "secrets.token_hex()",
        "random.choice([])",
        "from secrets import token_hex",
        "from random import choice",
        "send_mail()",
        "os.urandom(8)",
        "mail.get_connection()",
    ],
    rules.imports_late: ["def f():\n    import os", "class A:\n    def f(self):\n        from os import path"],
    rules.trusts_text: ["mark_safe(x)", "safestring.mark_safe(x)", "from a import b\nhtml = b.SafeText(x)"],
    rules.trusts_text_in_template: ["{{ memo|safe }}", "{{ memo | safe }}", "{% autoescape off %}"],
    rules.counts_in_floats: ["x = 0.2", "float(x)", "def f(x: float): ..."],
    rules.puts_off: ["# TO" + "DO: later"],
    rules.lacks_docstring: [
        "x = 1",
        '"""A."""\ndef f(): ...',
        '"""A."""\nclass A:\n    """B."""\n    def f(self): ...',
    ],
}


@pytest.mark.parametrize(
    ("rule", "source"), [pytest.param(r, s, id=f"{r.__name__} {s[:20]!r}") for r, texts in BAD.items() for s in texts]
)
def test_the_rule_bites(rule: Callable[[str], Iterator[str]], source: str) -> None:
    assert list(rule(source))


GOOD = '''"""Good."""
from wagtail_payments import ports
def f() -> str:
    """Say when."""
    return str(ports.now())
'''


@pytest.mark.parametrize("rule", BAD, ids=lambda rule: rule.__name__)
def test_the_rule_lets_good_text_be(rule: Callable[[str], Iterator[str]]) -> None:
    assert not list(rule(GOOD))


def test_a_name_that_says_nothing_is_found() -> None:
    assert rules.says_nothing(Path("a/utils.py"))
    assert rules.says_nothing(Path("a/helpers"))
    assert not rules.says_nothing(Path("a/invoices.py"))


def lint_imports(where: Path) -> str:
    """Run import-linter on the package that lies there, with our contracts; return what it says."""
    command = [sys.executable, "-c", "from importlinter import cli; raise SystemExit(cli.lint_imports(no_cache=True))"]
    run = subprocess.run(
        command,
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(where), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    said = run.stdout + run.stderr
    assert "Contracts:" in said, said
    return said


def skeleton(where: Path, **imports: str) -> Path:
    """Build an empty house with the same rooms, in which the named rooms import what they are told to."""
    sources = dict.fromkeys(ROOMS, "") | {"gateways.stripe": "import stripe"} | imports
    packages = {"", *(name.rpartition(".")[0] for name in sources if "." in name)}
    for name, source in sources.items():
        path = where.joinpath("wagtail_payments", *name.split("."))
        file = path / "__init__.py" if name in packages else path.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    (where / "wagtail_payments" / "__init__.py").touch()
    (where / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return where


# For each contract, an import that breaks it.
TWINS = {
    "Each room knows only the rooms below it": {"records.a": "import wagtail_payments.actions"},
    "The core is plain Python": {"core.a": "import django"},
    "Only one file speaks Stripe": {"actions.pay": "import stripe"},
    "The sandbox stands alone": {"sandbox.a": "import wagtail_payments.core"},
    "Who talks to us does not talk to each other": {"admin.a": "import wagtail_payments.portal"},
    "Migrations depend on nothing that may change": {"migrations.a": "import wagtail_payments.actions"},
    "Templates ask and do not act": {"templatetags.a": "import wagtail_payments.actions"},
    "No cycles inside a room": {
        "actions.a": "import wagtail_payments.actions.b",
        "actions.b": "import wagtail_payments.actions.a",
    },
}


class TestContracts:
    def test_the_house_keeps_them(self) -> None:
        assert " 0 broken" in lint_imports(ROOT)

    def test_an_empty_house_keeps_them(self, tmp_path: Path) -> None:
        assert " 0 broken" in lint_imports(skeleton(tmp_path))

    def test_each_is_broken_by_its_twin(self, tmp_path: Path) -> None:
        """All at once, since building the graph is what takes time."""
        assert set(TWINS) == {contract["name"] for contract in CONTRACTS}
        said = lint_imports(skeleton(tmp_path, **{n: s for twin in TWINS.values() for n, s in twin.items()}))
        assert [name for name in TWINS if f"{name} BROKEN" not in said] == []

    def test_a_room_that_nobody_gave_a_place_is_refused(self, tmp_path: Path) -> None:
        where = skeleton(tmp_path)
        (where / "wagtail_payments" / "attic.py").touch()
        assert "attic" in lint_imports(where)

    def test_every_room_but_the_sandbox_is_forbidden_to_speak_stripe(self) -> None:
        (contract,) = (contract for contract in CONTRACTS if contract["name"] == "Only one file speaks Stripe")
        named = {name.removeprefix("wagtail_payments.") for name in contract["source_modules"]}
        assert named == set(ROOMS) - {"sandbox", "migrations"}
