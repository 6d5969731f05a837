"""One day in the life of a whole host: set up, invoice, link, payment, receipt, and the admin.

Run by ``python -m tests.hosts`` in a process of its own, since a process has one set of settings.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from wagtail.models import Site
from wagtail.test.utils.form_data import nested_form_data, rich_text

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import clockwork, invoices, payments
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import letters, links
from wagtail_payments.models import Event, Invoice, Letter, Link, PaymentAttempt, Receipt
from wagtail_payments.records.page_types import document_page_types, event_page_types
from wagtail_payments.sandbox.testing import SandboxForTests, TestClock, make_sandbox
from wagtail_payments.sandbox.transport import SandboxHTTPClient
from wagtail_payments.sandbox.webhooks import Endpoint

ORIGIN = "http://localhost"
WEBHOOK = f"{ORIGIN}/payments/webhooks/stripe/"
GATEWAYS: dict[str, Any] = getattr(settings, "WAGTAIL_PAYMENTS", {}).get("GATEWAYS", {})
EVENING = datetime(2027, 6, 12, 17, 0, tzinfo=UTC)
LANGUAGE = settings.LANGUAGE_CODE
HAS_OWN_BASE_PAGE = hasattr(settings, "WAGTAIL_PAGE_MODEL") and settings.WAGTAIL_PAGE_MODEL != "wagtailcore.Page"


def set_up() -> None:
    """The owner migrates and checks: not one message."""
    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    ours = [message for message in run_checks(databases=["default"]) if not message.is_silenced()]
    assert ours == [], ours


def site_with_a_home() -> Site:
    """The site as Wagtail made it, or made by hand on the host's own base page."""
    if not HAS_OWN_BASE_PAGE:
        return factories.default_site()
    page_model = apps.get_model(settings.WAGTAIL_PAGE_MODEL)
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        root = page_model.objects.filter(depth=1).first() or page_model.add_root(title="Root", slug="root")
        home = root.add_child(instance=page_model(title="Home", slug="home"))
        site = Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return site


