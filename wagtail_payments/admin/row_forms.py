"""Rows on a form, such as the lines of a draft or the ticket types of an event: their panel, and those that stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from wagtail.admin.panels import InlinePanel


class RowsPanel(InlinePanel):
    """Rows, each on a form of our own; ``told`` names what the whole form tells each of them."""

    row_form: ClassVar[Any]
    told: ClassVar[tuple[str, ...]] = ()

    def get_form_options(self) -> dict[str, Any]:
        """Put our form into the formset."""
        options: dict[str, Any] = super().get_form_options()
        own = {"form": self.row_form} | ({"inherit_kwargs": list(self.told)} if self.told else {})
        options["formsets"][self.relation_name] |= own
        return options


def staying(formset: Any) -> Iterator[Any]:
    """Yield the forms of the rows that stay: filled in and not deleted; nothing where there is no formset."""
    for form in formset.forms if formset is not None else ():
        unused = form.empty_permitted and not form.has_changed()
        form.errors  # noqa: B018  # reading them cleans the form, and tells whether it is to be deleted
        if not unused and not formset._should_delete_form(form):
            yield form
