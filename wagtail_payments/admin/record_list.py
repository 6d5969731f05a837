"""What the lists of our records share: who sees which rows, an order without chance, and the menu of each row."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import IndexView

from wagtail_payments.admin.permissions import SEEING
from wagtail_payments.admin.places import record_url


class Choice(NamedTuple):
    """What may be done with a record, by the name of its view."""

    is_shown: bool
    label: Any
    name: str
    icon: str


class RecordIndexView(IndexView):
    """A list of records."""

    def seen(self) -> Any:
        """Return the records that the user may see."""
        return self.permission_policy.instances_user_has_any_permission_for(self.request.user, SEEING)

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Add the key, so that pages neither repeat nor leave out."""
        first = [self.ordering] if isinstance(self.ordering, str) and self.ordering else []
        return super().order_queryset(queryset).order_by(*first, "-pk")

    def choices(self, record: Any) -> list[Choice]:
        """Return what can be done with one record, in the order of use."""
        raise NotImplementedError

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        """What can be done with one record, behind the same menu."""
        return [
            Button(choice.label, url=record_url(choice.name, instance), icon_name=choice.icon, priority=10 * place)
            for place, choice in enumerate(self.choices(instance))
            if choice.is_shown
        ]
