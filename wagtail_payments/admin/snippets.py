"""What our viewsets share: Wagtail's defaults made fit for records of money.

No copy view, choosers only for those who may see the records, and the "view" permission on offer.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.admin_url_finder import ModelAdminURLFinder
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.snippets.views import chooser
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from wagtail_payments.admin.doors import ViewFunction, seen_only
from wagtail_payments.admin.permissions import HAS_REGISTRY, POLICIES, may_see
from wagtail_payments.admin.places import record_url


class SeenOnly:
    """A chooser's view that refuses who may not see the records; Wagtail's own do not ask."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer, or raise ``PermissionDenied``."""
        if not may_see(request.user, self.model_class):  # type: ignore[attr-defined]
            raise PermissionDenied
        return super().dispatch(request, *args, **options)  # type: ignore[misc]


class ChooseView(SeenOnly, chooser.ChooseView):
    """The chooser's dialog."""


class ChooseResultsView(SeenOnly, chooser.ChooseResultsView):
    """The list inside the chooser's dialog."""


class ChosenView(SeenOnly, chooser.SnippetChosenView):
    """One chosen record."""


class ChosenMultipleView(SeenOnly, chooser.SnippetChosenMultipleView):
    """Several chosen records."""


class CreateView(SeenOnly, chooser.SnippetCreateView):
    """A record made in the chooser's dialog."""


class PlainSearchForm(BaseFilterForm):
    """A search in the database: nothing of ours stands in the search index."""

    lookups: ClassVar[tuple[str, ...]] = ()
    q = forms.CharField(label=_("Search term"), widget=forms.TextInput(), required=False)

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the records that one of the lookups finds."""
        objects = super().filter(objects)
        text = self.cleaned_data.get("q")
        if text:
            self.is_searching, self.search_query = True, text
            found = Q()
            for lookup in self.lookups:
                found |= Q(**{lookup: text})
            objects = objects.filter(found)
        return objects


def search_form(*fields: str) -> type[PlainSearchForm]:
    """Return a search form for a chooser that looks into these fields."""
    return type("SearchForm", (PlainSearchForm,), {"lookups": tuple(f"{field}__icontains" for field in fields)})


class ChooserWidget(AdminSnippetChooser):
    """The field of a chooser, in the words of its viewset and the reader's language.

    Wagtail's own makes up its words when it is made, in the language of whoever opened the form first.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for words in ("choose_one_text", "choose_another_text", "link_to_chosen_text"):
            self.__dict__.pop(words, None)

    def get_instance(self, value: Any) -> Any:
        """Return the chosen record; what is no key of one, such as letters, is none chosen."""
        try:
            return super().get_instance(value)
        except (TypeError, ValueError):
            return None


class GuardedChooserViewSet(chooser.SnippetChooserViewSet):
    """A chooser that shows records only to those who may see them."""

    base_widget_class = ChooserWidget

    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView
    create_view_class = CreateView

    def get_urlpatterns(self) -> list[URLPattern]:
        """Leave out "create" where nothing can be created: Wagtail's view has no form then and fails."""
        patterns: list[URLPattern] = super().get_urlpatterns()
        return [pattern for pattern in patterns if pattern.name != "create" or self.creation_form_class]


class RecordViewSet(SnippetViewSet):
    """A viewset for records of money or of people."""

    copy_view_enabled = False
    chooser_viewset_class = GuardedChooserViewSet

    if not HAS_REGISTRY:

        @cached_property
        def permission_policy(self) -> Any:
            """The policy of the record: Wagtail 7.4 has no registry to look it up."""
            return POLICIES[self.model]

    def construct_view(self, view_class: type[View], **options: Any) -> ViewFunction:
        """Return a view that is closed to who may not see such records."""
        return seen_only(super().construct_view(view_class, **options), self.permission_policy)

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """Offer every permission of the record in the group editor, "view" too."""
        return Permission.objects.filter(content_type=ContentType.objects.get_for_model(self.model))


class DeskURLFinder(ModelAdminURLFinder):
    """Leads to the desk whoever may see such records, and nobody else."""

    def construct_edit_url(self, instance: Any) -> str:
        """Return the desk."""
        return record_url("desk", instance)

    def get_edit_url(self, instance: Any) -> str | None:
        """Return the desk for those who may see it."""
        if self.user is not None and not may_see(self.user, type(instance)):
            return None
        return self.construct_edit_url(instance)


class DeskViewSet(RecordViewSet):
    """A viewset for records that open on a desk of their own, from which verbs lead on."""

    url_finder_class = DeskURLFinder
    search_backend_name = None
    list_per_page = 50
