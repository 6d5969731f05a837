"""What the editor of draft quotes has of its own: the event that a quote is for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin.drafts import DraftCreateView, DraftEditView
from wagtail_payments.records.events import Event
from wagtail_payments.records.quotes import Quote


class QuoteCreateView(DraftCreateView):
    """A new draft."""

    issuing = "send_quote"
    nobody_yet = _("First say who you are: quotes are made out in your name.")

    def get_initial_form_instance(self) -> Quote:
        """Return a fresh draft, for the customer or the event whose page one comes from."""
        draft: Quote = super().get_initial_form_instance()
        draft.event = self.chosen(Event, "event")
        return draft


class QuoteEditView(DraftEditView):
    """A draft."""

    issuing = "send_quote"
