"""Who is signed in, and how an editor's form is posted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests import factories

Line = dict[str, str]
LINE: Line = {
    "description": "Training day",
    "quantity": "1",
    "unit": "day",
    "unit_price": "1200",
    "vat_category": "S",
    "vat_rate": "20",
    "vat_reason": "",
    "discount_percent": "",
    "discount_amount": "",
    "item": "",
}


@pytest.fixture
def editor(db: None) -> Any:
    """An editor with every permission of ours."""
    return factories.make_editor()


@pytest.fixture
def admin(client: Client, editor: Any) -> Client:
    """A browser in which that editor is signed in."""
    client.force_login(editor)
    return client


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """``signed_in("view_invoice")``: a browser of someone with those permissions and no others."""

    def browser(*permissions: str) -> Client:
        client = Client()
        client.force_login(factories.make_user(*permissions))
        return client

    return browser


def draft_form(*lines: Line, **fields: str) -> dict[str, Any]:
    """Return what a browser posts from the editor; each line changes what it names of a usual one."""
    data: dict[str, Any] = {
        "title": "Training",
        "due_days": "30",
        "due_on": "",
        "supplied_on": "",
        "order_reference": "",
        "nature": "services",
        "language": "fr",
        "discount_percent": "",
        "discount_amount": "",
        "online_payment": "on",
        "methods": ["card", "transfer"],
        "terms": "",
        "custom_fields": "",
        "memo": "",
        "other_mentions": "",
    }
    data |= formset("lines", [LINE | line for line in lines or ({},)])
    data |= formset("attachments", [])
    data |= formset("instalments", [])
    return data | fields


def formset(prefix: str, rows: list[Line], *, initial: int = 0) -> dict[str, str]:
    """Return what a browser posts of a formset whose first ``initial`` rows stand already, with their ids."""
    counts = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": initial, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    posted = {f"{prefix}-{name}": str(count) for name, count in counts.items()}
    for position, row in enumerate(rows):
        posted |= {f"{prefix}-{position}-ORDER": str(position + 1), f"{prefix}-{position}-id": ""}
        posted |= {f"{prefix}-{position}-{name}": value for name, value in row.items()}
    return posted
