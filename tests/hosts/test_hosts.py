"""Whole hosts: each migrates, checks, serves, and lives through the same day in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import wagtail

from tests import databases

ROOT = Path(__file__).parent.parent.parent
# A host with tables of another shape migrates from nothing; the others begin with what was migrated before. The test of
# the wheel lives through the default host's day from nothing.
HOSTS = ["default", "french_only", "no_stripe", "existing_site", "own_base_page"]
BEGIN_EMPTY = {"own_base_page"}


def live_the_day(host: str, place: Path, *, package: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the story of a host, with the package that lies there and the tests of this folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    environment = inherited | {
        "HOST_PLACE": str(place),
        "DJANGO_SETTINGS_MODULE": f"tests.hosts.{host}.settings",
        "PYTHONPATH": os.pathsep.join([str(package), str(ROOT)]),
    }
    command = [sys.executable, "-P", "-m", "tests.hosts"]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize("host", HOSTS)
def test_a_whole_host_lives_through_its_day(host: str, tmp_path: Path) -> None:
    if host == "own_base_page" and wagtail.VERSION < (8, 0):
        pytest.skip("Wagtail lets hosts replace its page from 8.0 on")
    kept = databases.kept_file()
    if host not in BEGIN_EMPTY and kept.exists():
        shutil.copyfile(kept, tmp_path / "host.sqlite3")
    day = live_the_day(host, tmp_path)
    assert day.returncode == 0, day.stdout + day.stderr


def test_a_day_that_goes_wrong_is_told(tmp_path: Path) -> None:
    day = live_the_day("no_such_host", tmp_path)
    assert day.returncode != 0
    assert "no_such_host" in day.stderr
