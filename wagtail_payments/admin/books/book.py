"""A read-only book in the admin: wagtail-modeladmin with a list, a page per record, and no way to write."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path, reverse
from django.utils.text import capfirst
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail_modeladmin.helpers import AdminURLHelper
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import InspectView

from wagtail_payments.admin import places_of_books
from wagtail_payments.admin.books.columns import Exported
from wagtail_payments.admin.books.facts import Reader, Sheet
from wagtail_payments.admin.books.guards import BookPermissionHelper, BookPolicy
from wagtail_payments.admin.books.listing import STYLE, BookIndexView

PK = r"(?P<instance_pk>\d{1,18})"


class BookURLHelper(AdminURLHelper):
    """Short names, and only numbers as keys, so that nonsense is a plain 404."""

    def get_action_url_name(self, action: str) -> str:
        """Return the name of a URL."""
        return places_of_books.url_name(self.model, action)

    def _get_object_specific_action_url_pattern(self, action: str) -> str:
        return rf"^{self.base_url_path}/{action}/{PK}/$"


class BookInspectView(WagtailAdminTemplateMixin, InspectView):
    """The page of one record, in Wagtail's own frame: the template of wagtail-modeladmin fails on contrast."""

    @property
    def media(self) -> forms.Media:
        """Our style sheet."""
        return forms.Media(css={"all": [versioned_static(STYLE)]})

    def get_fields_dict(self) -> list[Any]:
        """Nothing automatic: the book says what its page shows."""
        return []

    def get_page_title(self) -> str:
        """Return what kind of record it is."""
        return capfirst(self.verbose_name)

    def get_page_subtitle(self) -> str:
        """Return which one it is."""
        return self.sheet.title

    def get_meta_title(self) -> str:
        """Return the title of the browser's tab."""
        return self.get_header_title()

    def get_header_icon(self) -> str:
        """Return the book's icon."""
        return self.menu_icon

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the way back to the list."""
        return [
            *self.breadcrumbs_items,
            {"url": self.index_url, "label": capfirst(self.verbose_name_plural)},
            {"url": "", "label": self.sheet.title},
        ]

    @property
    def sheet(self) -> Sheet:
        """What the page shows, made once."""
        if not hasattr(self, "_sheet"):
            self._sheet = self.model_admin.sheet(self.instance, Reader(self.request.user))
        return self._sheet

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Give the template the sheet."""
        return super().get_context_data(sheet=self.sheet, media=self.media, **options)


class Book(ModelAdmin):
    """What each book sets: its model, columns, filters, exports, and the page of a record."""

    index_view_class = BookIndexView
    inspect_view_class = BookInspectView
    inspect_view_enabled = True
    inspect_template_name = "wagtail_payments/admin/books/inspect.html"
    history_view_enabled = False
    permission_helper_class = BookPermissionHelper
    url_helper_class = BookURLHelper
    add_to_admin_menu = False
    list_per_page = 50

    list_select_related: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[list[Any]] = []
    filters: ClassVar[Any] = None
    exports: ClassVar[list[Exported]] = []
    default_ordering: ClassVar[Any] = "-pk"
    empty_text: ClassVar[Any] = ""
    counted: ClassVar[Any] = ""  # what the list counts, where that is not the name of the book
    verbs: ClassVar[frozenset[str]] = frozenset()  # Django permissions that a button of the book stands for

    def sheet(self, record: Any, reader: Reader) -> Sheet:
        """Return what the page of that record shows."""
        raise NotImplementedError

    def get_menu_label(self) -> str:
        """Return the book's name; wagtail-modeladmin would capitalise each word."""
        return self.menu_label or capfirst(self.opts.verbose_name_plural)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the records with what the list shows of other tables."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    def index_view(self, request: HttpRequest, results_only: bool = False) -> HttpResponse:
        """Answer with the list, or with only its rows while one types."""
        return self.index_view_class.as_view(**self._listing(request), results_only=results_only)(request)

    def results_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the rows of the list."""
        return self.index_view(request, results_only=True)

    def inspect_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """Answer with a record's page; permission is asked before the record, so that nobody learns what exists."""
        if not self.permission_helper.user_can_list(request.user):
            raise PermissionDenied
        return super().inspect_view(request, instance_pk)

    def _listing(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "model_admin": self,
            "model": self.model,
            "queryset": self.get_queryset(request),
            "permission_policy": BookPolicy(self.model),
            "columns": self.columns,
            "filterset_class": self.filters,
            "search_fields": self.search_fields,
            "default_ordering": self.default_ordering,
            "paginate_by": self.list_per_page,
            "list_export": [column.name for column in self.exports],
            "index_url_name": places_of_books.url_name(self.model, "index"),
            "index_results_url_name": places_of_books.url_name(self.model, "results"),
            "header_icon": self.get_menu_icon(),
        }

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Return the URLs: a list and a page per record, none to create, edit or delete."""
        path, name = self.url_helper.base_url_path, self.url_helper.get_action_url_name
        return (
            re_path(rf"^{path}/$", self.index_view, name=name("index")),
            re_path(rf"^{path}/results/$", self.results_view, name=name("results")),
            re_path(rf"^{path}/inspect/{PK}/$", self.inspect_view, name=name("inspect")),
        )

    def get_permissions_for_registration(self) -> QuerySet[Permission]:
        """Return what the group editor offers."""
        return self.permission_helper.offered_permissions(self.verbs)

    def register_admin_url_finders(self) -> None:
        """Tell Wagtail where a record is shown; there is no editor to lead to."""
        register_admin_url_finder(self.model, _finder(self.permission_helper))

    def register_indexing(self) -> None:
        """Stay out of the reference index: it would cost several queries per payment, and show money to others."""


def _finder(helper: BookPermissionHelper) -> type:
    """Return a class as Wagtail's URL finder wants it."""

    class Finder:
        def __init__(self, user: Any = None) -> None:
            self.user = user

        def get_edit_url(self, instance: Model) -> str | None:
            """Return where the record is shown, to who may see it."""
            if self.user is not None and not helper.user_can_list(self.user):
                return None
            return reverse(places_of_books.url_name(type(instance), "inspect"), args=(instance.pk,))

    return Finder
