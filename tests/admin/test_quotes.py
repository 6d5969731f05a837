"""Quotes in the admin: written, reviewed, sent, followed; nothing typed is lost, what can't be done says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.admin.business import sent_quote
from tests.admin.conftest import LINE, formset
from wagtail_payments.actions import quote_questions, quotes
from wagtail_payments.models import Agreement, Letter, Link, Quote

Line = dict[str, str]
CHOICE = {"is_optional": "", "least": "", "most": ""}


def place(name: str, *args: int) -> str:
    return reverse(f"wagtail_payments_quote:{name}", args=args)


def quote_form(*lines: Line, plan: list[Line] | None = None, **fields: str) -> dict[str, Any]:
    """Return what a browser posts from the editor of a quote."""
    data: dict[str, Any] = {
        "title": "Training",
        "valid_days": "30",
        "valid_until": "",
        "order_reference": "",
        "nature": "services",
        "language": "fr",
        "event": "",
        "discount_percent": "",
        "discount_amount": "",
        "deposit_term": "",
        "terms": "",
        "custom_fields": "",
        "memo": "",
        "other_mentions": "",
    }
    data |= formset("lines", [LINE | CHOICE | line for line in lines or ({},)])
    step = {"label": "Part", "percent": "", "amount": "", "moment": "at_signature", "on": ""}
    data |= formset("plan", [step | row for row in plan or []])
    data |= formset("attachments", [])
    return data | fields


@pytest.fixture(autouse=True)
def seller(db: None) -> Any:
    return factories.seller_of_default_site()


def add(client: Client, *lines: Line, **fields: Any) -> Any:
    if "customer" not in fields:
        fields["customer"] = str(factories.make_customer().pk)
    return client.post(place("add"), quote_form(*lines, **fields))


def errors_of(response: Any) -> set[str]:
    form = response.context["form"]
    found = set(form.errors)
    for name in ("lines", "plan"):
        for position, row in enumerate(form.formsets[name].forms):
            found |= {f"{name}-{position}-{field}" for field in row.errors}
    return found


class TestWriting:
    def test_a_fresh_draft_has_the_sellers_usual_terms(self, admin: Client, seller: Any) -> None:
        seller.quote_days, seller.quote_terms = 45, "Our terms"
        seller.save()
        form = admin.get(place("add")).context["form"]
        assert (form["valid_days"].value(), form["terms"].value()) == (45, "Our terms")
        assert form.formsets["lines"].forms[0]["vat_rate"].value() == "20"

    def test_a_draft_is_saved_and_added_up_without_its_options(self, admin: Client, editor: Any) -> None:
        plan = [{"label": "Acompte", "percent": "30"}, {"label": "Solde", "moment": "on_date", "on": "2026-06-01"}]
        option = {"unit_price": "50", "is_optional": "on", "quantity": "2", "least": "1", "most": "4,5"}
        answer = add(admin, {"unit_price": "1 000,50"}, option, plan=plan)
        quote = Quote.objects.get()
        assert answer.url == place("edit", quote.pk)
        assert (quote.net, quote.gross, quote.created_by) == (100050, 120060, editor)
        assert [line.most for line in quote.lines.all()] == [None, Decimal("4.5")]
        assert [step.percent for step in quote.plan.all()] == [Decimal(30), None]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"line": {"least": "2"}}, "lines-0-least"),
            ({"line": {"most": "0,5"}}, "lines-0-most"),
            ({"line": {"unit_price": ""}}, "lines-0-unit_price"),
            ({"plan": [{"percent": "30", "amount": "20"}]}, "plan-0-amount"),
            ({"plan": [{"moment": "on_date"}]}, "plan-0-on"),
            ({"plan": [{"on": "2026-06-01"}]}, "plan-0-on"),
            ({"plan": [{"percent": "101"}]}, "plan-0-percent"),
            ({"customer": ""}, "customer"),
            ({"valid_until": "2026-05-01", "valid_days": "20"}, "valid_until"),
        ],
    )
    def test_what_is_wrong_is_told_beside_its_field(self, admin: Client, fields: Any, field: str) -> None:
        line = fields.pop("line", {})
        assert field in errors_of(add(admin, line, **fields))
        assert not Quote.objects.exists()

    def test_totals_follow_as_one_types(self, admin: Client) -> None:
        form = quote_form({"unit_price": "100"}, {"unit_price": "50", "is_optional": "on"})
        totals = admin.post(place("new_totals"), form).context["totals"]
        assert totals.gross == 12000

    def test_item_and_customer_fill_in(self, signed_in: Callable[..., Client]) -> None:
        client = signed_in("view_quote", "add_quote")
        assert client.get(place("item", factories.make_item().pk)).json()["unit"] == "day"
        belgian = factories.make_belgian()
        assert client.get(place("customer", belgian.pk)).json() == {"language": "en"}

    def test_it_begins_with_the_customer_or_the_event_that_one_comes_from(self, admin: Client) -> None:
        event, customer = factories.make_event(), factories.make_customer()
        page = admin.get(place("add") + f"?event={event.pk}&customer={customer.pk}")
        assert (page.context["form"].instance.event, page.context["form"].instance.customer) == (event, customer)
        assert admin.get(place("add") + "?event=99999999999999999999&customer=x").status_code == 200

    @pytest.mark.parametrize("mode", ["email", "pdf"])
    def test_the_previews_are_drawn(self, admin: Client, mode: str) -> None:
        url = place("preview_on_add")
        form = quote_form(customer=str(factories.make_customer().pk), plan=[{"label": "All", "percent": "100"}])
        assert admin.post(url, form).json()["is_valid"]
        answer = admin.get(f"{url}?mode={mode}")
        assert answer.status_code == 200
        assert "pdf" in answer["Content-Type"] if mode == "pdf" else b"1\xc2\xa0440,00" in answer.content

    def test_a_plan_that_does_not_fit_says_so_in_the_preview(self, admin: Client) -> None:
        form = quote_form(customer=str(factories.make_customer().pk), plan=[{"label": "Some", "percent": "10"}])
        admin.post(place("preview_on_add"), form)
        shown = admin.get(place("preview_on_add") + "?mode=pdf").content.decode()
        assert "plan de facturation" in shown


class TestSending:
    def test_the_review_lists_what_is_missing_and_says_where(self, admin: Client) -> None:
        quote = factories.make_quote(customer=factories.make_customer(email=""))
        page = admin.get(place("review", quote.pk))
        assert [row.finding.code for row in page.context["errors"]] == ["customer_email"]
        assert admin.get(place("compose", quote.pk)).url == place("review", quote.pk)

    def test_it_is_sent_with_the_words_of_the_form(self, admin: Client, clock: Any) -> None:
        quote = factories.make_quote()
        shown = admin.get(place("compose", quote.pk)).context["form"].initial
        letter = {"to": "a@b.example", "cc": "", "subject": shown["subject"], "text": shown["text"]}
        assert admin.post(place("compose", quote.pk), letter).url == place("desk", quote.pk)
        assert admin.post(place("compose", quote.pk), letter).url == place("desk", quote.pk)
        sent = Letter.objects.get()
        assert (sent.to, Quote.objects.get().number) == (["a@b.example"], "TEST-D2026-0001")

    def test_a_placeholder_that_means_nothing_is_told(self, admin: Client) -> None:
        quote = factories.make_quote()
        letter = {"to": "a@b.example", "cc": "", "subject": "{{ due }}", "text": "{{ valid_until }}"}
        form = admin.post(place("compose", quote.pk), letter).context["form"]
        assert list(form.errors) == ["subject"]
        assert not Letter.objects.exists()

    def test_a_test_goes_to_oneself_and_sends_nothing(self, admin: Client, editor: Any) -> None:
        quote = factories.make_quote()
        admin.post(place("compose", quote.pk), {"to": "", "subject": "Devis", "text": "#LINK", "test": "1"})
        assert (Letter.objects.get().kind, Letter.objects.get().to) == ("test", [editor.email])
        assert Quote.objects.get().is_draft

    def test_what_was_sent_is_not_edited_any_more(self, admin: Client, now: datetime, clock: Any) -> None:
        quote = sent_quote(factories.make_quote(), now)
        for name in ("edit", "delete", "review"):
            assert admin.get(place(name, quote.pk)).url == place("desk", quote.pk)
        admin.post(place("edit", quote.pk), quote_form(title="Changed"))
        quote.refresh_from_db()
        assert quote.title == "Training"

    def test_an_expired_quote_is_not_sent_again(self, admin: Client, now: datetime, clock: Any) -> None:
        quote = sent_quote(factories.make_quote(), now)
        clock.advance(days=40)
        page = admin.get(place("compose", quote.pk), follow=True)
        assert page.redirect_chain[0][0] == place("desk", quote.pk)
        assert "expired" in page.content.decode()


class TestDesk:
    @pytest.fixture
    def quote(self, now: datetime, clock: Any) -> Quote:
        lines = [
            factories.make_quote_line("Day", "2", "1000", "20", least=Decimal(1), most=Decimal(5)),
            factories.make_quote_line("Lunch <b>", "10", "20", "10", is_optional=True),
        ]
        return sent_quote(factories.make_quote(lines=lines), now)

    def test_it_shows_what_was_offered_and_what_proves_it(self, admin: Client, quote: Quote) -> None:
        page = admin.get(place("desk", quote.pk))
        content = page.content.decode()
        assert "Lunch &lt;b&gt;" in content
        assert "Option, not in the total" in content
        assert page.context["broken_at"] == 0
        assert [step.kind for step, _facts in page.context["steps"]] == ["sent"]

    def test_a_draft_opens_in_its_editor(self, admin: Client, signed_in: Callable[..., Client]) -> None:
        quote = factories.make_quote()
        assert admin.get(place("desk", quote.pk)).url == place("edit", quote.pk)
        assert signed_in("view_quote").get(place("desk", quote.pk)).status_code == 200

    def test_evidence_that_was_changed_is_told(self, admin: Client, quote: Quote) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE wagtail_payments_quotestep SET data = '{}'")
        assert "From step 1 on, this evidence was changed" in admin.get(place("desk", quote.pk)).content.decode()

    def test_accepted_on_paper_with_what_was_chosen(self, admin: Client, quote: Quote, now: datetime) -> None:
        days, lunch = quote.lines.all()
        form = {
            "how": "paper",
            "on": now.date().isoformat(),
            "name": "Nadia",
            "role": "Gérante",
            "note": "",
            "file": SimpleUploadedFile("signed.pdf", b"%PDF-"),
            f"quantity_{days.pk}": "3",
            f"take_{lunch.pk}": "on",
        }
        assert admin.post(place("accept", quote.pk), form).url == place("desk", quote.pk)
        agreement = Agreement.objects.get()
        assert (agreement.gross, agreement.role) == (360000 + 22000, "Gérante")
        step, facts = admin.get(place("desk", quote.pk)).context["steps"][-1]
        assert (step.kind, facts.split(" · ")[:2]) == ("accepted", ["Nadia", "Gérante"])
        assert "paper" not in facts
        assert "382000" not in facts
        proof = admin.get(place("proof", quote.pk))
        assert b"".join(proof.streaming_content) == b"%PDF-"  # type: ignore[attr-defined]
        assert "3 820,00" in admin.get(place("desk", quote.pk)).content.decode().replace("\u202f", " ").replace(
            "\xa0", " "
        ).replace("3,820.00", "3 820,00")

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"note": ""}, "note"),
            ({"on": "2030-01-01"}, "on"),
            ({"name": ""}, "name"),
            ({"file": SimpleUploadedFile("a.exe", b"x")}, "file"),
        ],
    )
    def test_an_acceptance_that_proves_nothing_is_not_recorded(
        self, admin: Client, quote: Quote, now: datetime, changed: Any, field: str
    ) -> None:
        days = quote.lines.first()
        form = {"how": "phone", "on": now.date().isoformat(), "name": "Nadia", "note": "Called"}
        page = admin.post(place("accept", quote.pk), form | {f"quantity_{days.pk}": "2"} | changed)
        assert list(page.context["form"].errors) == [field]
        assert not Agreement.objects.exists()

    def test_the_paper_is_not_chosen_twice_where_something_else_was_wrong(
        self, admin: Client, quote: Quote, now: datetime
    ) -> None:
        form = {"how": "paper", "on": now.date().isoformat(), "name": "", f"quantity_{quote.lines.first().pk}": "2"}
        page = admin.post(place("accept", quote.pk), form | {"file": SimpleUploadedFile("signed.pdf", b"%PDF-")})
        kept = re.search(r'name="file-kept" value="([^"]+)"', page.content.decode())
        assert kept is not None
        assert admin.post(place("accept", quote.pk), form | {"name": "Nadia", "file-kept": kept[1]}).status_code == 302
        with Agreement.objects.get().file.open("rb") as file:
            assert file.read() == b"%PDF-"

    def test_quantities_out_of_bounds_are_told(self, admin: Client, quote: Quote, now: datetime) -> None:
        days = quote.lines.first()
        form = {"how": "phone", "on": now.date().isoformat(), "name": "Nadia", "note": "Called"}
        page = admin.post(place("accept", quote.pk), form | {f"quantity_{days.pk}": "6"})
        assert list(page.context["form"].errors) == [f"quantity_{days.pk}"]

    def test_only_a_signature_counts_where_the_seller_says_so(self, admin: Client, quote: Quote, seller: Any) -> None:
        type(seller).objects.update(quote_rule="signed_only")
        assert admin.get(place("accept", quote.pk)).url == place("desk", quote.pk)
        page = admin.get(place("desk", quote.pk))
        assert "only a signature counts" in page.content.decode()

    def test_declined_cancelled_and_revised(self, admin: Client, quote: Quote, now: datetime) -> None:
        admin.post(place("decline", quote.pk), {"reason": "Too dear"})
        quote.refresh_from_db()
        assert quote.state == "declined"
        assert not Letter.objects.filter(kind="owner_quote_declined").exists()
        draft = admin.post(place("revise", quote.pk)).url
        assert admin.post(place("revise", quote.pk)).url == draft
        other = sent_quote(factories.make_quote(), now)
        admin.post(place("cancel", other.pk), {"reason": "A mistake"})
        other.refresh_from_db()
        assert other.state == "cancelled"
        page = admin.post(place("cancel", other.pk), {"reason": ""}, follow=True)
        assert "was cancelled. To offer it again" in page.content.decode()

    def test_a_question_is_answered(self, admin: Client, quote: Quote, now: datetime) -> None:
        quote_questions.ask(quote_id=quote.pk, name="Nadia", email="n@b.example", text="<i>When?</i>", now=now)
        assert "&lt;i&gt;When?" in admin.get(place("desk", quote.pk)).content.decode()
        admin.post(place("answer", quote.pk), {"text": "In June."})
        assert Letter.objects.get(kind="quote_answer").to == ["n@b.example"]

    def test_the_link_is_shown_renewed_and_ended(self, admin: Client, quote: Quote) -> None:
        assert "/l/" in admin.get(place("link", quote.pk)).context["url"]
        admin.post(place("link_renew", quote.pk))
        admin.post(place("link_revoke", quote.pk))
        link = Link.objects.get()
        assert link.generation == 2
        assert link.revoked_at is not None
        draft = factories.make_quote()
        assert admin.post(place("link_renew", draft.pk)).url == place("desk", draft.pk)

    def test_a_superseded_version_leads_to_the_others(self, admin: Client, quote: Quote, now: datetime) -> None:
        draft = Quote.objects.get(pk=int(admin.post(place("revise", quote.pk)).url.rstrip("/").split("/")[-1]))
        sent_quote(draft, now)
        content = admin.get(place("desk", quote.pk)).content.decode()
        assert f"{quote.number}-v2" in content
        assert "A newer version has replaced this quote" in content

    def test_a_signed_quote_says_why_it_stands(self, admin: Client, quote: Quote) -> None:
        Quote.objects.update(state="signed")
        reasons = {verb.why_not for verb in admin.get(place("desk", quote.pk)).context["impossible"]}
        assert any("signed this quote" in reason for reason in reasons)


class TestList:
    def test_an_empty_list_says_what_to_do(self, admin: Client) -> None:
        assert "Write the first quote" in admin.get(place("list")).content.decode()

    def test_it_filters_by_computed_status(self, admin: Client, now: datetime, clock: Any) -> None:
        first = sent_quote(factories.make_quote(title="First"), now)
        second = sent_quote(factories.make_quote(title="Second", valid_days=90), now)
        factories.make_quote(title="Third")
        gone = sent_quote(factories.make_quote(title="Fourth"), now)
        Quote.objects.filter(pk=gone.pk).update(state="superseded", live_slot=None)
        clock.advance(days=40)

        def titles(query: str = "") -> list[str]:
            found = admin.get(f"{place('list')}?{query}").context["object_list"]
            return sorted(quote.title for quote in found)

        assert titles() == ["First", "Second", "Third"]
        assert titles("status=expired") == [first.title]
        assert titles("status=sent") == [second.title]
        assert titles("status=draft") == ["Third"]
        assert titles("status=superseded") == ["Fourth"]
        assert titles(f"q={second.number}") == ["Second"]

    def test_its_queries_do_not_grow_with_it(self, admin: Client, now: datetime, clock: Any) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as caught:
                admin.get(place("list"))
            return len(caught)

        sent_quote(factories.make_quote(), now)
        queries()
        few = queries()
        for _ in range(5):
            sent_quote(factories.make_quote(), now)
        assert queries() == few


def test_the_quotes_of_an_event_stand_on_its_desk(admin: Client, now: datetime, clock: Any) -> None:
    event = factories.make_event()
    sent_quote(factories.make_quote(event=event, title="For the workshop"), now)
    url = reverse("wagtail_payments_event:desk", args=(event.pk,))
    assert "For the workshop" in admin.get(url).content.decode()
    stranger = Client()
    stranger.force_login(factories.make_user("view_event"))
    assert "For the workshop" not in stranger.get(url).content.decode()


def test_an_event_or_customer_with_a_quote_stays(admin: Client) -> None:
    event = factories.make_event(ticket_types=False)
    quote = factories.make_quote(event=event)
    admin.post(reverse("wagtail_payments_event:delete", args=(event.pk,)))
    admin.post(reverse("wagtail_payments_customer:delete", args=(quote.customer_id,)))
    assert Quote.objects.filter(event=event, customer=quote.customer).exists()


def test_sending_again_twice_in_a_second_is_one_letter(now: datetime) -> None:
    quote = sent_quote(factories.make_quote(), now)
    again = {"by": None, "to": ["x@y.example"], "cc": [], "subject": "Again", "text": "#LINK"}
    for later in (1, 2, 60):
        quotes.send_again(quote_id=quote.pk, now=now + timedelta(seconds=later), **again)
    assert Letter.objects.filter(to=["x@y.example"]).count() == 2
