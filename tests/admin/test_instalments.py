"""Instalments in the editor and on the desk, and the day that an editor notes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.actions.test_instalments import in_three
from tests.admin.conftest import draft_form, formset
from wagtail_payments import ports
from wagtail_payments.models import Instalment, Invoice, Promise

pytestmark = pytest.mark.usefixtures("sandbox", "clock")
ADD = "wagtail_payments_invoice:add"


@pytest.fixture(autouse=True)
def seller(db: None) -> Any:
    return factories.seller_of_default_site()


def url(name: str, invoice: Invoice) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk,))


def today() -> date:
    return factories.seller_of_default_site().today(ports.now())


def row(days: int, **values: str) -> dict[str, str]:
    return {"due_on": (today() + timedelta(days)).isoformat(), "percent": "", "amount": "", **values}


def add(client: Client, *rows: dict[str, str], **fields: str) -> Any:
    data = draft_form({"unit_price": "1200"}, customer=str(factories.make_customer().pk), **fields)
    return client.post(reverse(ADD), data | formset("instalments", list(rows)))


def errors_of(response: Any) -> dict[str, Any]:
    form = response.context["form"]
    found = {name: list(errors) for name, errors in form.errors.items()}
    for position, each in enumerate(form.formsets["instalments"].forms):
        found |= {f"instalments-{position}-{name}": list(errors) for name, errors in each.errors.items()}
    return found


class TestTheEditor:
    def test_rows_by_percent_by_amount_and_for_the_rest(self, admin: Client) -> None:
        add(admin, row(10, percent="30"), row(40, amount="1 000,50"), row(70))
        draft = Invoice.objects.get()
        assert draft.in_parts
        amounts = [part.amount for part in draft.instalment_parts(144000)]
        assert amounts == [43200, 100050, 750]

    def test_equal_months_are_written_at_once(self, admin: Client) -> None:
        add(admin, divide_into="3", first_on="2027-01-31")
        draft = Invoice.objects.get()
        days = list(draft.instalments.order_by("due_on").values_list("due_on", flat=True))
        assert days == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
        assert [part.amount for part in draft.parts()] == [48000] * 3

    @pytest.mark.parametrize(
        ("rows", "fields", "where"),
        [
            ([{"percent": "30", "amount": "5"}], {}, "instalments-0-amount"),
            ([{"percent": "101"}], {}, "instalments-0-percent"),
            ([{"amount": "-5"}], {}, "instalments-0-amount"),
            ([{"due_on": ""}], {}, "instalments-0-due_on"),
            ([{}, {}], {}, "instalments-1-due_on"),
            ([{}], {"divide_into": "3", "first_on": "2027-01-31"}, "divide_into"),
            ([], {"divide_into": "3"}, "first_on"),
            ([], {"divide_into": "1", "first_on": "2027-01-31"}, "divide_into"),
        ],
    )
    def test_what_is_wrong_is_told_where_it_is(
        self, admin: Client, rows: list[dict[str, str]], fields: dict[str, str], where: str
    ) -> None:
        response = add(admin, *[row(10, percent="") | each for each in rows], **fields)
        assert where in errors_of(response)
        assert not Invoice.objects.exists()

    def test_what_does_not_add_up_yet_is_saved_and_told_at_the_review(self, admin: Client) -> None:
        add(admin, row(10, percent="30"))
        draft = Invoice.objects.get()
        page = admin.get(url("review", draft)).content.decode()
        assert "The instalments are €1,008.00 less than the total." in page
        assert "The instalments are €1,008.00 less than the total." in admin.get(url("edit", draft)).content.decode()

    def test_the_totals_tell_what_each_comes_to_as_one_types(self, admin: Client) -> None:
        data = draft_form({"unit_price": "1200"}) | formset("instalments", [row(10), row(40, percent="70")])
        page = admin.post(reverse("wagtail_payments_invoice:new_totals"), data).content.decode()
        assert "€432.00" in page
        assert "€1,008.00" in page

    def test_rows_that_are_deleted_leave_one_day_for_all(self, admin: Client) -> None:
        add(admin, row(10))
        draft = Invoice.objects.get()
        kept = draft.instalments.get()
        line = draft.lines.get()
        data = draft_form({"unit_price": "1200", "id": str(line.pk)}, customer=str(draft.customer_id))
        data |= {"lines-INITIAL_FORMS": "1"}
        data |= formset("instalments", [row(10, id=str(kept.pk), DELETE="on")], initial=1)
        response = admin.post(url("edit", draft), data)
        assert response.status_code == 302
        assert not Instalment.objects.exists()
        assert not Invoice.objects.get().in_parts

    def test_a_fresh_draft_takes_the_seller_s_options(self, admin: Client, seller: Any) -> None:
        type(seller).objects.update(other_amount=True, least_amount="25")
        form = admin.get(reverse(ADD)).context["form"]
        assert (form["other_amount"].value(), form["least_amount"].value()) == (True, "25")

    def test_the_preview_shows_them_unsaved(self, admin: Client) -> None:
        data = draft_form({"unit_price": "1200"}, customer=str(factories.make_customer().pk), language="en")
        data |= formset("instalments", [row(10), row(40)])
        preview = reverse("wagtail_payments_invoice:preview_on_add")
        assert admin.post(preview, data).json()["is_valid"]
        for mode, words in (("page", "wp-schedule__row"), ("email", "Next instalment")):
            page = admin.get(preview, {"mode": mode}).content.decode()
            assert words in page
            assert "€720.00" in page


class TestTheDesk:
    def test_each_instalment_stands_there_with_its_state(self, admin: Client, clock: Any) -> None:
        invoice = in_three()
        clock.advance(days=3)
        page = admin.get(url("desk", invoice))
        states = [entry["tag"].status for entry in page.context["instalments"]]
        assert states == ["overdue", "coming", "coming"]
        assert page.context["days_late"] == 3
        assert page.context["tag"].status == "overdue"

    def test_the_list_names_the_next_day_and_finds_what_is_late(self, admin: Client, clock: Any) -> None:
        invoice = in_three()
        clock.advance(days=3)
        listing = reverse("wagtail_payments_invoice:list")
        assert list(admin.get(listing, {"status": "overdue"}).context["object_list"]) == [invoice]
        day = invoice.instalments.earliest("due_on").due_on
        found = admin.get(listing, {"due_on_from": day.isoformat(), "due_on_to": day.isoformat()})
        assert list(found.context["object_list"]) == [invoice]

    def test_a_day_is_noted_shown_everywhere_and_taken_back(self, admin: Client, editor: Any) -> None:
        invoice = in_three()
        day = today() + timedelta(100)
        assert admin.post(url("promise", invoice), {"planned_on": day.isoformat()}).status_code == 302
        promise = Promise.objects.get()
        assert (promise.planned_on, promise.made_by, promise.by_customer) == (day, editor, False)
        for page in (
            admin.get(url("desk", invoice)).content.decode(),
            admin.get(reverse("wagtail_payments_invoice:list"), {"status": "planned"}).content.decode(),
        ):
            assert 'data-controller="w-tooltip"' in page
            assert 'tabindex="0"' in page
            assert "Planned" in page
        assert "Payment planned for" in admin.get(url("desk", invoice)).content.decode()
        assert admin.post(url("promise_withdraw", invoice)).status_code == 302
        assert Promise.objects.get().end == "withdrawn"
        assert admin.post(url("promise_withdraw", invoice)).status_code == 302

    @pytest.mark.parametrize("typed", ["", "soon", "1999-01-01", "2099-01-01"])
    def test_a_day_that_can_not_be_is_told_and_kept(self, admin: Client, typed: str) -> None:
        invoice = in_three()
        page = admin.post(url("promise", invoice), {"planned_on": typed})
        assert page.status_code == 200
        assert page.context["form"].errors
        assert page.context["form"]["planned_on"].value() == typed
        assert not Promise.objects.exists()

    def test_on_a_draft_there_is_nothing_to_plan(self, admin: Client) -> None:
        draft = factories.make_invoice()
        assert admin.get(url("promise", draft)).status_code == 302
        assert admin.post(url("promise", draft), {"planned_on": "2027-01-01"}).status_code == 302
        assert not Promise.objects.exists()
