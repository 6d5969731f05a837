"""Spreadsheets from lists: only for those who may export, and without formulas.

Wagtail leaves text cells as they are: formulas would run, and a control character would end an XLSX file in an error.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from wagtail_payments.reports.spreadsheet import safe_cell


class SafeSpreadsheetMixin:
    """For a list of Wagtail's with ``list_export``; say in ``may_export`` who may have it."""

    def may_export(self) -> bool:
        """May this user take the list away? By default those with the record's export permission."""
        return bool(self.user_has_permission("export"))  # type: ignore[attr-defined]

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer; an export without its permission raises ``PermissionDenied``."""
        if self.is_export and not self.may_export():  # type: ignore[attr-defined]
            raise PermissionDenied
        return super().dispatch(request, *args, **options)  # type: ignore[misc]

    @property
    def show_export_buttons(self) -> bool:
        """Offer the buttons only to those who may."""
        return bool(self.list_export) and self.may_export()  # type: ignore[attr-defined]

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Make one cell, harmless in every spreadsheet program."""
        return safe_cell(super().preprocess_field_value(field, value, export_format))  # type: ignore[misc]
