"""The page of an event: begun as a draft where an editor wants it to stand, finished in Wagtail's own editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import BaseViewRestriction, PageSubscription, PageViewRestriction
from wagtail.signals import init_new_page

from wagtail_payments import ports
from wagtail_payments.records.events import Event
from wagtail_payments.records.guards import lock
from wagtail_payments.records.page_types import event_page_types

Privacy = Callable[[Any], Mapping[str, Any]]


class PageRefused(Exception):
    """No page was made; the text says why."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The page, and whether it was made just now or stood there already."""

    page: Any
    is_new: bool


def begin(*, event_id: int, parent: Any, page_type: Any, by: Any, privacy: Privacy) -> Begun:
    """Make a draft that presents the event below ``parent``, in the language of that page, and return it.

    ``privacy`` says how the site keeps a new page, as Wagtail's ``get_default_privacy_setting`` does.

    Doing it twice makes one page: where a page below ``parent`` presents the event already, that one is returned,
    whoever made it. This fact decides and no key of the form, since a page type of the host has no room for a key, and
    since a second page of the same event in the same place is never meant, be it asked for by two clicks or two people.
    The event is locked while it is looked up, so that both clicks may come at once.

    Raises ``PageRefused`` for a cancelled event, where no such page may stand, and where the page type demands more.
    """
    try:
        with transaction.atomic(durable=True):
            (event,) = lock(Event, event_id)
            standing = _standing(event, parent)
            if standing is not None:
                return Begun(standing, is_new=False)
            ports.failpoint("event_page.looked")
            return Begun(_made(event, parent, page_type, by, privacy), is_new=True)
    except (IntegrityError, ValidationError) as error:
        text = _("The draft could not be made: such a page may need more than a name. Add it in Pages instead.")
        raise PageRefused(text) from error


def _standing(event: Event, parent: Any) -> Any | None:
    found = (model.objects.child_of(parent).filter(event=event).first() for model in event_page_types())
    return next((page for page in found if page is not None), None)


def _made(event: Event, parent: Any, page_type: Any, by: Any, privacy: Privacy) -> Any:
    """Make it step by step as Wagtail's own view does when somebody saves a new draft."""
    if event.is_cancelled:
        raise PageRefused(_("This event was cancelled."))
    if not page_type.can_create_at(parent):
        raise PageRefused(_("Such a page may not stand there any more."))
    title = event.said("name", parent.locale.language_code)
    page = page_type(title=title, event=event, owner=by, locale=parent.locale, live=False)
    init_new_page.send(sender=page_type, page=page, parent=parent)
    page.slug = page.slug or _slug_without_letters(page)
    parent.add_child(instance=page)
    _restrict(page, privacy(page))
    page.save_revision(user=by, log_action=True, clean=False)
    PageSubscription.objects.create(page=page, user=by, comment_notifications=True)
    return page


def _slug_without_letters(page: Any) -> str:
    """Return a slug where Wagtail would find none in the title, such as “???”; else nothing: Wagtail makes its own."""
    allows_unicode = getattr(settings, "WAGTAIL_ALLOW_UNICODE_SLUGS", True)
    return "" if slugify(page.title, allow_unicode=allows_unicode) else f"event-{page.event_id}"


def _restrict(page: Any, setting: Mapping[str, Any]) -> None:
    if setting["type"] == BaseViewRestriction.NONE:
        return
    password = setting.get("password", "")
    kept = PageViewRestriction.objects.create(page=page, restriction_type=setting["type"], password=password)
    kept.groups.set(setting.get("groups", []))
