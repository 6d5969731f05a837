"""The book of webhook deliveries: what payment providers told us, and what became of it."""

from __future__ import annotations

import json

from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from wagtail_payments import ports
from wagtail_payments.actions import deliveries
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.facts import Reader, Section, Sheet, Verb
from wagtail_payments.admin.books.filters import between
from wagtail_payments.admin.books.verbs import Said, verb_path
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places_of_books import book_url, verb_url
from wagtail_payments.records.deliveries import WebhookDelivery

RETRY = "retry_webhookdelivery"


class DeliveryFilterSet(WagtailFilterSet):
    """By date, state and gateway's mode."""

    received = between("received_at", _("Received"))

    class Meta:
        model = WebhookDelivery
        fields = ["state", "live"]


def outcome_of(delivery: WebhookDelivery) -> str:
    """Return what became of a message, in the reader's language where the words are ours."""
    return gettext(delivery.outcome) if delivery.outcome else ""


class DeliveryBook(Book):
    """Messages of payment providers, as they came."""

    model = WebhookDelivery
    base_url_path = "payments/webhook-deliveries"
    menu_icon = "mail"
    menu_item_name = "payments-webhook-deliveries"
    default_ordering = "-pk"
    filters = DeliveryFilterSet
    search_fields = ["type", "message_id", "session_id", "payment_id", "outcome"]
    empty_text = _(
        "No message yet. Once your payment provider sends its messages to this site, they are kept here, "
        "with what became of each."
    )
    columns = [
        TitleColumn("type", label=_("Type"), get_url=book_url),
        Column("received_at", label=_("Received"), sort_key="received_at"),
        Column("gateway", label=_("Gateway")),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            sort_key="state",
            primary=lambda delivery: delivery.state == "done",
        ),
        Column("outcome", label=_("Outcome"), accessor=outcome_of),
        Column("copies", label=_("Times received"), classname="wp-amount"),
    ]

    def sheet(self, record: WebhookDelivery, reader: Reader) -> Sheet:
        """Return what the page of a message shows."""
        sheet = Sheet(record.type)
        sheet.add(_("State"), record.get_state_display(), tag=True)
        sheet.add(_("Outcome"), outcome_of(record))
        sheet.add(_("Gateway"), record.gateway)
        sheet.add(_("Mode"), _("Live") if record.live else _("Test"), tag=True)
        _add_journey(sheet, record)
        sheet.sections.append(Section(_("Message"), text=pretty(record.body)))
        if record.state != "done" and allowed(reader.user, RETRY):
            sheet.verbs.append(_retry(record))
        return sheet

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Return the URLs of the book, and that of its button."""
        verb = verb_path(WebhookDelivery, self.base_url_path, "retry", RETRY, process_again)
        return (*super().get_admin_urls_for_registration(), verb)


def process_again(delivery: WebhookDelivery, request: HttpRequest) -> Said:
    """Process a stored message once more."""
    after = deliveries.process_again(delivery_id=delivery.pk, now=ports.now())
    words = {"state": after.get_state_display(), "outcome": outcome_of(after)}
    text = gettext("The message was processed again: %(state)s. %(outcome)s") % words
    return Said(text.strip(), after.state in ("done", "ignored"))


def pretty(body: str) -> str:
    """Return JSON with indents, or the text as it came."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def _add_journey(sheet: Sheet, delivery: WebhookDelivery) -> None:
    sheet.add(_("Sent"), delivery.sent_at)
    sheet.add(_("Received"), delivery.received_at)
    sheet.add(_("Times received"), delivery.copies)
    sheet.add(_("Processed"), delivery.processed_at)
    sheet.add(_("Message"), delivery.message_id)
    sheet.add(_("Payment session"), delivery.session_id)
    sheet.add(_("Payment"), delivery.payment_id)
    sheet.add(_("Account"), delivery.account)
    sheet.add(_("Came to"), delivery.hostname)


def _retry(delivery: WebhookDelivery) -> Verb:
    explains = _("The message is compared with our records again, and what it says is applied if it fits.")
    return Verb(_("Process again"), verb_url(delivery, "retry"), explains)
