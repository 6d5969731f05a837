"""The pages of an event: which ones present it, where another may stand, and why none may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.admin_url_finder import AdminURLFinder

from wagtail_payments.admin.status_words import StatusTag
from wagtail_payments.records.events import Event
from wagtail_payments.records.page_types import event_index_types, event_page_types


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page that presents the event; a link is empty where the user may not follow it, or nobody can yet."""

    title: str
    language: str
    tag: StatusTag
    edit_url: str
    live_url: str


@dataclass(frozen=True, slots=True)
class Place:
    """A page below which another may stand, and the page types that it takes there."""

    parent: Any
    types: tuple[Any, ...]


class EventPages:
    """The pages of one event as one user may deal with them; each question asks the database once."""

    def __init__(self, event: Event, user: Any) -> None:
        self.event, self.user = event, user

    @cached_property
    def pages(self) -> list[Any]:
        """The pages that present the event, with all that is shown of them."""
        return [page for model in event_page_types() for page in _presenting(self.event, model)]

    @cached_property
    def places(self) -> list[Place]:
        """Where this user may add a page of the event, whether or not one stands there already."""
        return [place for place in self._spots if place.parent.permissions_for_user(self.user).can_add_subpage()]

    @cached_property
    def free(self) -> list[Place]:
        """Those places where none stands yet."""
        return [place for place in self.places if not any(page.is_child_of(place.parent) for page in self.pages)]

    @property
    def why_nowhere(self) -> str:
        """Why this user can't make any page of the event, or nothing."""
        if self.event.is_cancelled:
            return _("It was cancelled, so nobody can register any more.")
        if not event_page_types():
            return _("This site has no page type for events.")
        if not self._spots:
            return _("No page of the site takes it. Add a page of all events in Pages first.")
        return "" if self.places else _("You may not add pages where it could stand. Ask somebody who may.")

    @property
    def why_not(self) -> str:
        """Why this user can't make one more, or nothing."""
        why_nowhere = self.why_nowhere
        return why_nowhere or ("" if self.free else _("A page presents it already wherever one may stand."))

    def shown(self, request: HttpRequest) -> list[ShownPage]:
        """Return the pages as the desk shows them."""
        finder = AdminURLFinder(self.user)
        return [
            ShownPage(
                title=page.get_admin_display_title(),
                language=language_of(page),
                tag=StatusTag("", capfirst(page.status_string), "done" if page.live else "quiet"),
                edit_url=finder.get_edit_url(page) or "",
                live_url=(page.get_url(request) or "") if page.live else "",
            )
            for page in self.pages
        ]

    @cached_property
    def _spots(self) -> list[Place]:
        """Where such a page may stand: in each language the pages of all events, else the home page."""
        roots = self.event.site.root_page.get_translations(inclusive=True).order_by("path").specific()
        indexes = [page for model in event_index_types() for page in _of_exactly(model, model.objects.all())]
        spots: list[Place] = []
        for root in roots:
            below = _taking(index for index in indexes if index.path.startswith(root.path))
            spots += below or _taking([root])
        return spots


def language_of(page: Any) -> str:
    """Return what the language of a page is called, where the site has several."""
    return str(page.locale.get_display_name()) if getattr(settings, "WAGTAIL_I18N_ENABLED", False) else ""


def _presenting(event: Event, model: Any) -> Iterator[Any]:
    rows = model.objects.filter(event=event).annotate_approved_schedule().prefetch_workflow_states()
    return _of_exactly(model, rows)


def _of_exactly(model: Any, rows: Any) -> Iterator[Any]:
    """Yield the pages of that type in the order of the tree; those of a type made out of it come with their own."""
    return (page for page in rows.select_related("locale").order_by("path") if page.specific_class is model)


def _taking(parents: Iterable[Any]) -> list[Place]:
    """Return those below which a page type for events may be created."""
    places = [Place(parent, tuple(_creatable_below(parent))) for parent in parents]
    return [place for place in places if place.types]


def _creatable_below(parent: Any) -> Iterator[Any]:
    allowed = type(parent).creatable_subpage_models()
    return (model for model in event_page_types() if model in allowed and model.can_create_at(parent))
