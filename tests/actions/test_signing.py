"""Signing: the code, the last step, the signed copy, its evidence, and leaving the contract."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from pypdf import PdfReader

from tests import factories
from tests.actions.signers import HERE, JULIE, PLAN, proven, sent_quote, sign, with_options
from wagtail_payments.actions import (
    agreements,
    evidence,
    evidence_packs,
    quote_papers,
    quote_questions,
    quote_versions,
    quotes,
    signatures,
    signed_papers,
    signing,
    withdrawals,
)
from wagtail_payments.actions.agreements import Word
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.actions.signatures import ChoicesChanged, NotProven, WordsMissing
from wagtail_payments.actions.signing import Signer
from wagtail_payments.actions.withdrawals import WithdrawalRefused
from wagtail_payments.core import snapshot
from wagtail_payments.core.evidence import bytes_digest
from wagtail_payments.core.lifecycle import QuoteState
from wagtail_payments.mail import codes, envelopes
from wagtail_payments.mail.addresses import AddressRefused
from wagtail_payments.models import Agreement, Alert, Letter, Quote, QuoteStep, Rendition, SigningCode, Withdrawal
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db


def kinds(quote: Quote) -> list[str]:
    return [step.kind for step in QuoteStep.objects.filter(quote=quote).order_by("number")]


def begin(quote: Quote, now: datetime, signer: Signer = JULIE, **chosen: Any) -> SigningCode:
    return signing.begin(quote_id=quote.pk, signer=signer, chosen=chosen.get("chosen", {}), now=now, trace=HERE)


def prove(quote: Quote, row: SigningCode, typed: str, now: datetime) -> bool:
    return signing.prove(quote_id=quote.pk, code_id=row.pk, typed=typed, now=now, trace=HERE)


def wrong(row: SigningCode) -> str:
    return f"{(int(codes.code_of(row)) + 1) % 10**6:06d}"


class TestTheCode:
    def test_it_comes_by_a_letter_and_is_stored_nowhere(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = begin(quote, now)
        code, letter = codes.code_of(row), Letter.objects.get(kind="signing_code")
        assert len(code) == 6
        assert code.isdigit()
        assert code not in row.digest + letter.text + letter.html + letter.subject
        message = envelopes.message_of(letter)
        assert message.to == ["julie@example.org"]
        assert code in message.body
        assert code in message.alternatives[0][0]  # type: ignore[index]
        assert code not in message.subject

    def test_its_letter_says_nothing_of_the_quote_nor_what_was_typed(self, now: datetime) -> None:
        quote = sent_quote(now, title="A secret plan", language="en")
        begin(quote, now, Signer("Buy pills at evil.example", "Now", "victim@example.org"))
        letter = Letter.objects.get(kind="signing_code")
        for said in (letter.subject, letter.text, letter.html):
            assert not [word for word in ("secret", "evil", "1,440", "/l/") if word in said]

    def test_the_right_one_proves_the_address(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = begin(quote, now)
        spaced = f" {codes.code_of(row)[:3]} {codes.code_of(row)[3:]} "
        assert prove(quote, row, spaced, now)
        row.refresh_from_db()
        assert (row.proven_at, row.slot) == (now, None)
        assert kinds(quote) == ["sent", "code_sent", "code_proven"]

    def test_a_wrong_one_counts_and_after_five_even_the_right_one_is_refused(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = begin(quote, now)
        assert not any(prove(quote, row, wrong(row), now) for _ in range(SigningCode.TRIES))
        assert not prove(quote, row, codes.code_of(row), now)
        assert kinds(quote)[2:] == ["code_refused"] * 5

    def test_it_lasts_ten_minutes(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = begin(quote, now)
        assert not prove(quote, row, codes.code_of(row), now + timedelta(minutes=10))

    def test_the_next_one_ends_the_one_before(self, now: datetime) -> None:
        quote = sent_quote(now)
        first, second = begin(quote, now), begin(quote, now + timedelta(seconds=1))
        assert not prove(quote, first, codes.code_of(first), now)
        assert prove(quote, second, codes.code_of(second), now)

    def test_one_of_another_quote_proves_nothing(self, now: datetime) -> None:
        quote, other = sent_quote(now), sent_quote(now)
        row = begin(other, now)
        assert not prove(quote, row, codes.code_of(row), now)

    def test_of_a_quote_that_was_taken_back_it_proves_nothing(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = begin(quote, now)
        quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now)
        assert not prove(quote, row, codes.code_of(row), now)
        assert kinds(quote)[-1] == "cancelled"

    def test_a_rotated_key_still_knows_it(self, now: datetime, settings: Any) -> None:
        quote = sent_quote(now)
        settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LINK_KEYS": {"a": "x" * 40}}
        row = begin(quote, now)
        code = codes.code_of(row)
        settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"LINK_KEYS": {"b": "y" * 40, "a": "x" * 40}}
        assert prove(quote, row, code, now)

    def test_no_code_leaves_for_what_is_no_address_or_can_no_longer_be_signed(self, now: datetime) -> None:
        quote = sent_quote(now)
        with pytest.raises(AddressRefused):
            begin(quote, now, Signer("Julie", "", "julie@"))
        with pytest.raises(quote_papers.ChoiceRefused):
            begin(quote, now, chosen={0: Decimal(1)})
        with pytest.raises(QuoteRefused):
            begin(quote, now + timedelta(days=40))
        assert not SigningCode.objects.exists()


class TestSigning:
    def test_what_was_chosen_is_frozen_with_its_hash(self, now: datetime) -> None:
        quote = with_options(now, plan=PLAN)
        training, book = quote.lines.all()
        agreement = sign(quote, proven(quote, now, {training.pk: Decimal(3), book.pk: Decimal(1)}), now)
        quote.refresh_from_db()
        assert (quote.state, agreement.gross) == (QuoteState.SIGNED, 163200)
        assert snapshot.digest(agreement.text) == agreement.sha256
        assert [(line.description, line.quantity) for line in agreement.frozen.lines] == [
            ("Training", "3"),
            ("Book", "1"),
        ]
        assert agreement.frozen.plan[0].amount == 48960
        assert (agreement.name, agreement.role, agreement.email) == ("Julie Martin", "Manager", "julie@example.org")
        assert agreement.typed == "Bon pour accord"
        assert "Julie Martin, Manager" in agreement.consent
        assert "1\xa0632,00" in agreement.consent
        assert kinds(quote) == ["sent", "code_sent", "code_proven", "signed"]
        signed = QuoteStep.objects.get(kind="signed")
        assert (signed.ip, json.loads(signed.data)["sha256"]) == (HERE.ip, agreement.sha256)
        assert evidence_packs.problems(quote) == []

    def test_twice_is_once(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = proven(quote, now)
        assert sign(quote, row, now) == sign(quote, row, now + timedelta(seconds=1))
        assert kinds(quote).count("signed") == Agreement.objects.count() == 1

    def test_somebody_else_comes_too_late(self, now: datetime) -> None:
        quote = sent_quote(now)
        mine, other = proven(quote, now), proven(quote, now, name="Paul Durand", email="paul@example.org")
        sign(quote, mine, now)
        with pytest.raises(QuoteRefused):
            sign(quote, other, now)

    def test_without_the_code_nothing_is_signed(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = begin(quote, now)
        for code_id, at in ((row.pk, now), (0, now)):
            with pytest.raises(NotProven):
                signatures.final(quote=quote, code_id=code_id, now=at)
        proved = proven(quote, now)
        with pytest.raises(NotProven):
            sign(quote, proved, now + timedelta(minutes=SigningCode.PROOF_MINUTES))

    def test_what_is_signed_is_what_was_shown(self, now: datetime) -> None:
        quote = with_options(now)
        with pytest.raises(ChoicesChanged):
            sign(quote, proven(quote, now), now, shown="0" * 64)
        with pytest.raises(ChoicesChanged):
            sign(quote, proven(quote, now), now, shown="é")

    @pytest.mark.parametrize("typed", ["bon pour accord", "« Bon pour accord »", "BON  POUR ACCORD."])
    def test_the_words_may_be_typed_as_people_do(self, now: datetime, typed: str) -> None:
        quote = sent_quote(now)
        assert sign(quote, proven(quote, now), now, typed=typed).typed == "Bon pour accord"

    @pytest.mark.parametrize("typed", ["", "oui", "Read and approved"])
    def test_other_words_are_no_signature(self, now: datetime, typed: str) -> None:
        quote = sent_quote(now)
        with pytest.raises(WordsMissing, match="Bon pour accord"):
            sign(quote, proven(quote, now), now, typed=typed)
        assert not Agreement.objects.exists()

    def test_expired_replaced_declined_and_cancelled_ones_are_refused(self, now: datetime) -> None:
        expired, replaced, declined, cancelled = (sent_quote(now) for _ in range(4))
        rows = {quote: proven(quote, now + timedelta(days=30)) for quote in (expired, replaced, declined, cancelled)}
        draft = quote_versions.revise(quote_id=replaced.pk, by=None, now=now)
        quotes.send(quote_id=draft.pk, by=None, now=now, to=["a@example.org"], cc=[], subject="S", text="T")
        quotes.decline(quote_id=declined.pk, reason="", now=now)
        quotes.cancel(quote_id=cancelled.pk, reason="", by=None, now=now)
        late = now + timedelta(days=30, minutes=50)
        for quote, row in rows.items():
            at = late + timedelta(days=1) if quote == expired else late
            row.proven_at = at
            row.save()
            with pytest.raises(QuoteRefused):
                sign(quote, row, at)
        assert not Agreement.objects.exists()

    def test_a_crash_signs_nothing(self, now: datetime) -> None:
        quote = sent_quote(now)
        row = proven(quote, now)
        with pytest.raises(SimulatedCrash), crash_at("quote.signing"):
            sign(quote, row, now)
        assert not Agreement.objects.exists()
        assert sign(quote, row, now)


def test_a_name_that_turns_the_writing_around_does_not_turn_the_sentence(now: datetime) -> None:
    quote = sent_quote(now, language="en", customer=factories.make_consumer())
    name = "Julie \u202eMartin\u2066\x07"
    agreement = sign(quote, proven(quote, now, name=name, role="Bo\u202ess"), now)
    assert (agreement.name, agreement.role) == ("Julie Martin", "Bo ss")
    assert "By signing I, Julie Martin, Bo ss, accept" in agreement.consent
    made = withdrawals.withdraw(quote_id=quote.pk, name=name, email="julie@example.org", now=now, trace=HERE)
    assert made.name == "Julie Martin"
    assert "I, Julie Martin, withdraw" in made.statement


class TestTheSignedCopy:
    def test_it_is_drawn_and_sent_to_both_right_after(self, now: datetime, committing: Callable[[], Any]) -> None:
        quote = with_options(now, language="en", terms="Paid within 30 days.")
        row = proven(quote, now)
        with committing():
            sign(quote, row, now)
        copy = Rendition.objects.get(kind="signed")
        text = pages(copy)
        assert "Signed electronically by Julie Martin, Manager" in text
        assert "Certificate of the signature of quote TEST-D2026-0001" in text
        assert "Simple electronic signature" in text
        assert "ualified" not in text
        assert Agreement.objects.get().sha256 in text
        assert "192.0.2.7" in text
        mine, owners = Letter.objects.get(kind="quote_signed"), Letter.objects.get(kind="owner_quote_signed")
        assert (mine.to, owners.to) == (["julie@example.org"], [quote.seller.email])
        assert [letter.name for letter in envelopes.enclosures(mine)] == ["TEST-D2026-0001.pdf"]
        assert bytes_digest(envelopes.enclosures(owners)[0].content) == copy.sha256

    def test_a_crash_is_made_good_by_the_sweep(self, now: datetime) -> None:
        quote = sent_quote(now)
        agreement = sign(quote, proven(quote, now), now)
        with pytest.raises(SimulatedCrash), crash_at("signed.drawn"):
            signed_papers.draw(agreement=agreement, now=now)
        assert signed_papers.draw_missing(now=now) == 0
        assert signed_papers.draw_missing(now=now + timedelta(minutes=1)) == 1
        assert signed_papers.draw_missing(now=now + timedelta(minutes=1)) == 0
        assert Letter.objects.filter(kind__endswith="quote_signed").count() == 2

    def test_what_fails_is_told_to_the_editors(self, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        quote = sent_quote(now)
        agreement = sign(quote, proven(quote, now), now)
        monkeypatch.setattr("wagtail_payments.printing.seal.sealed", lambda pdf: 1 / 0)
        assert not signed_papers.draw_or_alert(agreement=agreement, now=now)
        assert quote.number in Alert.objects.get().text


def pages(rendition: Rendition) -> str:
    with rendition.file.open("rb") as file:
        return "\n".join(page.extract_text() for page in PdfReader(file).pages)


class TestTheEvidence:
    @pytest.fixture
    def signed(self, now: datetime) -> Quote:
        quote = with_options(now)
        quote_questions.ask(quote_id=quote.pk, name="", email="julie@example.org", text="When?", now=now)
        quote_questions.answer(quote_id=quote.pk, text="In May.", by=None, now=now)
        agreement = sign(quote, proven(quote, now), now)
        signed_papers.draw(agreement=agreement, now=now)
        return Quote.objects.get(pk=quote.pk)

    def test_the_pack_holds_all_of_it(self, signed: Quote) -> None:
        pack = zipfile.ZipFile(io.BytesIO(evidence_packs.evidence_pack(signed)))
        names = set(pack.namelist())
        assert {"quote.pdf", "signed.pdf", "quote.json", "agreement.json", "certificate.json"} <= names
        assert any("owner_quote_signed" in name for name in names)
        certificate = json.loads(pack.read("certificate.json"))
        assert certificate["agreement"]["sha256"] == snapshot.digest(pack.read("agreement.json").decode())
        assert [step["kind"] for step in certificate["steps"]][-1] == "signed"
        assert evidence_packs.evidence_pack(signed) == evidence_packs.evidence_pack(signed)

    def test_the_customers_pack_has_no_letter_to_the_seller(self, signed: Quote) -> None:
        pack = zipfile.ZipFile(io.BytesIO(evidence_packs.evidence_pack(signed, for_customer=True)))
        assert not [name for name in pack.namelist() if "owner" in name]
        assert [name for name in pack.namelist() if "quote_signed" in name]

    def test_the_customers_pack_has_nothing_that_editors_noted_for_themselves(self, now: datetime) -> None:
        quote = sent_quote(now)
        word = Word("phone", now.date(), "Julie", note="A difficult customer")
        agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=now)
        quotes.cancel(quote_id=quote.pk, reason="Too difficult", by=None, now=now)
        quote.refresh_from_db()
        assert evidence_packs.problems(quote) == []
        for for_customer in (True, False):
            pack = zipfile.ZipFile(io.BytesIO(evidence_packs.evidence_pack(quote, for_customer=for_customer)))
            said = " ".join(pack.read(name).decode(errors="ignore") for name in pack.namelist())
            assert ("difficult" in said) is not for_customer

    def test_an_unsigned_quote_has_a_pack_too(self, now: datetime) -> None:
        pack = zipfile.ZipFile(io.BytesIO(evidence_packs.evidence_pack(sent_quote(now))))
        assert {"quote.json", "steps.json"} <= set(pack.namelist())

    @pytest.mark.parametrize(
        ("table", "change", "found"),
        [
            ("quotestep", "ip = '203.0.113.9' WHERE number = 2", "step 2"),
            ("quotestep", "number = 9 WHERE number = 3", "step 3"),
            ("agreement", "text = '{}'", "agreement_text"),
            ("agreement", "gross = 1", "agreement_totals"),
            ("agreement", "terms_sha256 = 'x'", "terms"),
            ("agreement", "name = 'Somebody Else'", "agreement_step"),
            ("agreement", "email = 'other@example.org'", "agreement_step"),
            ("agreement", "consent = 'x'", "agreement_step"),
            ("agreement", "typed = 'x'", "agreement_step"),
            ("quote", "state = 'withdrawn'", "no step withdrawn"),
            ("quotequestion", "text = 'x' WHERE is_answer = FALSE", "text question"),
            ("quotequestion", "text = 'x' WHERE is_answer = TRUE", "text answer"),
            ("issueddocument", "text = '{}'", "quote_text"),
            ("rendition", "sha256 = 'x' WHERE kind = 'signed'", "file signed"),
        ],
    )
    def test_tampering_is_found(self, signed: Quote, table: str, change: str, found: str) -> None:
        assert evidence_packs.problems(signed) == []
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE wagtail_payments_{table} SET {change}")  # noqa: S608
        assert found in evidence_packs.problems(Quote.objects.get(pk=signed.pk))

    def test_the_command_tells_it(self, signed: Quote) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE wagtail_payments_agreement SET name = 'Somebody Else'")
        told = StringIO()
        with pytest.raises(CommandError):
            call_command("verify_books", stdout=told)
        assert f"{signed.number}: its evidence is not whole (agreement_step)" in told.getvalue()

    def test_the_paper_of_an_acceptance_is_looked_at_too(self, now: datetime) -> None:
        quote = sent_quote(now)
        word = Word("paper", now.date(), "Julie Martin", file=ContentFile(b"signed", "paper.pdf"))
        agreement = agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=now)
        quote.refresh_from_db()
        assert evidence_packs.problems(quote) == []
        storage, name = agreement.file.storage, str(agreement.file.name)
        storage.delete(name)
        storage.save(name, ContentFile(b"another"))
        assert evidence_packs.problems(quote) == ["agreement_step"]
        storage.delete(name)
        assert evidence_packs.problems(quote) == ["file acceptance"]

    def test_a_file_that_is_gone_or_another_is_found(self, signed: Quote) -> None:
        copy = Rendition.objects.get(kind="signed")
        copy.file.storage.delete(str(copy.file.name))
        assert evidence_packs.problems(signed) == ["file signed"]

    def test_a_chain_cut_after_the_signature_is_found(self, signed: Quote) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM wagtail_payments_quotestep WHERE kind = 'signed'")
        assert evidence.broken_at(signed) == 0
        assert "agreement_step" in evidence_packs.problems(signed)


class TestWithdrawing:
    @pytest.fixture
    def signed(self, now: datetime) -> Callable[..., Quote]:
        def make(**fields: Any) -> Quote:
            quote = sent_quote(now, **{"customer": factories.make_consumer(), "language": "en"} | fields)
            sign(quote, proven(quote, now), now)
            return Quote.objects.get(pk=quote.pk)

        return make

    def withdraw(self, quote: Quote, now: datetime) -> Withdrawal:
        return withdrawals.withdraw(
            quote_id=quote.pk, name="Julie Martin", email="julie@example.org", now=now, trace=HERE
        )

    def test_a_private_person_leaves_and_both_sides_are_told(self, signed: Any, now: datetime) -> None:
        quote = signed()
        made = self.withdraw(quote, now)
        quote.refresh_from_db()
        assert quote.state == QuoteState.WITHDRAWN
        assert "I, Julie Martin, withdraw from the contract" in made.statement
        acknowledged, told = Letter.objects.get(kind="withdrawal"), Letter.objects.get(kind="owner_withdrawal")
        assert acknowledged.to == ["julie@example.org"]
        assert made.statement in acknowledged.text.replace("\n", " ")
        assert "(Paris time)" in acknowledged.text
        assert told.to == [quote.seller.email]
        assert quote.number in Alert.objects.get(kind="withdrawal").text
        assert kinds(quote)[-1] == "withdrawn"
        assert evidence.broken_at(quote) == 0
        assert evidence_packs.problems(quote) == []

    def test_twice_is_once(self, signed: Any, now: datetime) -> None:
        quote = signed()
        assert self.withdraw(quote, now) == self.withdraw(quote, now)
        assert Letter.objects.filter(kind="withdrawal").count() == 1

    def test_who_signed_hears_of_it_whatever_address_was_typed(self, signed: Any, now: datetime) -> None:
        quote = signed()
        withdrawals.withdraw(quote_id=quote.pk, name="J", email="typo@example.net", now=now, trace=HERE)
        letter = Letter.objects.get(kind="withdrawal")
        assert (letter.to, letter.cc) == (["typo@example.net"], ["julie@example.org"])

    def test_it_is_kept_as_it_is(self, signed: Any, now: datetime) -> None:
        made = self.withdraw(signed(), now)
        made.name = "Somebody else"
        with pytest.raises(Exception, match="can't be changed"):
            made.save()

    def test_the_time_is_over_after_fourteen_days(self, signed: Any, now: datetime) -> None:
        quote = signed()
        agreement = quote.agreement
        right = withdrawals.right_to(quote=quote, agreement=agreement, now=now)
        assert right is not None
        assert right.is_open
        with pytest.raises(WithdrawalRefused, match="time to withdraw is over"):
            self.withdraw(quote, now + (right.last_day - now.date() + timedelta(days=1)))

    def test_a_business_has_no_such_right(self, signed: Any, now: datetime) -> None:
        quote = signed(customer=factories.make_customer())
        assert withdrawals.right_to(quote=quote, agreement=quote.agreement, now=now) is None
        with pytest.raises(WithdrawalRefused):
            self.withdraw(quote, now)

    def test_an_exception_has_its_reason_which_is_printed(self, signed: Any, now: datetime) -> None:
        quote = signed(no_withdrawal="dated_leisure")
        assert any("L221-28, 12°" in mention for mention in quote.document.frozen.mentions)
        with pytest.raises(WithdrawalRefused, match="12°"):
            self.withdraw(quote, now)

    def test_the_right_is_printed_too(self, signed: Any) -> None:
        assert any("L221-18" in mention for mention in signed().document.frozen.mentions)

    def test_an_unsigned_quote_can_not_be_left(self, now: datetime) -> None:
        with pytest.raises(WithdrawalRefused):
            self.withdraw(sent_quote(now, customer=factories.make_consumer()), now)


@pytest.mark.parametrize("name", ["Bob \\u0000", "Bob \\", 'Bob "\\\\u0000"', "Bob \x00"])
def test_a_step_can_be_read_whatever_was_typed(now: datetime, name: str) -> None:
    quote = sent_quote(now)
    sign(quote, proven(quote, now, name=name), now)
    kept = " ".join(name.replace("\x00", "").split())
    steps = QuoteStep.objects.filter(quote=quote).exclude(kind="sent")
    assert {json.loads(step.data)["name"] for step in steps} == {kept}
    assert evidence_packs.problems(quote) == []
