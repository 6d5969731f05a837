"""The corners of what is supported: ``nox`` runs every test on the oldest and on the newest versions."""

from __future__ import annotations

import nox

nox.options.sessions = ["oldest", "newest"]
nox.options.reuse_existing_virtualenvs = True

CORNERS = {
    "oldest": ("Django>=5.2,<5.3", "wagtail>=7.4,<7.5"),
    "newest": ("Django>=6.1,<6.2", "wagtail>=8.0,<8.1"),
}


@nox.session(python="3.11")
def oldest(session: nox.Session) -> None:
    """Python 3.11, Django 5.2, Wagtail 7.4."""
    _test(session, "oldest")


@nox.session(python="3.13")
def newest(session: nox.Session) -> None:
    """Python 3.13, Django 6.1, Wagtail 8.0."""
    _test(session, "newest")


def _test(session: nox.Session, corner: str) -> None:
    session.install("--upgrade", "pip")
    session.install("--editable", ".", "--group", "test", *CORNERS[corner])
    session.run("python", "-m", "pytest", "-q", *session.posargs)
