"""What people and machines did, in Wagtail's own log, so that it stands in the history and on the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from wagtail.log_actions import log

from wagtail_payments import ports


def note(instance: Model, action: str, *, now: datetime, by: Any = None, data: Mapping[str, Any] | None = None) -> None:
    """Write down that ``wagtail_payments.<action>`` was done; ``data`` holds integers, strings and lists of them.

    Each entry gets a uuid of its own: Wagtail shows only one of several entries that share one.
    """
    log(
        instance=instance,
        action=f"wagtail_payments.{action}",
        user=by,
        data=dict(data or {}),
        timestamp=now,
        uuid=UUID(ports.new_id(), version=4),  # MariaDB refuses what is no version of the standard
    )
