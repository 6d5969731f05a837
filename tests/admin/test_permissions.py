"""Who may do what: every URL of ours × every role × GET and POST × own, foreign and missing records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from wagtail import hooks
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import ReferenceIndex
from wagtail.search.index import get_indexed_models

from tests import factories
from tests.actions import signers
from tests.admin.business import Business, make_reminder, open_business, record_payment, sent_quote
from tests.admin.matrix import MISSING, NOBODY, ROWS, Row, keys, our_urls
from tests.stories import organiser
from wagtail_payments.actions import agreements, deposits, invoices, proformas, revisions, signed_papers
from wagtail_payments.actions.agreements import Word
from wagtail_payments.actions.baskets import Place
from wagtail_payments.admin import roles
from wagtail_payments.admin.books.shelf import BOOKS
from wagtail_payments.models import InvoiceAttachment, Letter, QuoteAttachment, ReminderStep

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "stranger", "reader", "billing", "superuser")
CLOSED = {302, 403, 404, 405}


@pytest.fixture
def business(clock: Any, now: datetime) -> Business:
    return open_business(now)


@pytest.fixture
def records(business: Business, now: datetime) -> dict[str, Any]:
    """The keys of all records that the matrix names, foreign ones included."""
    draft = factories.make_invoice()
    draft.attachments.set([InvoiceAttachment(file=ContentFile(b"text", "note.txt"))])
    draft.save()
    with_attachment = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    other = invoices.issue(invoice_id=factories.make_invoice().pk, by=None, now=now)
    attempt = factories.make_attempt(
        business.invoice,
        amount=1,
        idempotency_key="key",
        state="expired",
        created_at=now,
    )
    words = revisions.Changes("PO 1", "", (), [("Plan", ContentFile(b"text", "plan.txt"))])
    revision = revisions.revise(invoice_id=business.invoice.pk, changes=words, by=None, now=now, form_key="revision")
    more = (
        _of_events()
        | _of_deposits(now)
        | _of_quotes(now)
        | {
            "added": revision.attachments.get().pk,
            "item": factories.make_item().pk,
            "fresh_item": factories.make_item().pk,
            "fresh_draft": factories.make_invoice().pk,
            "fresh_customer": factories.make_customer().pk,
            "reminder": _reminder(business, now),
            **_words(business),
            "fresh_seller": factories.make_seller(name="Made by mistake").pk,
            "attachment": with_attachment.attachments.get().pk,
            "attempt": attempt.pk,
            "other_invoice": other.pk,
            "payment_request": factories.make_payment_request(business.invoice).pk,
            "other_payment": record_payment(other, 100, now).pk,
        }
    )
    return keys(business) | more | {"invoice_with_attachment": with_attachment.pk}


def _of_deposits(now: datetime) -> dict[str, int]:
    """A draft with a deposit and a pro forma."""
    contract = factories.make_invoice()
    deposit = deposits.ask(contract_id=contract.pk, wish=deposits.Wish(amount=120_00), by=None, now=now)
    proforma = proformas.send(invoice_id=contract.pk, to=[], by=None, now=now)
    return {"contract": contract.pk, "deposit": deposit.pk, "proforma": proforma.pk}


def _reminder(business: Business, now: datetime) -> int:
    """A reminder of which nobody knows whether it left."""
    letter = Letter.objects.create(
        kind="reminder",
        seller=business.invoice.seller,
        document=business.invoice.document,
        language="fr",
        to=["nadia@librairie.example"],
        message_id="reminder",
        state="unknown",
        due_at=now,
        created_at=now,
    )
    return make_reminder(business.invoice, now, letter=letter).pk


def _words(business: Business) -> dict[str, Any]:
    """The words of a step of the seller's, and of one of somebody else's."""
    own = ReminderStep.objects.create(seller=business.invoice.seller, days=7)
    other = ReminderStep.objects.create(seller=factories.make_seller(name="Somebody else"), days=7)
    return {
        "words_key": f"reminder_step_{own.pk}",
        "other_words_key": f"reminder_step_{other.pk}",
        "words_language": "fr",
    }


def _of_events() -> dict[str, int]:
    """A registration with a cancelled seat and one that still stands, and another one for another event."""
    event, other = factories.make_event(), factories.make_event()
    free = factories.make_ticket_type(event, price=0)
    registration = organiser.register(event, [Place(free.pk), Place(free.pk)])
    seat, given_up = registration.seats.all()
    elsewhere = organiser.register(other, [Place(factories.make_ticket_type(other, price=0).pk)])
    return {
        "event": event.pk,
        "other_event": other.pk,
        "fresh_event": factories.make_event().pk,
        "registration": registration.pk,
        "other_registration": elsewhere.pk,
        "seat": seat.pk,
        "cancellation": organiser.cancel(registration, given_up, by_organiser=True).pk,
    }


def _of_quotes(now: datetime) -> dict[str, int]:
    """A sent quote with an attachment, one that was accepted on paper, and two drafts."""
    draft = factories.make_quote()
    draft.attachments.set([QuoteAttachment(file=ContentFile(b"text", "note.txt"))])
    draft.save()
    quote, accepted = sent_quote(draft, now), sent_quote(factories.make_quote(), now)
    word = Word("paper", now.date(), "Nadia", file=ContentFile(b"scan", "signed.pdf"))
    agreements.accept_by_word(quote_id=accepted.pk, word=word, chosen={}, by=None, now=now)
    signed = signers.sent_quote(now)
    signed_papers.draw(agreement=signers.sign(signed, signers.proven(signed, now), now), now=now)
    return {
        "signed_quote": signed.pk,
        "quote": quote.pk,
        "quote_attachment": quote.attachments.get().pk,
        "accepted_quote": accepted.pk,
        "first_step": 0,
        "draft_quote": factories.make_quote().pk,
        "fresh_draft_quote": factories.make_quote().pk,
    }


def user_of(role: str) -> Any:
    if role == "superuser":
        return factories.make_superuser()
    ours = Permission.objects.filter(content_type__app_label="wagtail_payments")
    views = ours.filter(codename__startswith="view_").values_list("codename", flat=True)
    user = factories.make_user(*(views if role == "reader" else ()))
    if role == "billing":
        user.groups.add(roles.create_billing_group())
    return user


def browser_of(role: str) -> tuple[Client, Any]:
    client = Client(raise_request_exception=False)
    if role == "anonymous":
        return client, None
    user = user_of(role)
    client.force_login(user)
    return client, user


def may(user: Any, permissions: str) -> bool:
    if user is None or permissions == NOBODY:
        return False
    return all(user.has_perm(f"wagtail_payments.{codename}") for codename in permissions.split("&"))


def url_of(name: str, row: Row, of: dict[str, int]) -> str:
    query = row.query.format(pk=next(iter(of.values()), MISSING)) if row.query else ""
    return reverse(name, kwargs=of) + (f"?{query}" if query else "")


def own(name: str, row: Row, records: dict[str, int]) -> dict[str, int]:
    found = {part: records[record] for part, record in row.of.items()}
    return found | ({"pk": records["invoice_with_attachment"]} if name == "wagtail_payments_invoice:attachment" else {})


def look(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "").split("?")[0]


def is_closed(answer: HttpResponse, role: str) -> bool:
    if role == "anonymous":
        return answer.status_code == 405 or answer.headers.get("Location", "").startswith("/admin/login/")
    return answer.status_code in {403, 404, 405} or answer.headers.get("Location", "") == "/admin/"


def ask(client: Client, method: str, url: str) -> HttpResponse:
    """GET, or POST nothing; what a POST changed is undone."""
    if method == "get":
        return client.get(url)
    before = transaction.savepoint()
    try:
        return client.post(url, {})
    finally:
        transaction.savepoint_rollback(before)


def state() -> dict[str, str]:
    """A fingerprint of every table of ours; drawn files are none of an editor's doing."""
    tables = [model for model in apps.get_app_config("wagtail_payments").get_models() if model.__name__ != "Rendition"]
    return {
        model.__name__: hashlib.sha256(
            repr(list(model._base_manager.order_by("pk").values_list())).encode()
        ).hexdigest()
        for model in tables
    }


