"""The outbox: nothing is lost, nothing is doubted without a word, nothing is sent before its papers stand."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from tests import factories
from tests.mail.conftest import NOW, PDF, draw, issue, write
from wagtail_payments import ports
from wagtail_payments.mail import links, outbox
from wagtail_payments.models import Alert, Invoice, InvoiceAttachment, Letter, Link, Rendition
from wagtail_payments.testing import SimulatedCrash, crash_at

AFTER_LEASE = NOW + outbox.LEASE


class Mailer:
    """A mail server that does as it is told."""

    def __init__(self, *answers: BaseException | None) -> None:
        self.answers = list(answers)
        self.sent: list[EmailMultiAlternatives] = []

    def __call__(self, message: EmailMultiAlternatives) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        message.message()  # what a real backend does: headers are written out
        self.sent.append(message)


@pytest.fixture
def letter(english: Invoice) -> Letter:
    return write(english)


def deliver(letter: Letter, mailer: Mailer | None = None, *, now: Any = NOW) -> Letter:
    with ports.use(mailer=mailer or Mailer()):
        outbox.deliver(letter_id=letter.pk, now=now)
    return Letter.objects.get(pk=letter.pk)


def header(message: EmailMultiAlternatives, name: str) -> str:
    return str(message.message()[name])


def test_a_letter_arrives_with_its_papers_and_the_link(letter: Letter) -> None:
    assert outbox.deliver(letter_id=letter.pk, now=NOW)
    (message,) = mail.outbox
    url = links.url_of(letter.link)
    assert message.to == ["nadia@librairie.example"]
    assert message.from_email == "Atelier Garonne <bonjour@atelier.example>"
    assert message.reply_to == ["bonjour@atelier.example"]
    assert url in message.body
    assert f'href="{url}"' in message.alternatives[0][0]
    assert message.attachments == [("F2026-0042.pdf", PDF, "application/pdf")]


def test_the_token_stands_in_no_kept_letter(letter: Letter) -> None:
    deliver(letter)
    proof = links.token_of(letter.link).partition(".")[2]
    row = Letter.objects.filter(pk=letter.pk).values().get()
    assert not any(proof in str(value) for value in row.values())
    assert "{{ link }}" in row["text"]


def test_a_link_renewed_before_delivery_goes_out_in_its_new_generation(letter: Letter) -> None:
    Link.objects.update(generation=2)
    deliver(letter, mailer := Mailer())
    assert links.url_of(Link.objects.select_related("site").get()) in mailer.sent[0].body


def test_delivering_twice_sends_once(letter: Letter) -> None:
    mailer = Mailer()
    deliver(letter, mailer)
    deliver(letter, mailer)
    assert len(mailer.sent) == 1


def test_a_letter_waits_until_its_paper_is_drawn_and_waiting_is_no_try(english: Invoice) -> None:
    undrawn = factories.make_invoice(customer=english.customer, language="en")
    issue(undrawn, "F2026-0045", drawn=False)
    letter, mailer = write(undrawn), Mailer()
    waiting = deliver(letter, mailer)
    assert (waiting.state, waiting.tries, mailer.sent) == ("queued", 0, [])
    draw(undrawn.document)
    assert deliver(letter, mailer).state == "sent"


@pytest.mark.parametrize("place", ["letter.claimed", "letter.before_send"])
def test_a_letter_whose_sender_died_before_sending_is_sent_after_the_lease(letter: Letter, place: str) -> None:
    mailer = Mailer()
    with pytest.raises(SimulatedCrash), crash_at(place):
        deliver(letter, mailer)
    assert deliver(letter, mailer, now=AFTER_LEASE - timedelta(seconds=1)).state == "sending"
    assert deliver(letter, mailer, now=AFTER_LEASE).state == "sent"
    assert len(mailer.sent) == 1


def test_a_letter_whose_sender_died_after_sending_comes_again_under_the_same_message_id(letter: Letter) -> None:
    mailer = Mailer()
    with pytest.raises(SimulatedCrash), crash_at("letter.after_send"), ports.use(mailer=mailer):
        outbox.deliver(letter_id=letter.pk, now=NOW)
    assert deliver(letter, mailer, now=AFTER_LEASE).state == "sent"
    assert len(mailer.sent) == 2
    assert {header(message, "Message-ID") for message in mailer.sent} == {letter.message_id}


@pytest.mark.parametrize("place", ["letter.claimed", "letter.before_send", "letter.after_send"])
def test_an_at_most_once_letter_whose_sender_died_is_doubted_and_never_sent_again(letter: Letter, place: str) -> None:
    Letter.objects.update(at_most_once=True)
    mailer = Mailer()
    with pytest.raises(SimulatedCrash), crash_at(place), ports.use(mailer=mailer):
        outbox.deliver(letter_id=letter.pk, now=NOW)
    for hours in (1, 30, 300):
        with ports.use(mailer=mailer):
            outbox.deliver_due(now=NOW + timedelta(hours=hours))
    assert len(mailer.sent) == (place == "letter.after_send")
    assert Letter.objects.get().state == "unknown"
    assert Alert.objects.get().kind == "letter"


def test_a_late_task_does_not_send_an_at_most_once_letter_again(letter: Letter) -> None:
    Letter.objects.update(at_most_once=True)
    mailer = Mailer()
    with pytest.raises(SimulatedCrash), crash_at("letter.after_send"), ports.use(mailer=mailer):
        outbox.deliver(letter_id=letter.pk, now=NOW)
    deliver(letter, mailer, now=NOW + timedelta(days=1))
    assert len(mailer.sent) == 1


def test_an_at_most_once_letter_is_doubted_when_the_connection_breaks_while_sending(letter: Letter) -> None:
    Letter.objects.update(at_most_once=True)
    assert deliver(letter, Mailer(smtplib.SMTPServerDisconnected())).state == "unknown"


def test_an_at_most_once_letter_is_tried_again_when_it_surely_did_not_leave(letter: Letter) -> None:
    Letter.objects.update(at_most_once=True)
    mailer = Mailer(ConnectionRefusedError())
    assert deliver(letter, mailer).state == "queued"
    assert deliver(letter, mailer, now=NOW + timedelta(hours=1)).state == "sent"


def test_a_mail_server_that_is_down_delays_and_the_pauses_grow(letter: Letter) -> None:
    mailer, now, pauses = Mailer(*[TimeoutError()] * 3), NOW, []
    for _try in range(3):
        waiting = deliver(letter, mailer, now=now)
        pauses.append(waiting.due_at - now)
        assert deliver(letter, mailer, now=now).tries == waiting.tries, "it is not tried before it is due"
        now = waiting.due_at
    assert pauses == sorted(set(pauses))
    assert waiting.error
    assert deliver(letter, mailer, now=now).state == "sent"
    assert Letter.objects.get().error == ""


def test_after_its_last_try_a_letter_has_failed_and_the_editors_are_told(letter: Letter) -> None:
    mailer, now = Mailer(*[TimeoutError()] * 20), NOW
    for _try in range(20):
        ended = deliver(letter, mailer, now=now)
        now += timedelta(days=1)
    assert (ended.state, ended.tries) == ("failed", outbox.MOST_TRIES)
    assert Alert.objects.get().invoice == letter.document.invoice


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"nadia@librairie.example": (550, b"no such user")}), "failed"),
        (smtplib.SMTPRecipientsRefused({"nadia@librairie.example": (450, b"greylisted")}), "queued"),
        (smtplib.SMTPDataError(552, b"too large"), "failed"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "queued"),
        (RuntimeError("<html>what a service's library raises</html>"), "queued"),
    ],
)
def test_what_can_never_work_is_not_tried_again(letter: Letter, error: Exception, state: str) -> None:
    ended = deliver(letter, Mailer(error))
    assert ended.state == state
    assert ended.error
    assert "RuntimeError" not in ended.error


def test_the_text_of_an_error_is_cut_to_its_column(letter: Letter) -> None:
    assert len(deliver(letter, Mailer(smtplib.SMTPDataError(451, b"x" * 9000))).error) == 500


@pytest.mark.parametrize(
    "address",
    [
        "a@librairie.example, b@evil.example",
        "a@librairie.example\nBcc: b@evil.example",
        '"a@librairie.example, b"@evil.example',
        "Nadia <a@librairie.example>",
        "a@librairie.example;b@evil.example",
        "",
        "nobody",
    ],
)
@pytest.mark.parametrize("column", ["to", "cc"])
def test_an_address_that_is_more_than_an_address_is_sent_to_nobody(letter: Letter, column: str, address: str) -> None:
    Letter.objects.update(**{column: ["nadia@librairie.example", address]})
    mailer = Mailer()
    assert deliver(letter, mailer).state == "failed"
    assert mailer.sent == []


def test_a_letter_to_nobody_fails_and_says_so(english: Invoice) -> None:
    english.seller.language = "en"
    english.seller.save()
    ended = deliver(write(english, to=[]))
    assert (ended.state, ended.error) == ("failed", "There is no address to send it to.")


@pytest.mark.parametrize("field", ["subject", "message_id", "reply_to"])
def test_a_line_break_makes_no_new_header(letter: Letter, field: str) -> None:
    Letter.objects.update(**{field: "x@librairie.example\nBcc: b@evil.example"})
    mailer = Mailer()
    assert deliver(letter, mailer).state == "failed"
    assert mailer.sent == []


def test_a_sellers_name_smuggles_in_nobody(letter: Letter) -> None:
    letter.seller.name = 'Atelier" <b@evil.example>, \r\nBcc: c@evil.example'
    letter.seller.save()
    deliver(letter, mailer := Mailer())
    (message,) = mailer.sent
    addresses = message.message()["From"]
    assert "Bcc" not in message.message()
    assert addresses.count("<") - addresses.count('\\" <') <= 2
    assert message.recipients() == ["nadia@librairie.example"]


def test_the_attachments_of_the_invoice_go_along_each_under_a_name_of_its_own(english: Invoice, db: None) -> None:
    invoice = factories.make_invoice(customer=english.customer, language="en")
    for name in ("plan.pdf", "plan.pdf", "../../Étude n°1\r\n.pdf", ""):
        kept = InvoiceAttachment(invoice=invoice, name=name)
        kept.file.save("stored.pdf", ContentFile(b"attached"), save=False)
        kept.save()
    issue(invoice, "F2026/0044")
    deliver(write(invoice), mailer := Mailer())
    names = [attachment[0] for attachment in mailer.sent[0].attachments]
    assert names[:4] == ["F2026-0044.pdf", "plan.pdf", "plan (2).pdf", "-..-Étude n-1 .pdf"]
    assert len({name.lower() for name in names}) == 5


def test_a_lost_file_is_tried_again_and_told(letter: Letter) -> None:
    stored = Rendition.objects.get().file
    stored.storage.delete(stored.name)
    waiting = deliver(letter)
    assert (waiting.state, bool(waiting.error)) == ("queued", True)


def test_the_sweep_delivers_what_is_due_oldest_first(english: Invoice) -> None:
    first, second = write(english, subject="first"), write(english, subject="second")
    Letter.objects.filter(pk=first.pk).update(due_at=NOW + timedelta(hours=1))
    with ports.use(mailer=(mailer := Mailer())):
        assert outbox.deliver_due(now=NOW) == 1
        assert outbox.deliver_due(now=NOW + timedelta(hours=2)) == 1
        assert outbox.deliver_due(now=NOW + timedelta(hours=3)) == 0
    assert [message.subject for message in mailer.sent] == ["second", "first"]
    assert second.pk > first.pk


def test_one_letter_that_fails_does_not_stop_the_others(english: Invoice) -> None:
    write(english, to=["nobody"]), write(english)
    with ports.use(mailer=(mailer := Mailer())):
        assert outbox.deliver_due(now=NOW) == 1
    assert len(mailer.sent) == 1


def test_letters_that_wait_for_their_papers_do_not_hold_up_the_others(english: Invoice) -> None:
    undrawn = factories.make_invoice(customer=english.customer, language="en")
    issue(undrawn, "F2026-0045", drawn=False)
    waiting = [write(undrawn) for _number in range(3)]
    write(english)
    with ports.use(mailer=Mailer()):
        assert outbox.deliver_due(now=NOW, limit=2) == 1
        draw(undrawn.document)
        assert outbox.deliver_due(now=NOW, limit=10) == 3
    assert Letter.objects.filter(pk__in=[letter.pk for letter in waiting], tries=1).count() == 3


def test_a_letter_is_delivered_by_a_task_when_its_transaction_has_committed(
    english: Invoice, committing: Callable[[], Any]
) -> None:
    with committing():
        letter = write(english)
        assert mail.outbox == []
    assert len(mail.outbox) == 1
    assert Letter.objects.get(pk=letter.pk).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_letter_of_a_transaction_that_is_rolled_back_was_never_written() -> None:
    invoice = factories.make_invoice()
    issue(invoice)

    def change_of_mind() -> None:
        with transaction.atomic():
            write(invoice)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_of_mind()
    assert not Letter.objects.exists()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_never_breaks_what_was_done() -> None:
    invoice = factories.make_invoice()
    issue(invoice)
    with ports.use(mailer=Mailer(OSError())), transaction.atomic():
        letter = write(invoice)
    assert Letter.objects.get(pk=letter.pk).state == "queued"


@pytest.mark.django_db(transaction=True)
def test_a_task_backend_that_is_down_never_breaks_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_letter_id: int) -> None:
        raise OSError

    monkeypatch.setattr(outbox, "_hand_over", down)
    invoice = factories.make_invoice()
    issue(invoice)
    with transaction.atomic():
        letter = write(invoice)
    assert Letter.objects.get(pk=letter.pk).state == "queued"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction() -> None:
    invoice = factories.make_invoice()
    issue(invoice)
    letter = write(invoice, to=[])
    Letter.objects.update(state="queued")
    with transaction.atomic(), pytest.raises(RuntimeError):
        outbox.deliver(letter_id=letter.pk, now=NOW)


def test_the_mail_services_own_id_is_kept(letter: Letter) -> None:
    class Service(Mailer):
        def __call__(self, message: EmailMultiAlternatives) -> None:
            message.anymail_status = type("Status", (), {"message_id": "esp-1"})()  # type: ignore[attr-defined]

    assert deliver(letter, Service()).provider_message_id == "esp-1"


def test_an_editor_can_have_a_letter_sent_again_under_a_new_message_id(letter: Letter) -> None:
    deliver(letter, mailer := Mailer())
    assert outbox.send_again(letter=letter, now=NOW)
    assert not outbox.send_again(letter=letter, now=NOW), "it waits already"
    deliver(letter, mailer)
    assert len({header(message, "Message-ID") for message in mailer.sent}) == 2


def test_a_letter_that_waits_or_is_under_way_is_not_queued_twice(letter: Letter) -> None:
    assert not outbox.send_again(letter=letter, now=NOW)
    Letter.objects.update(state="sending")
    assert not outbox.send_again(letter=letter, now=NOW)
