"""Where the lives begin, and what is left out of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.simulation.machine import START
from wagtail_payments.actions import renditions


@pytest.fixture(autouse=True)
def _papers_are_drawn_elsewhere(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Drawing a PDF moves no money and takes longer than all the rest."""
    START["now"] = now
    monkeypatch.setattr(renditions, "draw_after_commit", lambda *args, **kwargs: None)
