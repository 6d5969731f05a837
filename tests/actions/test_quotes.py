"""Quotes: sent once, replaced by newer versions, answered; every move outside the table is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import F

from tests import factories
from wagtail_payments.actions import (
    agreements,
    evidence,
    links,
    quote_papers,
    quote_questions,
    quote_versions,
    quotes,
    renditions,
    wiping,
)
from wagtail_payments.actions.agreements import ChoiceRefused, Word
from wagtail_payments.actions.quotes import QuoteNotReady, QuoteRefused
from wagtail_payments.core import snapshot
from wagtail_payments.core.lifecycle import QUOTE_MOVES, QuoteEvent, QuoteState, QuoteStatus
from wagtail_payments.mail import envelopes
from wagtail_payments.mail import quotes as letters
from wagtail_payments.models import (
    Agreement,
    IssuedDocument,
    Letter,
    Link,
    Quote,
    QuoteAttachment,
    QuoteStep,
    Rendition,
)
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db
Sent = Callable[..., Quote]


def send(quote: Quote, now: datetime) -> Quote:
    subject, text = letters.default_quote_text(quote=quote, language=quote.language)
    return quotes.send(
        quote_id=quote.pk, by=None, now=now, to=[quote.customer.email], cc=[], subject=subject, text=text
    )


@pytest.fixture
def sent(now: datetime) -> Sent:
    """Make and send a quote: ``sent(lines=[...])``."""
    return lambda **fields: send(factories.make_quote(**fields), now)


def by_phone(now: datetime, **fields: Any) -> Word:
    values = {"how": "phone", "on": now.date(), "name": "Nadia Ferrand", "note": "She called at ten."}
    return Word(**values | fields)


class TestSending:
    def test_a_sent_quote_has_a_number_a_date_and_a_frozen_text(self, sent: Sent, now: datetime) -> None:
        quote = sent(lines=[("Training", "2", "450.00", "20")])
        document = IssuedDocument.objects.get()
        assert quote.number == document.number == document.frozen.number == "TEST-D2026-0001"
        assert (document.kind, document.gross) == ("quote", 108000)
        assert snapshot.digest(document.text) == document.sha256
        assert quote.valid_until == now.date() + timedelta(days=30)
        assert document.frozen.valid_until == "2026-04-15"
        assert (document.frozen.due, document.frozen.version) == (0, 1)

    def test_it_gets_a_link_a_letter_and_the_first_step_of_its_evidence(self, sent: Sent) -> None:
        quote = sent()
        letter = Letter.objects.get()
        assert (letter.kind, letter.to, letter.link) == ("quote", [quote.customer.email], Link.objects.get())
        assert letter.enclosed.get() == quote.document
        assert letter.subject.startswith("Devis TEST-D2026-0001")
        step = QuoteStep.objects.get()
        assert (step.kind, step.previous) == ("sent", quote.paper.sha256)

    def test_its_pdf_is_drawn_after_the_commit(self, now: datetime, committing: Callable[[], Any]) -> None:
        quote = factories.make_quote()
        with committing():
            send(quote, now)
        assert Rendition.objects.get().document.quote == quote

    def test_it_is_sent_once(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        with pytest.raises(QuoteRefused, match="already been sent"):
            send(quote, now)
        assert Letter.objects.count() == IssuedDocument.objects.count() == 1

    def test_what_the_review_finds_stops_it_and_nothing_is_left_behind(self, now: datetime) -> None:
        quote = factories.make_quote(customer=factories.make_customer(email=""))
        with pytest.raises(QuoteNotReady, match="no e-mail address"):
            send(quote, now)
        assert not [model for model in (IssuedDocument, Letter, QuoteStep) if model.objects.exists()]

    def test_a_crash_leaves_a_draft(self, now: datetime) -> None:
        quote = factories.make_quote()
        with pytest.raises(SimulatedCrash), crash_at("quote.frozen"):
            send(quote, now)
        quote.refresh_from_db()
        assert quote.is_draft
        assert not Link.objects.exists()

    def test_quotes_count_apart_from_invoices(self, sent: Sent, now: datetime) -> None:
        assert [sent().number, sent().number] == ["TEST-D2026-0001", "TEST-D2026-0002"]


class TestFindings:
    def codes(self, now: datetime, **fields: Any) -> set[str]:
        return {finding.code for finding in quotes.review(quote=factories.make_quote(**fields), now=now)}

    def test_nothing_stands_in_the_way_of_a_good_one(self, now: datetime) -> None:
        assert self.codes(now) == set()

    def test_each_thing_that_is_missing_is_said(self, now: datetime) -> None:
        past = now.date() - timedelta(days=1)
        assert "no_lines" in self.codes(now, lines=[])
        assert "validity" in self.codes(now, valid_days=None)
        assert "validity_past" in self.codes(now, valid_until=past)
        assert "currency" in self.codes(now, currency="CHF")
        assert "customer_address" in self.codes(now, customer=factories.make_customer(city=""))
        quote = factories.make_quote()
        quote.discount_amount = Decimal(5000)
        assert "discount" in {finding.code for finding in quotes.review(quote=quote, now=now)}

    @pytest.mark.parametrize(
        "plan",
        [
            [("Deposit", "30", None, "at_signature")],
            [("Deposit", None, "5000", "at_signature"), ("Rest", None, None, "on_milestone")],
            [("Deposit", None, None, "at_signature"), ("Rest", None, None, "on_milestone")],
            [
                ("Deposit", "30", None, "at_signature"),
                ("Wood", "20", None, "at_signature"),
                ("Rest", None, None, "on_milestone"),
            ],
        ],
    )
    def test_a_plan_that_does_not_come_to_the_total_or_asks_twice_at_signature(self, now: datetime, plan: Any) -> None:
        assert self.codes(now, plan=plan) == {"plan"}

    def test_a_private_persons_deposit_has_a_name(self, now: datetime) -> None:
        plan = [("Deposit", "30", None, "at_signature"), ("Rest", None, None, "on_milestone")]
        person = factories.make_consumer()
        assert self.codes(now, customer=person, plan=plan) == {"deposit_term"}
        assert self.codes(now, customer=person, plan=plan, deposit_term="arrhes") == set()
        assert self.codes(now, plan=plan) == set()

    def test_options_must_add_up_too(self, now: datetime) -> None:
        option = factories.make_quote_line("Book", "1", "10", "20", is_optional=True, discount_amount=Decimal(20))
        firm = factories.make_quote_line("Course", "1", "10", "20")
        assert "optional" in self.codes(now, lines=[firm, option])
        gross = factories.make_quote_line("Book", "1", "10", "20", is_optional=True, price_includes_vat=True)
        firm = factories.make_quote_line("Course", "1", "10", "20")
        assert "discount" in self.codes(now, lines=[firm, gross], discount_amount=Decimal(1))

    def test_only_options_is_worth_a_thought(self, now: datetime) -> None:
        option = factories.make_quote_line("Book", "1", "10", "20", is_optional=True)
        assert self.codes(now, lines=[option]) == {"all_optional"}


class TestVersions:
    def test_the_next_version_replaces_the_one_before_when_it_is_sent(self, sent: Sent, now: datetime) -> None:
        first = sent()
        draft = quote_versions.revise(quote_id=first.pk, by=None, now=now)
        first.refresh_from_db()
        assert (draft.version, draft.family, first.state) == (2, first.family, "sent")
        second = send(draft, now)
        first.refresh_from_db()
        assert (second.number, first.state, first.live_slot) == ("TEST-D2026-0001-v2", "superseded", None)
        assert second.paper.frozen.version == 2
        third = send(quote_versions.revise(quote_id=second.pk, by=None, now=now), now)
        assert third.number == "TEST-D2026-0001-v3"
        assert sent().number == "TEST-D2026-0002"

    def test_everything_is_carried_over(self, sent: Sent, now: datetime) -> None:
        lines = [
            factories.make_quote_line("Day", "2", "100", "20", is_optional=True, least=Decimal(1), most=Decimal(5))
        ]
        lines.append(factories.make_quote_line("Book", "1", "10", "5.5"))
        plan = [("Deposit", "30", None, "at_signature"), ("Rest", None, None, "2026-05-01")]
        first = sent(lines=lines, plan=plan, memo="With tea", discount_percent=Decimal(10))
        draft = quote_versions.revise(quote_id=first.pk, by=None, now=now)
        draft = Quote.objects.get(pk=draft.pk)
        before = quote_papers.document_of(quote=Quote.objects.get(pk=first.pk), now=now)
        after = quote_papers.document_of(quote=draft, now=now)
        assert (after.lines, after.plan, after.memo, after.gross) == (
            before.lines,
            before.plan,
            "With tea",
            before.gross,
        )

    def test_there_is_one_draft_of_a_next_version(self, sent: Sent, now: datetime) -> None:
        first = sent()
        draft = quote_versions.revise(quote_id=first.pk, by=None, now=now)
        with pytest.raises(quote_versions.DraftStands) as refused:
            quote_versions.revise(quote_id=first.pk, by=None, now=now)
        assert refused.value.draft == draft

    def test_what_was_agreed_meanwhile_stands(self, sent: Sent, now: datetime) -> None:
        first = sent()
        draft = quote_versions.revise(quote_id=first.pk, by=None, now=now)
        agreements.accept_by_word(quote_id=first.pk, word=by_phone(now), chosen={}, by=None, now=now)
        with pytest.raises(QuoteRefused, match="accepted this quote"):
            send(draft, now)
        draft.refresh_from_db()
        assert draft.is_draft

    def test_a_duplicate_is_another_quote(self, sent: Sent, now: datetime) -> None:
        first = sent()
        copy = quote_versions.duplicate(quote=first, by=None, now=now)
        assert (copy.version, copy.is_draft, copy.gross) == (1, True, first.gross)
        assert copy.family != first.family

    def test_an_expired_quote_is_extended_by_a_new_version(self, sent: Sent, now: datetime) -> None:
        first, later = sent(), now + timedelta(days=60)
        second = send(quote_versions.revise(quote_id=first.pk, by=None, now=later), later)
        assert second.valid_until == later.date() + timedelta(days=30)

    def test_the_clock_may_not_go_back_between_versions(self, sent: Sent, now: datetime) -> None:
        draft = quote_versions.revise(quote_id=sent().pk, by=None, now=now)
        with pytest.raises(quotes.ClockWentBack):
            send(draft, now - timedelta(days=2))


class TestAnswers:
    def test_declining_keeps_the_reason_and_tells_the_seller(self, sent: Sent, now: datetime) -> None:
        quote = quotes.decline(quote_id=sent().pk, reason="Too dear", now=now, ip="192.0.2.1", agent="Firefox")
        assert (quote.state, quote.live_slot) == ("declined", None)
        letter = Letter.objects.get(kind="owner_quote_declined")
        assert "Too dear" in letter.text
        assert letter.to == [quote.seller.email]
        assert QuoteStep.objects.get(kind="declined").ip == "192.0.2.1"

    def test_a_declined_quote_can_be_followed_by_a_better_one(self, sent: Sent, now: datetime) -> None:
        first = quotes.decline(quote_id=sent().pk, reason="", now=now)
        send(quote_versions.revise(quote_id=first.pk, by=None, now=now), now)
        first.refresh_from_db()
        assert first.state == "superseded"

    def test_an_expired_quote_can_no_longer_be_answered(self, sent: Sent, now: datetime) -> None:
        quote, later = sent(), now + timedelta(days=31)
        assert quote.status_on(later.date()) is QuoteStatus.EXPIRED
        assert quote.status_on(later.date() - timedelta(days=1)) is QuoteStatus.SENT
        with pytest.raises(QuoteRefused, match="expired"):
            quotes.decline(quote_id=quote.pk, reason="", now=later)
        word = by_phone(later, on=later.date())
        with pytest.raises(QuoteRefused, match="no longer valid"):
            agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=later)
        word = by_phone(later, on=now.date())  # a paper that was signed in time and came late
        agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=later)

    def test_an_editors_word_needs_a_proof_a_day_and_the_rule(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        cases = [
            (by_phone(now, note=" "), "note"),
            (by_phone(now, on=now.date() + timedelta(days=1)), "between the day it was sent and today"),
            (by_phone(now, on=now.date() - timedelta(days=1)), "between the day it was sent and today"),
        ]
        for word, why in cases:
            with pytest.raises(QuoteRefused, match=why):
                agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=now)
        type(quote.seller).objects.update(quote_rule="signed_only")
        with pytest.raises(QuoteRefused, match="only a signature counts"):
            agreements.accept_by_word(quote_id=quote.pk, word=by_phone(now), chosen={}, by=None, now=now)
        assert not Agreement.objects.exists()

    def test_a_paper_is_kept_with_its_hash(self, sent: Sent, now: datetime) -> None:
        word = by_phone(now, how="paper", note="", file=ContentFile(b"scan", name="signed.pdf"))
        agreement = agreements.accept_by_word(quote_id=sent().pk, word=word, chosen={}, by=None, now=now)
        assert agreement.file.open().read() == b"scan"
        assert '"file_sha256":"' in QuoteStep.objects.get(kind="accepted").data

    def test_a_word_may_be_taken_back_a_signature_not(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        agreements.accept_by_word(quote_id=quote.pk, word=by_phone(now), chosen={}, by=None, now=now)
        assert quotes.cancel(quote_id=quote.pk, reason="A mistake", by=None, now=now).state == "cancelled"
        signed = sent()
        Quote.objects.filter(pk=signed.pk).update(state="signed")
        with pytest.raises(QuoteRefused, match="signed this quote"):
            quotes.cancel(quote_id=signed.pk, reason="", by=None, now=now)

    def test_questions_and_answers_make_a_thread(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        with pytest.raises(QuoteRefused):
            quote_questions.ask(quote_id=quote.pk, name="", email="a@b.example", text="  ", now=now)
        quote_questions.ask(quote_id=quote.pk, name="Nadia", email="nadia@b.example", text="With lunch?", now=now)
        quote_questions.answer(quote_id=quote.pk, text="Yes, vegetarian too.", by=None, now=now)
        asked, answered = Letter.objects.get(kind="owner_quote_question"), Letter.objects.get(kind="quote_answer")
        assert (asked.reply_to, answered.to) == ("nadia@b.example", ["nadia@b.example"])
        assert "With lunch?" in asked.text
        assert ("vegetarian" in answered.text, "With lunch?" in answered.text) == (True, True)
        assert [row.is_answer for row in quote.questions.all()] == [False, True]

    def test_it_is_sent_again_while_it_stands(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        again = {"by": None, "to": ["x@y.example"], "cc": [], "subject": "Again", "text": "#LINK"}
        quotes.send_again(quote_id=quote.pk, now=now, **again)
        assert Letter.objects.filter(kind="quote").count() == 2
        quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now)
        with pytest.raises(QuoteRefused, match="was cancelled"):
            quotes.send_again(quote_id=quote.pk, now=now, **again)

    def test_an_answer_leads_to_the_quote_only_who_had_got_it(self, sent: Sent, now: datetime) -> None:
        quote = sent(language="en", title="A secret plan")
        for address, is_known in (("typo@example.net", False), (quote.customer.email.upper(), True)):
            quote_questions.ask(quote_id=quote.pk, name="", email=address, text="When?", now=now)
            quote_questions.answer(quote_id=quote.pk, text="Tomorrow.", by=None, now=now)
            letter = Letter.objects.filter(kind="quote_answer").latest("pk")
            assert (letter.to, letter.link is not None) == ([address], is_known)
            assert ("A secret plan" in letter.text, "{{ link }}" in letter.html) == (is_known, is_known)
            assert "Tomorrow." in letter.text

    def test_its_history_stands_with_the_quote(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        links.revoke(link=Link.objects.get(), by=None, now=now)
        assert links._subjects(Link.objects.get()) == [quote]


class TestChoices:
    @pytest.fixture
    def quote(self, sent: Sent) -> Quote:
        """Two days that may be one to five, a book, and lunches as an option; 30 % at signature."""
        lines = [
            factories.make_quote_line("Day", "2", "1000", "20", least=Decimal(1), most=Decimal(5)),
            factories.make_quote_line("Book", "1", "100", "5.5"),
            factories.make_quote_line(
                "Lunches", "10", "20", "10", is_optional=True, least=Decimal(5), most=Decimal(20)
            ),
        ]
        plan = [("Deposit", "30", None, "at_signature"), ("Rest", None, None, "on_milestone")]
        return sent(lines=lines, plan=plan)

    def test_options_are_not_in_the_total(self, quote: Quote) -> None:
        assert quote.gross == 240000 + 10550
        printed = quote.paper.frozen
        assert [(line.optional, line.least, line.most) for line in printed.lines] == [
            (False, "1", "5"),
            (False, "", ""),
            (True, "5", "20"),
        ]
        assert printed.lines[2].amount == 20000
        assert [step.amount for step in printed.plan] == [75165, 175385]

    def test_what_is_chosen_is_added_up_and_the_plan_with_it(self, quote: Quote, now: datetime) -> None:
        days, _book, lunches = quote.lines.all()
        chosen = {days.pk: Decimal(3), lunches.pk: Decimal(8)}
        agreement = agreements.accept_by_word(quote_id=quote.pk, word=by_phone(now), chosen=chosen, by=None, now=now)
        assert agreement.gross == 360000 + 10550 + 17600
        final = agreement.frozen
        assert [line.quantity for line in final.lines] == ["3", "1", "8"]
        assert not any(line.optional or line.least for line in final.lines)
        assert sum(step.amount for step in final.plan) == final.gross == final.net + final.tax
        assert final.number == quote.number
        assert snapshot.digest(agreement.text) == agreement.sha256

    @pytest.mark.parametrize("quantities", [("0", None), ("6", None), (None, "4"), (None, "21")])
    def test_quantities_stay_within_their_bounds(self, quote: Quote, quantities: Any, now: datetime) -> None:
        days, _book, lunches = quote.lines.all()
        wanted = zip((days, lunches), quantities, strict=True)
        chosen = {line.pk: Decimal(number) for line, number in wanted if number is not None}
        with pytest.raises(ChoiceRefused, match="Choose a quantity"):
            agreements.accept_by_word(quote_id=quote.pk, word=by_phone(now), chosen=chosen, by=None, now=now)
        quote.refresh_from_db()
        assert quote.state == "sent"

    def test_what_is_firm_stays_and_what_is_strange_is_refused(self, quote: Quote, sent: Sent) -> None:
        book, other = quote.lines.all()[1], sent().lines.get()
        with pytest.raises(ChoiceRefused, match="can't be changed"):
            quote_papers.agreed_document(quote=quote, chosen={book.pk: Decimal(2)})
        with pytest.raises(ChoiceRefused, match="no such line"):
            quote_papers.agreed_document(quote=quote, chosen={other.pk: Decimal(1)})

    def test_something_must_be_chosen(self, sent: Sent) -> None:
        quote = sent(lines=[factories.make_quote_line("Book", "1", "10", "20", is_optional=True)])
        with pytest.raises(ChoiceRefused, match="at least one line"):
            quote_papers.agreed_document(quote=quote, chosen={})


class TestWhatGoesAlong:
    def test_the_letter_brings_the_pdf_and_the_attachments(self, now: datetime, committing: Callable[[], Any]) -> None:
        draft = factories.make_quote()
        draft.attachments.set([QuoteAttachment(file=ContentFile(b"text", "offer.txt"), name="Offer.txt")])
        draft.save()
        with committing():
            send(draft, now)
        names = [enclosure.name for enclosure in envelopes.enclosures(Letter.objects.get())]
        assert names == ["TEST-D2026-0001.pdf", "Offer.txt"]

    def test_the_pdf_bears_the_link(self, sent: Sent) -> None:
        assert "/l/" in renditions._pay_url(sent().paper)

    def test_wiping_test_money_takes_test_quotes_with_it(self, sent: Sent, now: datetime) -> None:
        quote, draft = sent(), factories.make_quote()
        quote_questions.ask(quote_id=quote.pk, name="", email="a@b.example", text="Why?", now=now)
        agreements.accept_by_word(quote_id=quote.pk, word=by_phone(now), chosen={}, by=None, now=now)
        wiping.wipe_test_money(now=now)
        assert list(Quote.objects.all()) == [draft]
        assert not [model for model in (Agreement, QuoteStep, IssuedDocument, Link) if model.objects.exists()]


class TestEvidence:
    def test_the_chain_holds_and_a_change_shows(self, sent: Sent, now: datetime) -> None:
        quote = sent()
        quote_questions.ask(quote_id=quote.pk, name="", email="a@b.example", text="Why?", now=now)
        quotes.decline(quote_id=quote.pk, reason="No", now=now)
        quote = Quote.objects.get(pk=quote.pk)
        assert evidence.broken_at(quote) == 0
        with connection.cursor() as cursor:
            cursor.execute("UPDATE wagtail_payments_quotestep SET ip = '192.0.2.9' WHERE number = 2")
        assert evidence.broken_at(quote) == 2

    def test_a_step_that_is_gone_shows(self, sent: Sent, now: datetime) -> None:
        quote = quotes.decline(quote_id=sent().pk, reason="No", now=now)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM wagtail_payments_quotestep WHERE number = 1")
        assert evidence.broken_at(quote) == 1


EVENTS: dict[QuoteEvent, Callable[[Quote, datetime], object]] = {
    QuoteEvent.SEND: send,
    QuoteEvent.ACCEPT: lambda quote, now: agreements.accept_by_word(
        quote_id=quote.pk, word=by_phone(now), chosen={}, by=None, now=now
    ),
    QuoteEvent.DECLINE: lambda quote, now: quotes.decline(quote_id=quote.pk, reason="", now=now),
    QuoteEvent.CANCEL: lambda quote, now: quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now),
    QuoteEvent.SUPERSEDE: lambda quote, now: quote_versions.revise(quote_id=quote.pk, by=None, now=now),
}


def in_state(state: QuoteState, now: datetime) -> Quote:
    quote = factories.make_quote()
    if state is QuoteState.DRAFT:
        return quote
    send(quote, now)
    live = F("family") if state in ("sent", "signed", "accepted") else None
    Quote.objects.filter(pk=quote.pk).update(state=state, live_slot=live)
    return Quote.objects.get(pk=quote.pk)


def everything() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values()) for model in (Quote, QuoteStep, Agreement, Letter)]
    return [[{name: value for name, value in row.items() if name != "lock_count"} for row in table] for table in rows]


@pytest.mark.parametrize(("state", "event"), list(product(QuoteState, EVENTS)))
def test_every_move_outside_the_table_is_refused_and_changes_nothing(
    state: QuoteState, event: QuoteEvent, now: datetime
) -> None:
    quote = in_state(state, now)
    before = everything()
    if event in QUOTE_MOVES[state]:
        EVENTS[event](quote, now)
        assert everything() != before
        return
    with pytest.raises(QuoteRefused) as refused:
        EVENTS[event](quote, now)
    assert str(refused.value).endswith(".")
    assert everything() == before


@pytest.mark.parametrize(("state", "event"), list(product(QuoteState, QuoteEvent)))
def test_every_refusal_is_a_sentence(state: QuoteState, event: QuoteEvent) -> None:
    why = quotes.refusal(state, event)
    assert why == "" if event in QUOTE_MOVES[state] else why.endswith(".")


def test_a_family_has_one_version_in_force(sent: Sent, now: datetime) -> None:
    first = sent()
    second = send(quote_versions.revise(quote_id=first.pk, by=None, now=now), now)
    assert list(Quote.objects.exclude(live_slot=None)) == [second]
    assert date(2026, 4, 15) == second.valid_until
