"""What the review of a draft has found, each finding with where it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions.findings import Finding
from wagtail_payments.admin.drafts import SELLER_FORM
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import record_url


@dataclass(frozen=True, slots=True)
class Row:
    """A finding, with where to mend it."""

    finding: Finding
    url: str
    place: Any


def reviewed(found: Sequence[Finding], draft: Any, user: Any) -> dict[str, list[Row]]:
    """Return errors and warnings about a draft of an invoice or a quote, for a template."""
    rows = [_row(finding, draft, user) for finding in found]
    errors = [row for row in rows if row.finding.level == "error"]
    return {"errors": errors, "warnings": [row for row in rows if row not in errors]}


def has_errors(found: Sequence[Finding]) -> bool:
    """Does something stand in the way?"""
    return any(finding.level == "error" for finding in found)


def _row(finding: Finding, draft: Any, user: Any) -> Row:
    if finding.code.startswith("seller"):
        return Row(finding, reverse(SELLER_FORM), _("Open the settings"))
    if finding.field == "customer" and allowed(user, "change_customer"):
        return Row(finding, record_url("edit", draft.customer), _("Open the customer"))
    if finding.field == "deposits":
        return Row(finding, record_url("deposits", draft), _("Open the deposits"))
    place = f"#panel-child-{finding.field}-section" if finding.field else ""
    return Row(finding, record_url("edit", draft) + place, _("Open the draft"))
