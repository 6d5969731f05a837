"""Reading old versions of a page: the record that one names may have been deleted since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_missing(data: Mapping[str, Any], name: str, model: Any) -> Mapping[str, Any]:
    """Return a revision's data, in which the key ``name`` of a record that is gone is empty."""
    key = data.get(name)
    if key and not model.objects.filter(pk=key).exists():
        return {**data, name: None}
    return data
