"""A quote at its customer's: every state, choosing, the three steps of signing, declining, withdrawing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from tests import factories
from tests.actions.signers import HERE, JULIE, PLAN, proven, sent_quote, sign, with_options
from tests.pages.test_invoices import add_page
from tests.portal.conftest import link_of, new_browser, open_link
from wagtail_payments.actions import agreements, quote_questions, quote_versions, quotes, signed_papers
from wagtail_payments.actions.agreements import Word
from wagtail_payments.core.lifecycle import QuoteState
from wagtail_payments.mail import codes
from wagtail_payments.models import (
    Agreement,
    Letter,
    Opening,
    Quote,
    QuoteAttachment,
    QuoteQuestion,
    QuoteStep,
    SigningCode,
    Withdrawal,
)
from wagtail_payments.portal import limits

pytestmark = pytest.mark.django_db
WHO = {"name": "Julie Martin", "role": "Manager", "email": "julie@example.org"}


def url(name: str, quote: Quote) -> str:
    tail = {"document": "", "sign_code": "sign/code/", "sign_confirm": "sign/confirm/"}.get(name, f"{name}/")
    return f"/payments/d/{link_of(quote.document).public_id}/{tail}"  # type: ignore[arg-type]


def page(browser: Client, quote: Quote, query: str = "") -> str:
    answer = browser.get(url("document", quote) + query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def quote(browser: Client, clock: Callable[[], datetime]) -> Quote:
    """A quote in English, whose link was opened in the browser."""
    return opened(browser, sent_quote(clock(), language="en", plan=PLAN, terms="Paid within 30 days."))


def opened(browser: Client, quote: Quote) -> Quote:
    assert quote.document is not None
    open_link(browser, quote.document)
    return quote


def last_code() -> str:
    return codes.code_of(SigningCode.objects.latest("pk"))


def sign_all(browser: Client, quote: Quote, *, words: str = "Read and approved", **chosen: str) -> Any:
    """Go through the three steps; return the last answer."""
    assert browser.post(url("sign", quote), WHO | chosen)["Location"] == url("sign_code", quote)
    assert browser.post(url("sign_code", quote), {"code": last_code()})["Location"] == url("sign_confirm", quote)
    return press(browser, quote, words)


def press(browser: Client, quote: Quote, typed: str = "Read and approved", shown: str = "") -> Any:
    final = browser.get(url("sign_confirm", quote)).content.decode()
    found = re.search(r'name="shown" value="(\w+)"', final)
    return browser.post(url("sign_confirm", quote), {"shown": shown or (found[1] if found else ""), "typed": typed})


class TestThePage:
    def test_it_says_who_what_how_much_until_when_and_leads_to_signing(self, browser: Client, quote: Quote) -> None:
        said = page(browser, quote)
        for words in (
            "€1,440.00",
            "Valid until April 15, 2026",
            "Sign this quote",
            "Billing plan",
            "€432.00",
            "Decline",
        ):
            assert words in said, words
        assert url("sign", quote) in said
        assert "Paid within 30 days." in said
        assert "wp-pay__" not in said
        assert "Pay €" not in said

    def test_opening_is_kept_as_evidence_and_changes_nothing(self, browser: Client, quote: Quote) -> None:
        assert Opening.objects.count() == 1
        assert [step.kind for step in quote.steps.all()] == ["sent", "opened"]
        assert QuoteStep.objects.get(kind="opened").ip == ""
        for agent in ("Slackbot 1.0", ""):
            open_link(Client(headers={"user-agent": agent}), quote.document)  # type: ignore[arg-type]
        for name in ("document", "sign", "decline", "sign_code", "sign_confirm", "withdraw", "signed", "evidence"):
            browser.get(url(name, quote))
        assert QuoteStep.objects.count() == 2
        quote.refresh_from_db()
        assert quote.state == QuoteState.SENT

    def test_who_has_not_opened_the_link_sees_nothing(self, quote: Quote) -> None:
        for name in ("document", "sign", "sign_code", "sign_confirm", "decline", "withdraw", "signed", "evidence"):
            answer = new_browser().get(url(name, quote))
            assert answer.status_code == 404
            assert quote.number.encode() not in answer.content

    def test_staff_may_look_and_not_answer_for_the_customer(self, admin_client: Client, quote: Quote) -> None:
        assert admin_client.get(url("document", quote)).status_code == 200
        for name in ("sign", "decline", "withdraw"):
            assert admin_client.get(url(name, quote)).status_code == 404
        asked = {"question-email": "a@example.org", "question-text": "When?"}
        assert admin_client.post(url("question", quote), asked).status_code == 404
        assert not QuoteQuestion.objects.exists()

    def test_what_was_typed_is_escaped(self, browser: Client, clock: Any) -> None:
        evil = "<script>alert(1)</script>"
        line = factories.make_quote_line(evil, "1", "10", "20", is_optional=True)
        firm = factories.make_quote_line(evil, "1", "10", "20")
        quote = opened(browser, sent_quote(clock(), title=evil, terms=evil, lines=[firm, line], language="en"))
        quote_questions.ask(quote_id=quote.pk, name=evil, email="a@example.org", text=evil, now=clock())
        said = browser.post(url("sign", quote), WHO | {"name": evil, "role": evil})
        assert said.status_code == 303
        browser.post(url("sign_code", quote), {"code": last_code()})
        for name in ("document", "sign", "sign_code", "sign_confirm", "decline"):
            assert evil.encode() not in browser.get(url(name, quote)).content, name

    def test_attachments_and_the_pdf(self, browser: Client, clock: Any) -> None:
        quote = factories.make_quote(language="en")
        kept = QuoteAttachment(quote=quote, name="Programme")
        kept.file.save("programme.txt", ContentFile(b"Monday"))
        quotes.send(quote_id=quote.pk, by=None, now=clock(), to=["a@example.org"], cc=[], subject="S", text="T")
        opened(browser, Quote.objects.get(pk=quote.pk))
        sent = Quote.objects.get(pk=quote.pk)
        assert "Programme" in page(browser, sent)
        answer = browser.get(url("attachment", sent) + f"{sent.attachments.get().pk}/")
        assert answer.content == b"Monday"
        assert browser.get(url("pdf", sent)).content.startswith(b"%PDF")

    def test_it_stands_in_the_sites_own_page_where_there_is_one(self, browser: Client, clock: Any) -> None:
        counter = add_page()
        quote = with_options(clock(), language="en")
        answer = open_link(browser, quote.paper)
        assert answer["Location"].startswith(counter.url)
        training = quote.lines.first()
        said = unescape(browser.get(answer["Location"] + f"?chosen=1&q-{training.pk}=3").content.decode())
        assert "€1,620.00" in said
        declined = browser.post(url("decline", quote), {})
        assert declined["Location"].startswith(answer["Location"])
        assert "You have declined this quote" in browser.get(declined["Location"]).content.decode()


class TestStates:
    def test_expired(self, browser: Client, quote: Quote, clock: Any) -> None:
        clock.advance(days=31)
        open_link(browser, quote.document)  # type: ignore[arg-type]
        said = page(browser, quote)
        assert "This quote was valid until April 15, 2026" in said
        assert "Sign this quote" not in said
        assert browser.get(url("sign", quote)).status_code == 303
        assert browser.post(url("decline", quote), {}).status_code == 303

    @pytest.mark.parametrize("same", [True, False])
    def test_replaced_leads_to_the_newer_one_only_where_that_went_to_the_same(
        self, browser: Client, quote: Quote, clock: Any, same: bool
    ) -> None:
        draft = quote_versions.revise(quote_id=quote.pk, by=None, now=clock())
        to = [quote.customer.email.upper()] if same else ["else@example.org"]
        newer = quotes.send(quote_id=draft.pk, by=None, now=clock(), to=to, cc=[], subject="S", text="T")
        said = page(browser, quote)
        assert "A newer version of this quote exists" in said
        assert ("/payments/l/" in said) is same
        assert link_of(newer.document).public_id in said if same else newer.number not in said  # type: ignore[arg-type]
        assert "Sign this quote" not in said

    def test_declined_and_cancelled(self, browser: Client, quote: Quote, clock: Any) -> None:
        quotes.decline(quote_id=quote.pk, reason="", now=clock())
        assert "You have declined this quote" in page(browser, quote)
        other = opened(browser, sent_quote(clock(), language="en"))
        quotes.cancel(quote_id=other.pk, reason="", by=None, now=clock())
        assert "The seller has taken this quote back" in page(browser, other)

    def test_accepted_by_phone(self, browser: Client, quote: Quote, clock: Any) -> None:
        word = Word(how="phone", on=clock().date(), name="Nadia", note="She called.")
        agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=None, now=clock())
        said = page(browser, quote)
        assert "Accepted by Nadia" in said
        assert "Sign this quote" not in said

    def test_in_french(self, browser: Client, clock: Any) -> None:
        quote = opened(browser, sent_quote(clock(), language="fr"))
        said = page(browser, quote)
        assert "Signer ce devis" in said
        assert "Valable jusqu’au 15 avril 2026" in said


class TestChoosing:
    def test_the_total_follows_without_a_change(self, browser: Client, clock: Any) -> None:
        quote = opened(browser, with_options(clock(), language="en"))
        training, book = quote.lines.all()
        assert "€1,080.00" in page(browser, quote)
        said = page(browser, quote, f"?chosen=1&q-{training.pk}=3&o-{book.pk}=on")
        assert "€1,632.00" in said
        assert f"sign/?chosen=1&q-{training.pk}=3&o-{book.pk}=on" in said

    @pytest.mark.parametrize("typed", ["0", "6", "x", "", "NaN", "1e9999999", "2.123456"])
    def test_what_is_out_of_bounds_is_said_and_kept(self, browser: Client, clock: Any, typed: str) -> None:
        quote = opened(browser, with_options(clock(), language="en"))
        name = f"q-{quote.lines.first().pk}"
        answer = browser.post(url("sign", quote), WHO | {"chosen": "1", name: typed})
        assert answer.status_code == 422
        said = answer.content.decode()
        assert "Give a quantity from 1 to 5." in said
        assert 'value="Julie Martin"' in said
        assert not SigningCode.objects.exists()
        assert "Give a quantity" in page(browser, quote, f"?chosen=1&{name}={typed}")

    def test_a_decimal_comma_is_understood(self, browser: Client, clock: Any) -> None:
        quote = opened(browser, with_options(clock(), language="en"))
        answer = sign_all(browser, quote, **{"chosen": "1", f"q-{quote.lines.first().pk}": "2,5"})
        assert answer.status_code == 303
        assert Agreement.objects.get().gross == 135000


class TestSigning:
    def test_the_three_steps(self, browser: Client, quote: Quote) -> None:
        assert "Step 1 of 3" in browser.get(url("sign", quote)).content.decode()
        answer = sign_all(browser, quote)
        agreement = Agreement.objects.get()
        assert (agreement.name, agreement.role, agreement.email) == ("Julie Martin", "Manager", "julie@example.org")
        assert (agreement.typed, agreement.gross) == ("Read and approved", 144000)
        assert agreement.terms_sha256
        said = unescape(browser.get(answer["Location"]).content.decode())
        assert "It is signed." in said
        assert "Signed by Julie Martin on" in said
        assert "Sign this quote" not in said

    def test_options_chosen_on_the_page_come_along(self, browser: Client, clock: Any) -> None:
        quote = opened(browser, with_options(clock(), language="en"))
        training, book = quote.lines.all()
        first = browser.get(url("sign", quote) + f"?chosen=1&q-{training.pk}=3&o-{book.pk}=on").content.decode()
        assert 'value="3"' in first
        assert f'id="wp-o-{book.pk}" checked' in first
        sign_all(browser, quote, **{"chosen": "1", f"q-{training.pk}": "3", f"o-{book.pk}": "on"})
        assert Agreement.objects.get().gross == 163200

    @pytest.mark.parametrize("field", ["name", "email"])
    def test_what_is_missing_is_said_and_the_rest_is_kept(self, browser: Client, quote: Quote, field: str) -> None:
        answer = browser.post(url("sign", quote), WHO | {field: ""})
        assert answer.status_code == 422
        said = answer.content.decode()
        assert 'aria-invalid="true"' in said
        assert all(f'value="{value}"' in said for name, value in WHO.items() if name != field)

    def test_wrong_expired_and_worn_out_codes_are_answered_alike(
        self, browser: Client, quote: Quote, clock: Any
    ) -> None:
        browser.post(url("sign", quote), WHO)
        right = last_code()
        wrong = f"{(int(right) + 1) % 10**6:06d}"
        tries = [browser.post(url("sign_code", quote), {"code": wrong}) for _ in range(6)]
        tries.append(browser.post(url("sign_code", quote), {"code": right}))
        clock.advance(minutes=11)
        tries.append(browser.post(url("sign_code", quote), {"code": right}))
        assert {answer.status_code for answer in tries} == {422}
        sentences = {re.findall(r"This code does not work[^<]*", answer.content.decode())[0] for answer in tries}
        assert len(sentences) == 1

    def test_a_new_code_can_be_asked_for_but_not_for_ever(self, browser: Client, quote: Quote) -> None:
        browser.post(url("sign", quote), WHO)
        answer = browser.post(url("sign_code", quote), {"again": "1"})
        assert "A new code is on its way" in browser.get(answer["Location"]).content.decode()
        assert SigningCode.objects.latest("pk").name == "Julie Martin"
        for _ in range(10):
            answer = browser.post(url("sign_code", quote), {"again": "1"})
        assert answer["Location"].endswith("said=many_codes")
        assert Letter.objects.filter(kind="signing_code").count() == 8
        assert browser.post(url("sign", quote), WHO).status_code == 429

    def test_another_browser_does_not_go_on_with_it(self, browser: Client, quote: Quote) -> None:
        browser.post(url("sign", quote), WHO)
        browser.post(url("sign_code", quote), {"code": last_code()})
        other = new_browser()
        opened(other, quote)
        for name in ("sign_code", "sign_confirm"):
            assert other.get(url(name, quote))["Location"] == url("sign", quote)
        assert other.post(url("sign_confirm", quote), {"typed": "Read and approved"})["Location"] == url("sign", quote)
        assert "julie@example.org" not in other.get(url("sign", quote)).content.decode()

    def test_the_words_must_be_typed_and_what_was_typed_stays(self, browser: Client, quote: Quote) -> None:
        browser.post(url("sign", quote), WHO)
        browser.post(url("sign_code", quote), {"code": last_code()})
        answer = press(browser, quote, typed="I agree")
        assert answer.status_code == 422
        assert "Write “Read and approved” to sign." in answer.content.decode()
        assert 'value="I agree"' in answer.content.decode()
        assert not Agreement.objects.exists()

    def test_what_was_chosen_differently_meanwhile_is_shown_again(self, browser: Client, quote: Quote) -> None:
        browser.post(url("sign", quote), WHO)
        browser.post(url("sign_code", quote), {"code": last_code()})
        answer = press(browser, quote, shown="0" * 64)
        assert answer.status_code == 409
        assert "Something has changed meanwhile" in answer.content.decode()

    def test_a_proof_that_is_too_old_is_asked_for_again(self, browser: Client, quote: Quote, clock: Any) -> None:
        browser.post(url("sign", quote), WHO)
        browser.post(url("sign_code", quote), {"code": last_code()})
        clock.advance(minutes=61)
        answer = browser.get(url("sign_confirm", quote))
        assert answer["Location"] == url("sign", quote) + "?said=prove_again"
        assert 'value="Julie Martin"' in browser.get(answer["Location"]).content.decode()

    def test_pressing_twice_is_signing_once(self, browser: Client, quote: Quote) -> None:
        browser.post(url("sign", quote), WHO)
        browser.post(url("sign_code", quote), {"code": last_code()})
        shown = re.search(r'name="shown" value="(\w+)"', browser.get(url("sign_confirm", quote)).content.decode())
        assert shown is not None
        sent = {"shown": shown[1], "typed": "Read and approved"}
        answers = [browser.post(url("sign_confirm", quote), sent)["Location"] for _ in range(2)]
        assert answers == [url("document", quote) + "?said=signed"] * 2
        assert Agreement.objects.count() == 1

    def test_a_private_person_presses_a_button_that_says_what_it_means(self, browser: Client, clock: Any) -> None:
        quote = opened(browser, sent_quote(clock(), customer=factories.make_consumer(), language="en"))
        browser.post(url("sign", quote), WHO)
        browser.post(url("sign_code", quote), {"code": last_code()})
        assert "Order with obligation to pay" in browser.get(url("sign_confirm", quote)).content.decode()

    def test_the_signed_copy_and_the_evidence_are_there_afterwards(
        self, browser: Client, quote: Quote, clock: Any
    ) -> None:
        assert browser.get(url("signed", quote)).status_code == 404
        assert browser.get(url("evidence", quote)).status_code == 404
        sign_all(browser, quote)
        signed_papers.draw(agreement=Agreement.objects.get(), now=clock())
        said = page(browser, quote)
        assert url("signed", quote) in said
        assert url("evidence", quote) in said
        assert browser.get(url("signed", quote)).content.startswith(b"%PDF")
        pack = zipfile.ZipFile(io.BytesIO(browser.get(url("evidence", quote)).content))
        assert "signed.pdf" in pack.namelist()


class TestDeclining:
    def test_it_is_confirmed_with_a_reason_and_the_seller_is_told(self, browser: Client, quote: Quote) -> None:
        assert "Decline this quote?" in browser.get(url("decline", quote)).content.decode()
        answer = browser.post(url("decline", quote), {"reason": "Too <b>dear</b>"})
        assert "Your answer has been sent" in browser.get(answer["Location"]).content.decode()
        letter = Letter.objects.get(kind="owner_quote_declined")
        assert "Too <b>dear</b>" in letter.text
        assert "Too <b>dear</b>" not in letter.html
        assert browser.post(url("decline", quote), {})["Location"].endswith("said=declined")

    def test_too_long_a_reason_is_kept(self, browser: Client, quote: Quote) -> None:
        answer = browser.post(url("decline", quote), {"reason": "x" * 2001})
        assert answer.status_code == 422
        assert "x" * 2001 in answer.content.decode()


class TestAsking:
    def test_the_thread_stands_on_the_page(self, browser: Client, quote: Quote, clock: Any) -> None:
        said = {"question-email": "nadia@example.org", "question-text": "With lunch?"}
        assert browser.post(url("question", quote), said).status_code == 303
        assert Letter.objects.get(kind="owner_quote_question").reply_to == "nadia@example.org"
        quote_questions.answer(quote_id=quote.pk, text="Yes, of course.", by=None, now=clock())
        shown = page(browser, quote)
        assert "With lunch?" in shown
        assert "Yes, of course." in shown
        assert "nadia@example.org" not in shown
        assert QuoteQuestion.objects.count() == 2

    def test_it_is_limited(self, browser: Client, quote: Quote, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "allows", lambda *args, **options: False)
        said = {"question-email": "nadia@example.org", "question-text": "With lunch?"}
        assert browser.post(url("question", quote), said).status_code == 429


class TestWithdrawing:
    @pytest.fixture
    def signed(self, browser: Client, clock: Any) -> Quote:
        quote = sent_quote(clock(), customer=factories.make_consumer(), language="en")
        sign(quote, proven(quote, clock()), clock())
        return opened(browser, quote)

    def test_two_steps_and_a_letter_at_once(self, browser: Client, signed: Quote) -> None:
        said = page(browser, signed)
        assert "Withdraw from the contract here" in said
        assert "You may withdraw until March 30, 2026." in said
        who = {"name": "Julie Martin", "email": "julie@example.org"}
        assert 'value="Julie Martin"' in browser.get(url("withdraw", signed)).content.decode()
        shown = unescape(browser.post(url("withdraw", signed), who).content.decode())
        assert "I, Julie Martin, withdraw from the contract" in shown
        assert not Withdrawal.objects.exists()
        answer = browser.post(url("withdraw", signed), who | {"confirmed": "1"})
        assert "Your withdrawal has arrived" in browser.get(answer["Location"]).content.decode()
        assert Withdrawal.objects.get().name == "Julie Martin"
        assert "You have withdrawn from this contract" in page(browser, signed)
        again = browser.post(url("withdraw", signed), who | {"confirmed": "1"})
        assert again["Location"].endswith("said=withdrawn")

    def test_what_is_missing_is_said(self, browser: Client, signed: Quote) -> None:
        answer = browser.post(url("withdraw", signed), {"name": "", "email": "x", "confirmed": "1"})
        assert answer.status_code == 422
        assert not Withdrawal.objects.exists()

    def test_after_fourteen_days_it_is_over(self, browser: Client, signed: Quote, clock: Any) -> None:
        clock.advance(days=15)
        said = page(browser, signed)
        assert "The time to withdraw ended on March 30, 2026." in said
        assert "Withdraw from the contract here" not in said
        assert browser.get(url("withdraw", signed))["Location"].endswith("said=no_withdrawal")

    def test_an_exception_is_said_with_its_reason(self, browser: Client, clock: Any) -> None:
        quote = sent_quote(clock(), customer=factories.make_consumer(), language="en", no_withdrawal="dated_leisure")
        sign(quote, proven(quote, clock()), clock())
        said = page(browser, opened(browser, quote))
        assert "C. conso. L221-28, 12°" in said
        assert "Withdraw from the contract here" not in said

    def test_a_business_sees_nothing_of_it(self, browser: Client, clock: Any) -> None:
        quote = sent_quote(clock(), language="en")
        sign(quote, proven(quote, clock(), name=JULIE.name), clock() + timedelta(0))
        assert "ithdraw" not in page(browser, opened(browser, quote))
        assert HERE.ip not in page(browser, quote)
