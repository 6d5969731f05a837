"""The list of a book: Wagtail's own listing (search, filters, ordering, export), plugged into wagtail-modeladmin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponseBase
from django.utils.functional import cached_property
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.views.generic import IndexView

from wagtail_payments.admin import exports
from wagtail_payments.admin.spreadsheets import SafeSpreadsheetMixin

if TYPE_CHECKING:
    from wagtail_payments.admin.books.book import Book

STYLE = "wagtail_payments/admin/books.css"


class BookIndexView(SafeSpreadsheetMixin, IndexView):
    """A list that only reads. It accepts no other query parameters than its own filters:

    wagtail-modeladmin's own list hands any parameter to the database as a lookup.
    """

    model_admin: Book | None = None
    any_permission_required = ["view"]
    search_backend_name = None
    template_name = "wagtail_payments/admin/books/index.html"
    results_template_name = "wagtail_payments/admin/books/index_results.html"

    @cached_property
    def book(self) -> Book:
        """The book that is listed."""
        if self.model_admin is None:
            raise TypeError("a list needs its book")
        return self.model_admin

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> HttpResponseBase:
        """Answer with the whole list, as filtered and searched."""
        columns = self.book.exports
        titles = [str(column.heading) for column in columns]
        rows = ([exports.cell(column.value(record)) for column in columns] for record in queryset)
        name = str(self.verbose_name_plural)
        return exports.file_response(spreadsheet_format, titles=titles, rows=rows, name=name)

    def get_paginator(self, *args: Any, **options: Any) -> Any:
        """Count the records in the book's own word, where it has one."""
        paginator = super().get_paginator(*args, **options)
        if self.book.counted:
            paginator.verbose_name_plural = self.book.counted
        return paginator

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add our style sheet, and what to say where the book is still empty."""
        context: dict[str, Any] = super().get_context_data(*args, **options)
        context["media"] += forms.Media(css={"all": [versioned_static(STYLE)]})
        context["empty_text"] = "" if self.is_searching or self.is_filtering else self.book.empty_text
        return context
