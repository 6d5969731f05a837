"""The invoice page: a counter, or the page of one invoice; whatever happens to it, no record changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client, RequestFactory
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.search import index

from tests import factories
from tests.portal.conftest import link_of, open_link, renew
from wagtail_payments.models import Invoice
from wagtail_payments.pages.models import InvoicePage
from wagtail_payments.records.documents import IssuedDocument


def add_page(parent: Page | None = None, **fields: Any) -> InvoicePage:
    """Publish an invoice page under the home page."""
    values: dict[str, Any] = {"title": "Your invoices", "slug": "invoices", "introduction": "<p>Welcome.</p>"}
    home = parent or factories.default_site().root_page
    page: InvoicePage = home.add_child(instance=InvoicePage(**values | fields))
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def record_of(invoice: Invoice) -> list[Any]:
    """Everything that the books know of an invoice."""
    return [Invoice.objects.filter(pk=invoice.pk).values(), IssuedDocument.objects.values()]


@pytest.fixture
def counter(db: None) -> InvoicePage:
    """The counter of the default site."""
    return add_page()


@pytest.fixture
def bound(issued: Callable[..., Invoice]) -> InvoicePage:
    """A page for one invoice."""
    return add_page(title="For the library", slug="library", invoice=issued())


class TestTheCounter:
    @pytest.mark.parametrize("name", ["a\x00b", "é" * 40, "x" * 500, "😀", "..", "%s"])
    def test_a_document_that_nobody_could_have_is_not_found(
        self, browser: Client, counter: InvoicePage, name: str
    ) -> None:
        assert browser.get(f"{counter.url}{quote(name)}/").status_code == 404

    def test_its_bare_address_explains_itself(self, browser: Client, counter: InvoicePage) -> None:
        answer = browser.get(counter.url)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "open the link in the e-mail" in page
        assert "Welcome." in page
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert "noindex" in answer.headers["X-Robots-Tag"]

    def test_a_link_leads_to_it(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
    ) -> None:
        invoice = issued()
        answer = open_link(browser, invoice)
        assert answer["Location"] == f"{counter.url}{link_of(invoice).public_id}/"
        page = browser.get(answer["Location"]).content.decode()
        assert invoice.number in page
        assert "Welcome." in page

    def test_it_shows_nothing_to_who_has_no_link(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
    ) -> None:
        foreign = browser.get(f"{counter.url}{link_of(issued()).public_id}/")
        missing = browser.get(f"{counter.url}{'0' * 32}/")
        dead = browser.get("/payments/l/nothing/")
        assert {answer.status_code for answer in (foreign, missing, dead)} == {404}
        assert foreign.content == missing.content == dead.content

    def test_a_renewed_link_ends_the_visit(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
        clock: Any,
    ) -> None:
        invoice = issued()
        address = open_link(browser, invoice)["Location"]
        renew(invoice, clock())
        assert browser.get(address).status_code == 404

    def test_what_a_form_refuses_is_shown_in_its_design(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
    ) -> None:
        invoice = issued()
        open_link(browser, invoice)
        answer = browser.post(f"/payments/d/{link_of(invoice).public_id}/question/", {})
        assert answer.status_code == 422
        assert "Welcome." in answer.content.decode()

    def test_unpublished_it_hands_over_to_the_app(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
    ) -> None:
        counter.unpublish()
        answer = open_link(browser, issued())
        assert answer["Location"].startswith("/payments/d/")
        assert browser.get(answer["Location"]).status_code == 200

    def test_another_sites_counter_is_not_used(
        self,
        browser: Client,
        issued: Callable[..., Invoice],
    ) -> None:
        root = Page.objects.get(depth=1)
        other = root.add_child(instance=Page(title="Other", slug="other"))
        Site.objects.create(hostname="example.com", root_page=other)
        add_page(other)
        invoice = issued()
        assert open_link(browser, invoice)["Location"].startswith("/payments/d/")
        elsewhere = open_link(browser, invoice, headers={"host": "example.com"})
        assert elsewhere["Location"].startswith("/payments/d/")

    def test_each_language_has_its_own(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
        settings: Any,
    ) -> None:
        settings.WAGTAIL_I18N_ENABLED = True
        settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES
        french = Locale.objects.create(language_code="fr")
        translated = counter.copy_for_translation(french, copy_parents=True)
        translated.slug = "factures"
        translated.save_revision().publish()
        assert open_link(browser, issued(language="en"))["Location"].startswith(counter.url)
        fr_page = InvoicePage.objects.get(locale=french)
        assert fr_page.live
        site = factories.default_site()
        fr_page.move(site.root_page, "last-child")
        address = open_link(browser, issued(language="fr"))["Location"]
        assert address.startswith(InvoicePage.objects.get(locale=french).url)

    def test_the_number_of_queries_is_the_same_for_every_document(
        self,
        browser: Client,
        counter: InvoicePage,
        issued: Callable[..., Invoice],
        django_assert_max_num_queries: Any,
    ) -> None:
        invoice = issued(lines=[(f"Day {number}", "1", "100", "20") for number in range(40)])
        address = open_link(browser, invoice)["Location"]
        browser.get(address)
        with django_assert_max_num_queries(16):
            browser.get(address)


class TestAPageOfOneInvoice:
    def test_it_is_not_there_for_the_public(self, browser: Client, bound: InvoicePage) -> None:
        answer = browser.get(bound.url)
        assert answer.status_code == 404
        assert answer.content == browser.get("/payments/l/nothing/").content

    def test_its_link_leads_to_it(self, browser: Client, bound: InvoicePage) -> None:
        answer = open_link(browser, bound.invoice)
        assert answer["Location"] == bound.url
        page = browser.get(bound.url).content.decode()
        assert bound.invoice.number in page

    def test_it_goes_before_the_counter(self, browser: Client, bound: InvoicePage) -> None:
        add_page()
        assert open_link(browser, bound.invoice)["Location"] == bound.url

    def test_the_link_of_another_invoice_does_not_open_it(
        self,
        browser: Client,
        bound: InvoicePage,
        issued: Callable[..., Invoice],
    ) -> None:
        other = issued()
        open_link(browser, other)
        assert browser.get(bound.url).status_code == 404
        assert browser.get(f"{bound.url}{link_of(other).public_id}/").status_code == 404

    def test_staff_see_it_by_permission(self, browser: Client, bound: InvoicePage) -> None:
        browser.force_login(factories.make_user())
        assert browser.get(bound.url).status_code == 404
        browser.force_login(factories.make_user("view_invoice"))
        assert browser.get(bound.url).status_code == 200

    def test_a_drafts_page_is_for_staff_alone(self, browser: Client, clock: Any) -> None:
        page = add_page(invoice=factories.make_invoice(language="en"))
        assert browser.get(page.url).status_code == 404
        browser.force_login(factories.make_user("view_invoice"))
        assert "This is a preview" in browser.get(page.url).content.decode()

    def test_it_stands_in_no_public_list(self, bound: InvoicePage) -> None:
        listed = Sitemap(RequestFactory().get("/sitemap.xml")).items()
        assert bound not in [page.specific for page in Page.objects.live().public()]
        assert bound.pk not in [page.pk for page in listed]
        assert bound.get_sitemap_urls() == []
        assert index.get_indexed_instance(bound) is None
        assert not list(Page.objects.live().public().search("library"))

    @pytest.mark.parametrize("somebody", [AnonymousUser, factories.make_user])
    def test_the_api_does_not_list_it(
        self, bound: InvoicePage, counter: InvoicePage, somebody: Callable[[], Any]
    ) -> None:
        view = PagesAPIViewSet()
        view.request = RequestFactory().get("/")
        view.request.user = somebody()
        view.request.wagtailapi_router = WagtailAPIRouter("api")  # type: ignore[attr-defined]
        listed = {page.pk for page in view.get_base_queryset()}
        assert bound.pk not in listed
        assert counter.pk in listed

    def test_unbound_it_is_public_again(self, bound: InvoicePage) -> None:
        bound.invoice = None
        bound.save()
        assert not PageViewRestriction.objects.filter(page=bound).exists()

    def test_its_mark_asks_nobody_to_log_in(self, browser: Client, bound: InvoicePage) -> None:
        """A login form would send customers away; who has no link gets the page that says so."""
        assert PageViewRestriction.objects.get(page=bound).restriction_type == PageViewRestriction.GROUPS
        assert browser.get(bound.url).status_code == 404

    def test_a_restriction_above_it_still_holds(self, browser: Client, bound: InvoicePage) -> None:
        PageViewRestriction.objects.create(page_id=bound.get_parent().pk, restriction_type=PageViewRestriction.LOGIN)
        answer = browser.get(bound.url)
        assert answer.status_code == 302


class TestNoRecordChanges:
    def test_a_copy_has_no_key(self, bound: InvoicePage) -> None:
        copied = bound.copy(update_attrs={"slug": "copy"})
        assert copied.specific.invoice_id is None
        assert copied.get_latest_revision_as_object().invoice_id is None

    def test_an_alias_has_no_key_and_keeps_none(self, bound: InvoicePage) -> None:
        alias = bound.create_alias(update_slug="alias")
        assert InvoicePage.objects.get(pk=alias.pk).invoice_id is None
        bound.title = "Another title"
        bound.save_revision().publish()
        again = InvoicePage.objects.get(pk=alias.pk)
        assert (again.title, again.invoice_id) == ("Another title", None)

    def test_a_translation_has_no_key(self, bound: InvoicePage) -> None:
        french = Locale.objects.create(language_code="fr")
        assert bound.copy_for_translation(french, copy_parents=True).invoice_id is None

    def test_deleting_unpublishing_and_reverting_change_no_record(self, bound: InvoicePage) -> None:
        invoice, before = bound.invoice, [list(rows) for rows in record_of(bound.invoice)]
        first = bound.revisions.order_by("pk").first()
        bound.title = "Later"
        bound.save_revision().publish()
        assert first is not None
        first.publish()
        bound.unpublish()
        bound.delete()
        assert [list(rows) for rows in record_of(invoice)] == before

    def test_an_invoice_with_a_page_is_kept(self, db: None) -> None:
        draft = factories.make_invoice()
        add_page(invoice=draft)
        with pytest.raises(ProtectedError), transaction.atomic():
            draft.delete()

    def test_a_revision_that_names_a_deleted_draft_still_opens(self, counter: InvoicePage) -> None:
        draft = factories.make_invoice()
        counter.invoice = draft
        counter.save_revision()
        counter.refresh_from_db()
        draft.delete()
        assert counter.get_latest_revision_as_object().invoice_id is None

    def test_an_invoice_has_one_page(self, bound: InvoicePage) -> None:
        with pytest.raises(Exception, match="already exists"):
            add_page(title="Second", slug="second", invoice=bound.invoice)