def faults_of(role: str, method: str, records: dict[str, int]) -> Iterator[str]:
    client, user = browser_of(role)
    for name, row in ROWS.items():
        allowed = may(user, row.get if method == "get" else row.post)
        there = ask(client, method, url_of(name, row, own(name, row, records)))
        strange = [dict.fromkeys(row.of, MISSING)] if row.of else []
        strange += [{part: records[record] for part, record in row.foreign.items()}] if row.foreign else []
        if there.status_code >= 500:
            yield f"{method} {name}: {there.status_code}"
        if allowed == is_closed(there, role):
            yield f"{method} {name}: {look(there)} although {'allowed' if allowed else 'not allowed'}"
        for of in strange:
            answer = ask(client, method, url_of(name, row, of))
            missing, expected = (404, ""), {look(there)}
            if may(user, row.see):
                expected = {missing} if allowed else {missing, look(there)}
            if look(answer) not in expected:
                yield f"{method} {name}: {look(answer)} for a strange record, not {expected}"


def test_every_url_of_ours_has_a_row() -> None:
    found = {name for name, _ in our_urls()}
    assert found - set(ROWS) == set(), "say in tests/admin/matrix.py who may do that"
    assert set(ROWS) - found == set(), "these URLs are gone"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_role_may_do_what_its_permissions_say_and_nothing_else(
    role: str, method: str, records: dict[str, int]
) -> None:
    before = state()
    assert "\n".join(faults_of(role, method, records)) == ""
    assert state() == before


