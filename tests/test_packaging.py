"""What is built is all there: code, templates, styles, fonts, translations; and nothing that is not meant for hosts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

import wagtail_payments
from tests.hosts.test_hosts import live_the_day

PACKAGE = Path(wagtail_payments.__file__).parent
ROOT = PACKAGE.parent
NOT_BUILT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*cache")
TOP = ("pyproject.toml", "MANIFEST.in", "README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source archive, built from a copy: nothing old can slip in."""
    source = tmp_path_factory.mktemp("source")
    for name in ("wagtail_payments", "docs", "tests", "example_site"):
        shutil.copytree(ROOT / name, source / name, ignore=NOT_BUILT)
    for name in TOP:
        shutil.copy(ROOT / name, source)
    out = source / "dist"
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", str(out), str(source)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def files_of_the_package() -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert files_of_the_package() - set(wheel.namelist()) == set()


def test_every_kind_of_file_is_there(wheel: zipfile.ZipFile) -> None:
    kinds = {Path(name).suffix for name in wheel.namelist()} | {Path(name).name for name in wheel.namelist()}
    assert kinds >= {".py", ".html", ".txt", ".css", ".js", ".ttf", "py.typed"}


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    others = {name for name in wheel.namelist() if not name.startswith("wagtail_payments/")}
    assert {name.split("/")[0].rpartition(".")[2] for name in others} == {"dist-info"}


def test_an_empty_host_lives_through_its_day_with_the_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    installed, place = tmp_path / "installed", tmp_path / "place"
    wheel.extractall(installed)  # noqa: S202 - our own
    place.mkdir()
    day = live_the_day("default", place, package=installed)
    assert day.returncode == 0, day.stdout + day.stderr
    assert day.stdout.strip() == str(installed / "wagtail_payments" / "__init__.py")


def test_the_source_archive_can_be_built_again(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert files_of_the_package() - names == set()
    assert set(TOP) <= names
    assert not [name for name in names if name.startswith(("tests/", "example_site/"))]


def test_the_wheel_says_what_it_is(metadata: Message) -> None:
    assert metadata["Name"] == "wagtail-payments"
    assert metadata["Version"] == wagtail_payments.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "BSD-3-Clause"


def test_the_fonts_come_with_their_licence(wheel: zipfile.ZipFile) -> None:
    fonts = [name for name in wheel.namelist() if name.endswith(".ttf")]
    licences = [name for name in wheel.namelist() if "LICENSE-DejaVu" in name]
    assert fonts
    assert licences


def test_every_dependency_has_a_floor_and_none_is_only_for_tests(metadata: Message) -> None:
    required = [text for text in metadata.get_all("Requires-Dist") or [] if "extra ==" not in text]
    assert all(">=" in text for text in required)
    assert not [text for text in required if text.startswith(("pytest", "ruff", "mypy", "hypothesis", "nox"))]
