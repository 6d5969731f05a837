"""Reports of the mail service: each counted once, in whatever order they come, trouble never hidden."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, tracking

from tests.mail.conftest import NOW, write
from wagtail_payments.mail import tracking as ours
from wagtail_payments.models import Alert, DeliveryReport, Invoice, Letter

_ids = itertools.count(1)


@pytest.fixture
def letter(english: Invoice) -> Letter:
    letter = write(english)
    Letter.objects.update(provider_message_id="esp-1", state="sent")
    return Letter.objects.get(pk=letter.pk)


def report(event_type: str, recipient: str = "nadia@librairie.example", **fields: Any) -> None:
    values = {"message_id": "esp-1", "event_id": f"event-{next(_ids)}", "timestamp": NOW}
    event = AnymailTrackingEvent(event_type=event_type, recipient=recipient, **values | fields)
    ours.record(sender=None, event=event, esp_name="Test")


def delivery() -> str:
    return Letter.objects.get().delivery


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations(["queued", "sent", "deferred", "delivered"])),
    ids=lambda order: "-".join(order),
)
def test_a_letter_that_arrived_has_arrived_in_whatever_order_the_reports_come(letter: Letter, order: Any) -> None:
    for event_type in order:
        report(event_type)
    assert delivery() == "delivered"


@pytest.mark.parametrize("trouble", ["bounced", "rejected", "failed", "complained"])
def test_trouble_is_not_overwritten_by_a_late_delivery_and_reaches_the_editors(letter: Letter, trouble: str) -> None:
    report(trouble, description="550 no such user")
    report("delivered")
    assert delivery() == trouble
    alert = Alert.objects.get()
    assert (alert.kind, alert.invoice) == ("letter", letter.document.invoice)
    assert "nadia@librairie.example" in alert.text


def test_one_bounced_copy_shows_though_the_others_arrived(letter: Letter) -> None:
    report("delivered")
    report("bounced", recipient="compta@librairie.example")
    assert delivery() == "bounced"


def test_as_long_as_one_copy_is_on_its_way_the_letter_is(letter: Letter) -> None:
    report("delivered")
    report("deferred", recipient="compta@librairie.example")
    assert delivery() == "deferred"


def test_a_report_that_comes_twice_is_kept_once(letter: Letter) -> None:
    for _time in range(2):
        report("bounced", event_id="same")
    assert DeliveryReport.objects.count() == 1
    assert Alert.objects.count() == 1


def test_reports_without_a_number_are_told_apart_by_what_they_say(letter: Letter) -> None:
    for moment in (NOW, NOW, NOW + timedelta(minutes=5)):
        report("deferred", event_id=None, timestamp=moment)
    report("deferred", event_id=None, timestamp=None)
    assert DeliveryReport.objects.count() == 2


@pytest.mark.parametrize("event_type", ["opened", "clicked", "unsubscribed", "unknown"])
def test_nobody_is_watched_opening_a_letter(letter: Letter, event_type: str) -> None:
    report(event_type)
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize("message_id", [None, "", "esp-of-somebody-else"])
def test_reports_about_other_letters_are_none_of_ours(letter: Letter, message_id: str | None) -> None:
    report("bounced", message_id=message_id)
    assert delivery() == ""
    assert not Alert.objects.exists()


def test_services_that_report_our_own_message_id_are_understood(letter: Letter) -> None:
    report("delivered", message_id=letter.message_id.strip("<>"))
    assert delivery() == "delivered"


def test_what_a_service_says_fits_whatever_it_says(letter: Letter) -> None:
    report("bounced", description="x\x00" * 900, recipient="N" * 400 + "@librairie.example", event_id="y" * 900)
    assert len(DeliveryReport.objects.get().detail) <= 500


def test_connecting_twice_listens_once(letter: Letter) -> None:
    before = len(tracking.receivers)
    try:
        ours.connect()
        ours.connect()
        event = AnymailTrackingEvent(event_type="sent", message_id="esp-1", recipient="a@b.example", timestamp=NOW)
        tracking.send(sender=None, event=event, esp_name="Test")
    finally:
        if len(tracking.receivers) > before:
            tracking.disconnect(dispatch_uid="wagtail_payments.mail.tracking")
    assert DeliveryReport.objects.count() == 1