def add_page_in_the_admin(admin: Client, site: Site, invoice: Invoice | None) -> Any:
    """The editor finds the invoice page under "Add child page" and publishes one."""
    (page_type,) = document_page_types()
    offered = admin.get(reverse("wagtailadmin_pages:add_subpage", args=[site.root_page.pk]))
    add = reverse("wagtailadmin_pages:add", args=[*page_type._meta.label_lower.split("."), site.root_page.pk])
    if offered.status_code == 302:  # the only page type of this host
        assert offered["Location"] == add
    else:
        text = offered.content.decode()
        assert add in text
        assert capfirst(str(page_type._meta.verbose_name)) in text
    assert admin.get(add).status_code == 200
    key = str(invoice.pk) if invoice else ""
    fields = {"title": "Payments", "slug": "pay", "introduction": rich_text(""), "note": rich_text(""), "invoice": key}
    form = nested_form_data(fields | {"comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}, "action-publish": "1"})
    answer = admin.post(add, form)
    assert answer.status_code == 302, answer.content[:2000]
    return page_type.objects.get()


def issue_and_send(by: Any) -> Invoice:
    """The editor's invoice goes out by e-mail, with its PDF."""
    draft = factories.make_invoice(lines=[("Formation", "2", "450.00", "20")], language=LANGUAGE)
    subject, text = letters.default_invoice_text(invoice=draft, language=LANGUAGE)
    to = [draft.customer.email]
    invoice = invoices.issue_and_send(
        invoice_id=draft.pk, by=by, now=ports.now(), to=to, cc=[], subject=subject, text=text
    )
    assert min(clockwork.run_once(now=ports.now()).values()) >= 0
    (letter,) = mail.outbox
    assert invoice.number in letter.subject
    assert letter.attachments
    return invoice


def open_link(customer: Client, invoice: Invoice) -> str:
    """The customer opens the link of the e-mail, in the invoice's language and the site's design."""
    link = Link.objects.get(document=invoice.document)
    url = links.url_of(link)
    assert url.startswith(ORIGIN), url
    assert links.token_of(link) in str(mail.outbox[0].body)
    answer = customer.get(url.removeprefix(ORIGIN), follow=True)
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    assert invoice.number in text
    assert f'lang="{LANGUAGE}"' in text
    if "anymail" in settings.INSTALLED_APPS:
        assert 'class="existing-site"' in text
    pdf = customer.get(reverse("wagtail_payments:pdf", args=[link.public_id]))
    assert b"".join(pdf.streaming_content if pdf.streaming else [pdf.content]).startswith(b"%PDF")
    return text


def pay_online(customer: Client, sandbox: SandboxForTests, invoice: Invoice) -> None:
    """The customer pays on the provider's page, and a signed message brings the news."""
    link = Link.objects.get(document=invoice.document)
    answer = customer.post(reverse("wagtail_payments:pay", args=[link.public_id]))
    attempt = PaymentAttempt.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, attempt.url)
    sandbox.pay(attempt.session_id)
    sandbox.deliver_all(post_webhook)


def post_webhook(body: bytes, signature: str) -> int:
    """Post as Stripe does."""
    headers = {"Stripe-Signature": signature}
    path = WEBHOOK.removeprefix(ORIGIN)
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


def pay_by_transfer(page: str, invoice: Invoice, by: Any) -> None:
    """Without a gateway the page shows the account, and the editor records what arrived."""
    assert invoice.seller.iban[-3:] in page
    assert reverse("wagtail_payments:pay", args=[Link.objects.get().public_id]) not in page
    payments.record(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference="VIR 1",
        by=by,
        now=ports.now(),
        form_key="once",
    )


def is_settled(invoice: Invoice) -> None:
    """Paid by itself, and receipted by itself."""
    assert min(clockwork.run_once(now=ports.now()).values()) >= 0
    fresh = Invoice.objects.get(pk=invoice.pk)
    assert fresh.status_on(fresh.seller.today(ports.now())) is Status.PAID
    number = Receipt.objects.get().document.number
    assert [sent for sent in mail.outbox if number in sent.subject]


def make_its_page(admin: Client, site: Site, event: Event) -> Any:
    """The editor makes the page of an event from its desk, as the host's own type of such pages, and publishes it."""
    *others, page_type = event_page_types()
    chosen = {"parent": str(site.root_page.pk)} | ({"page_type": page_type._meta.label_lower} if others else {})
    address = reverse("wagtail_payments_event:new_page", args=[event.pk])
    asked = admin.get(address).content.decode()
    assert all(value in asked for value in chosen.values())
    answer = admin.post(address, chosen)
    page = page_type.objects.get()
    assert answer["Location"] == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert admin.get(answer["Location"]).status_code == 200
    page.speaker = "Anna Roux"  # which one of the hosts demands of a page that goes live
    page.save_revision().publish()
    desk = admin.get(reverse("wagtail_payments_event:desk", args=[event.pk])).content.decode()
    assert desk.count(answer["Location"]) == 1
    return page


def register_on_a_page(admin: Client, customer: Client, site: Site) -> None:
    """A visitor takes a free seat on the page of an event, in the site's language and design."""
    event = factories.make_event(site=site, name="Evening", starts_at=EVENING, ends_at=EVENING)
    event.ticket_types.update(price=0)
    page = make_its_page(admin, site, event)
    shown = customer.get(page.url)
    assert shown.status_code == 200
    assert f'lang="{LANGUAGE}"' in shown.content.decode()
    ticket = event.ticket_types.all()[0]
    sent = {"name": "Julie Martin", "email": "julie@example.org", f"tickets-{ticket.pk}": "1"}
    answer = customer.post(page.url, sent, follow=True)
    assert answer.redirect_chain, answer.content.decode()
    assert "Julie Martin" in answer.content.decode()
    assert event.seats.get().state == "confirmed"


def deliveries_are_seen() -> None:
    """The mail service reports, and the letter shows it."""
    if "anymail" not in settings.INSTALLED_APPS:
        return
    letter = Letter.objects.get(kind="invoice")
    assert letter.provider_message_id
    event = AnymailTrackingEvent(
        event_type="delivered", message_id=letter.provider_message_id, recipient=letter.to[0], timestamp=ports.now()
    )
    tracking.send(sender=None, event=event, esp_name="Test")
    assert Letter.objects.get(pk=letter.pk).delivery == "delivered"


def admin_opens(admin: Client) -> None:
    """The home page and each list of the Payments group."""
    for url in ("wagtailadmin_home", "wagtail_payments_invoice:list", "wagtail_payments_customer:list"):
        answer = admin.get(reverse(url))
        assert answer.status_code == 200, (url, answer.status_code)


def live_the_day() -> None:
    """Everything, in the order in which it happens."""
    translation.activate(LANGUAGE)
    set_up()
    site = site_with_a_home()
    factories.settle_site(factories.make_seller(language=LANGUAGE), site)
    boss = factories.make_superuser()
    admin, customer = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    admin.force_login(boss)
    clock = TestClock()
    secrets = GATEWAYS.get("stripe", {}).get("WEBHOOK_SECRETS", ["whsec_none"])
    sandbox = make_sandbox(clock=clock, endpoint=Endpoint(WEBHOOK, tuple(secrets)))
    with ports.use(everywhere=True, clock=clock, transports={"stripe": SandboxHTTPClient(sandbox)}):
        invoice = issue_and_send(boss)
        open_link(customer, invoice)  # without any page of the site
        page = add_page_in_the_admin(admin, site, invoice if HAS_OWN_BASE_PAGE else None)
        text = open_link(customer, invoice)
        assert customer.get(page.url).status_code == 200
        assert Client(SERVER_NAME="localhost").get(page.url).status_code == (404 if HAS_OWN_BASE_PAGE else 200)
        if GATEWAYS:
            pay_online(customer, sandbox, invoice)
        else:
            pay_by_transfer(text, invoice, boss)
        is_settled(invoice)
        deliveries_are_seen()
        register_on_a_page(admin, customer, site)
        admin_opens(admin)
