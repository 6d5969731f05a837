"""Columns of the lists: amounts to the right, in words; states as tags; what is taken to a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, StatusTagColumn

from wagtail_payments.admin.books.facts import Reader, amount
from wagtail_payments.core import money
from wagtail_payments.records.fields import Mode


class AmountColumn(Column):
    """Minor units, written with their currency and aligned to the right."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **{"classname": "wp-amount", **options})

    def get_value(self, instance: Any) -> str:
        """Return the amount in words, nothing for no amount or zero where zero says nothing."""
        return amount(super().get_value(instance), instance.currency)


class SpareColumn(AmountColumn):
    """An amount that is only worth showing when it is not zero."""

    def get_value(self, instance: Any) -> str:
        """Return the amount, or nothing for zero."""
        return super().get_value(instance) if getattr(instance, self.name) else ""


class ModeColumn(StatusTagColumn):
    """Says "Test" beside test money, and nothing beside real money."""

    def __init__(self, **options: Any) -> None:
        super().__init__("mode", label=_("Mode"), **options)

    def get_value(self, instance: Any) -> Any:
        """Return the tag."""
        return Mode.TEST.label if instance.mode == Mode.TEST else ""

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Leave the cell empty rather than draw an empty tag."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        context["value"] = self.get_value(instance) or None
        return context


class RecordColumn(Column):
    """Another record of the books that this one is about, leading to its page where the reader may open it."""

    cell_template_name = "wagtail_payments/admin/books/record_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Give the template what to show, or nothing where there is no such record."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        record, reader = context["value"], Reader(context["request"].user)
        return context | {"cell": reader.record(record) if record is not None else None}


@dataclass(frozen=True, slots=True)
class Exported:
    """A column of a spreadsheet: its machine name, its heading, and how a record fills it."""

    name: str
    heading: Any
    value: Callable[[Any], Any]


def exported_amount(name: str, heading: Any) -> Exported:
    """Return a column of amounts in currency units, as numbers that a spreadsheet can add up."""

    def value(record: Any) -> Any:
        minor = getattr(record, name)
        return None if minor is None else money.to_major(minor, record.currency)

    return Exported(name, heading, value)


def exported(name: str, heading: Any, path: str = "") -> Exported:
    """Return a column that shows an attribute, or a choice's label; ``path`` may be dotted."""

    def value(record: Any) -> Any:
        found = record
        for part in (path or name).split("."):
            found = getattr(found, part, None)
            if found is None:
                return ""
        return found() if callable(found) else found

    return Exported(name, heading, value)