def test_other_methods_change_nothing(records: dict[str, int]) -> None:
    client, _ = browser_of("superuser")
    before = state()
    for name, row in ROWS.items():
        url = url_of(name, row, own(name, row, records))
        for method in ("put", "patch", "delete", "options", "head"):
            assert getattr(client, method)(url).status_code < 500, (method, name)
    assert state() == before


def test_a_post_without_its_token_is_refused(records: dict[str, int]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_superuser())
    for name, row in ROWS.items():
        if row.post != NOBODY:
            assert client.post(url_of(name, row, own(name, row, records))).status_code == 403, name


@pytest.mark.parametrize("verb", ["send", "remind", "ask_together", "export", "delete"])
@pytest.mark.parametrize("role", ROLES[:3])
def test_bulk_actions_do_nothing_for_who_may_not(role: str, verb: str, records: dict[str, int]) -> None:
    client, _ = browser_of(role)
    url = reverse("wagtail_bulk_action", args=("wagtail_payments", "invoice", verb))
    before = state()
    for method in ("get", "post"):
        answer = getattr(client, method)(f"{url}?id={records['draft']}&id={records['invoice']}")
        assert answer.status_code in {200, 302, 403, 404}
        assert "Content-Disposition" not in answer
    assert state() == before


def test_the_billing_group_is_made_once_and_never_overwritten() -> None:
    assert not Group.objects.filter(name=roles.NAME).exists() or Group.objects.get(name=roles.NAME).delete()
    config = apps.get_app_config("wagtail_payments")
    roles.after_migrate(config, plan=[(_Migration(*roles.FIRST_MIGRATION), False)])
    group = Group.objects.get(name=roles.NAME)
    assert group.permissions.filter(codename="issue_invoice").exists()
    group.permissions.clear()
    roles.after_migrate(config, plan=[(_Migration(*roles.FIRST_MIGRATION), False)])
    assert not group.permissions.exists()
    group.delete()
    roles.after_migrate(config, plan=[(_Migration("wagtail_payments", "0009_later"), False)])
    roles.after_migrate(config, plan=[])
    assert not Group.objects.filter(name=roles.NAME).exists()


class _Migration:
    def __init__(self, app_label: str, name: str) -> None:
        self.app_label, self.name = app_label, name


def test_the_billing_group_has_every_permission_that_it_names() -> None:
    names = {permission.codename for permission in roles.billing_permissions()}
    wanted = {f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in roles.WHOLE}
    assert names == wanted | {f"view_{model}" for model in roles.READ} | set(roles.VERBS) | {"access_admin"}


def offered_codenames() -> set[str]:
    """What the group editor offers of ours."""
    found: set[str] = set()
    for give in hooks.get_hooks("register_permissions"):
        ours = give().filter(content_type__app_label="wagtail_payments")
        found |= set(ours.values_list("codename", flat=True))
    return found


def test_every_permission_that_the_code_asks_for_can_be_given_to_a_group() -> None:
    asked = {part for row in ROWS.values() for part in (*row.get.split("&"), *row.post.split("&"))} - {NOBODY}
    assert asked | set(roles.VERBS) <= offered_codenames() | {"view_seller"}


def test_nobody_is_offered_a_permission_to_write_in_the_books() -> None:
    offered = Permission.objects.none()
    for give in hooks.get_hooks("register_permissions"):
        offered = offered | give()
    codenames = {
        permission.codename for permission in offered if permission.content_type.app_label == "wagtail_payments"
    }
    for book in BOOKS:
        name = book.model._meta.model_name
        assert f"add_{name}" not in codenames
        assert f"delete_{name}" not in codenames


def test_the_group_editor_opens_and_shows_our_verbs() -> None:
    client, _ = browser_of("superuser")
    group = roles.create_billing_group()
    content = client.get(reverse("wagtailusers_groups:edit", args=[group.pk])).content.decode()
    for words in ("Can record payments", "Can refund payments", "Can export the ledger", "Can issue and send invoices"):
        assert words in content


def test_nothing_of_ours_is_searched_served_or_mapped(business: Business) -> None:
    ours = set(apps.get_app_config("wagtail_payments").get_models())
    records = {model for model in ours if not hasattr(model, "get_sitemap_urls")}
    assert not records & set(get_indexed_models())
    for model in records:
        assert not getattr(model, "api_fields", None), model
    assert not [page for page in Sitemap().items() if type(page) in records]


def test_the_api_knows_no_record_of_ours() -> None:
    api = pytest.importorskip("wagtail.api.v3.registry", reason="Wagtail 7.4 has no such API")
    served = {kind.name for kind in api.registry.list_content_types()}
    ours = apps.get_app_config("wagtail_payments").get_models()
    assert not served & {model._meta.label for model in ours if not hasattr(model, "get_sitemap_urls")}


def test_the_books_stay_out_of_the_reference_index(business: Business) -> None:
    models = {book.model._meta.model_name for book in BOOKS}
    found = ReferenceIndex.objects.filter(content_type__app_label="wagtail_payments")
    assert not models & set(found.values_list("content_type__model", flat=True))
