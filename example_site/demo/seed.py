"""The example business: made through the same actions as real use, from the first invoice to the last refund."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.utils.translation import override
from wagtail.models import Locale, Page, Site

from demo.models import HomePage
from demo.pictures import icon, logo
from demo.seed_events import EventSeed
from wagtail_payments import ports
from wagtail_payments.actions import checkout, credits, invoices, payments, refunds
from wagtail_payments.conf import settings as payments_settings
from wagtail_payments.mail import letters
from wagtail_payments.models import (
    CatalogueItem,
    Customer,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentAttempt,
    PaymentSettings,
    Seller,
)
from wagtail_payments.pages.models import InvoicePage
from wagtail_payments.printing.logo import to_rgb_png

VISA = "pm_card_visa"


class Seed:
    """Makes the example business once; ``now`` is the moment the demo was started."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.site = Site.objects.get(is_default_site=True)
        self.events: list[tuple[float, Callable[[], Any]]] = []

    def run(self) -> None:
        """Make everything, oldest first, as it would have happened."""
        self.admin = get_user_model().objects.create_superuser("admin", "admin@atelier-garonne.example", "admin")
        self.seller = self._seller()
        self._pages()
        self._customers()
        self._catalogue()
        self._history()
        EventSeed(site=self.site, seller=self.seller, home=self.home, now=self.now, pay=self._pay_by_card).run()

    def _seller(self) -> Seller:
        seller = Seller(
            name="Atelier Garonne",
            legal_form="SARL",
            capital="8 000 €",
            siren="123456782",
            siret="12345678200010",
            vat_number="FR11123456782",
            registration="RCS Bordeaux 123 456 782",
            street="12 quai des Chartrons",
            postcode="33000",
            city="Bordeaux",
            country="FR",
            email="bonjour@atelier-garonne.example",
            phone="05 56 00 00 00",
            website="https://atelier-garonne.example",
            iban="FR7630006000011234567890189",
            bic="AGRIFRPP",
            account_holder="Atelier Garonne SARL",
            mediator="Médiateur de la consommation : CM2C, 14 rue Saint-Jean, 75017 Paris.",
            colour="#7a2e2a",
            accent_colour="#7a2e2a",
            terms="Paiement à 30 jours, par virement ou en ligne.",
            statement_descriptor="ATELIER GARONNE",
            copy_to="comptabilite@atelier-garonne.example",
        )
        seller.full_clean(exclude=["logo", "icon"])
        for field, picture in ((seller.logo, logo()), (seller.icon, icon())):
            prepared = to_rgb_png(picture)
            field.save(f"{hashlib.sha256(prepared).hexdigest()}.png", ContentFile(prepared), save=False)
        seller.save()
        PaymentSettings.objects.update_or_create(site=self.site, defaults={"seller": seller})
        return seller

    def _pages(self) -> None:
        root = Page.get_first_root_node()
        home = root.add_child(
            instance=HomePage(
                title="A training business that gets paid",
                slug="atelier",
                introduction="<p>Send an invoice, open it as the customer, pay it, find it in the books: "
                "it takes two minutes, and nothing leaves this computer.</p>",
            )
        )
        Site.objects.filter(pk=self.site.pk).update(
            root_page=home, hostname="127.0.0.1", port=settings.SITE_PORT, site_name="Atelier Garonne"
        )
        Site.clear_site_root_paths_cache()
        self.site.refresh_from_db()
        Page.objects.filter(slug="home", depth=2).exclude(pk=home.pk).first().delete()
        french, _ = Locale.objects.get_or_create(language_code="fr")
        home.add_child(instance=InvoicePage(title="Your documents", slug="your-documents"))
        home.add_child(instance=InvoicePage(title="Vos documents", slug="vos-documents", locale=french))
        self.home = home

    def _customers(self) -> None:
        rows: list[dict[str, Any]] = [
            {"name": "Librairie du Port", "street": "3 rue Notre-Dame", "postcode": "33000", "city": "Bordeaux",
             "email": "compta@librairie-du-port.example", "siren": "552100554", "contact_name": "Hélène Marty"},
            {"name": "Brasserie Léognan SARL", "street": "8 avenue de Gradignan", "postcode": "33850",
             "city": "Léognan", "email": "contact@brasserie-leognan.example", "siren": "732829320"},
            {"name": "Drukkerij De Schelde BV", "street": "Kaaistraat 4", "postcode": "2000", "city": "Antwerpen",
             "country": "BE", "vat_number": "BE0428759497", "email": "boekhouding@de-schelde.example",
             "language": "en"},
            {"name": "Commune de Cestas", "kind": "public_body", "street": "2 avenue du Baron Haussmann",
             "postcode": "33610", "city": "Cestas", "email": "finances@cestas.example", "siren": "213301229"},
            {"name": "Camille Rey", "kind": "consumer", "street": "27 cours de l’Yser", "postcode": "33800",
             "city": "Bordeaux", "email": "camille.rey@example.com"},
        ]  # fmt: skip
        self.customers: dict[str, Customer] = {}
        for row in rows:
            customer = Customer(**row)
            customer.full_clean()
            customer.save()
            self.customers[customer.name.split()[0]] = customer

    def _catalogue(self) -> None:
        for name, price, unit in (
            ("Formation comptabilité, journée", "890", "jour"),
            ("Atelier tableur, demi-journée", "420", "demi-journée"),
            ("Accompagnement individuel", "95", "heure"),
            ("Support de cours imprimé", "24.50", "exemplaire"),
        ):
            CatalogueItem.objects.create(name=name, description=name, unit=unit, unit_price=Decimal(price))

    def _history(self) -> None:
        """A dozen invoices, one in every state; what happened earlier is done earlier, as the numbers demand."""
        self._draft()
        paid_online = [self._online_later(14, self._consumer), self._online_later(12, self._workshop)]
        by_debit = self._online_later(4, self._training)
        self._on(75, self._overdue)
        self._on(60, self._by_transfer)
        self._on(45, self._reverse_charge)
        self._on(40, self._partly_paid)
        self._on(30, self._overpaid)
        self._on(21, self._credited)
        self._on(3, self._open)
        self._on(1, lambda at: self._open(at, "Commune", "Sensibilisation à la cybersécurité"))
        while self.events:
            self.events.sort(key=lambda row: row[0])
            _days, event = self.events.pop()
            event()
        for invoice in paid_online:
            self._pay_online(invoice(), VISA)
        self._refund_part(paid_online[1]())
        self._pay_online(by_debit(), self._sepa_method())

    def _on(self, days_ago: float, event: Callable[[datetime], Any]) -> None:
        at = self.now - timedelta(days=days_ago)
        self.events.append((days_ago, lambda: event(at)))

    def _online_later(self, days_ago: int, make: Callable[[datetime], Invoice]) -> Callable[[], Invoice]:
        made: list[Invoice] = []
        self._on(days_ago, lambda at: made.append(make(at)))
        return lambda: made[0]

    def _invoice(self, who: str, title: str, lines: list[tuple[str, str, str, str]], **values: Any) -> Invoice:
        customer = self.customers[who]
        due_days = values.pop("due_days", 30)
        line_values = values.pop("line_values", {})
        invoice = Invoice(
            seller=self.seller, site=self.site, customer=customer, title=title, language=customer.language,
            due_days=due_days, created_by=self.admin, terms=self.seller.terms, **values,
        )  # fmt: skip
        invoice.lines = [
            InvoiceLine(sort_order=order, description=text, quantity=Decimal(quantity), unit=unit,
                        unit_price=Decimal(price), **line_values)
            for order, (text, quantity, unit, price) in enumerate(lines)
        ]  # fmt: skip
        invoices.store_totals(invoice=invoice)
        invoice.full_clean(exclude=["metadata"])
        invoice.save()
        return invoice

    def _issue(self, invoice: Invoice, at: datetime) -> Invoice:
        subject, text = letters.default_invoice_text(invoice=invoice, language=invoice.language)
        return invoices.issue_and_send(
            invoice_id=invoice.pk, by=self.admin, now=at, to=[invoice.customer.email], cc=[], subject=subject, text=text
        )

    def _record(self, invoice: Invoice, amount: int, at: datetime, reference: str, method: str = "transfer") -> Payment:
        return payments.record(
            invoice=invoice, amount=amount, method=method, received_on=self.seller.today(at), reference=reference,
            by=self.admin, now=at, form_key=ports.new_id(),
        )  # fmt: skip

    def _overdue(self, at: datetime) -> None:
        lines = [
            ("Formation comptabilité, 2 journées", "2", "jour", "890"),
            ("Supports de cours", "12", "ex.", "24.50"),
        ]
        self._issue(self._invoice("Brasserie", "Formation de l’équipe", lines), at)

    def _by_transfer(self, at: datetime) -> None:
        invoice = self._issue(self._invoice("Librairie", "Atelier tableur", [("Atelier tableur", "1", "", "420")]), at)
        self._on(51, lambda then: self._record(invoice, invoice.gross, then, "VIR LIBRAIRIE DU PORT"))

    def _reverse_charge(self, at: datetime) -> None:
        vat = {"vat_category": "AE", "vat_rate": Decimal(0), "vat_reason": "VATEX-EU-AE"}
        lines = [("Bookkeeping for printers", "2", "day", "950")]
        invoice = self._issue(self._invoice("Drukkerij", "Two days of training", lines, line_values=vat), at)
        self._on(25, lambda then: self._record(invoice, invoice.gross, then, "DE SCHELDE 2026"))

    def _partly_paid(self, at: datetime) -> None:
        lines = [("Accompagnement individuel", "10", "heure", "95")]
        invoice = self._issue(self._invoice("Librairie", "Accompagnement", lines, due_days=60), at)
        self._on(28, lambda then: self._record(invoice, 50000, then, "Premier versement", "cheque"))

    def _overpaid(self, at: datetime) -> None:
        invoice = self._issue(self._invoice("Commune", "Initiation", [("Initiation au tableur", "1", "", "420")]), at)

        def pay(then: datetime) -> None:
            payment = self._record(invoice, invoice.gross + 2500, then, "MANDAT 2026-118")
            self._on(20, lambda later: self._give_back(payment, later))

        self._on(22, pay)

    def _give_back(self, payment: Payment, at: datetime) -> None:
        wish = refunds.Wish(2500, by_hand=True, reason="Trop-perçu", by=self.admin, form_key=ports.new_id())
        refunds.refund_overpayment(payment=payment, wish=wish, now=at)

    def _credited(self, at: datetime) -> None:
        invoice = self._issue(self._invoice("Brasserie", "Journée annulée", [("Formation", "1", "jour", "890")]), at)
        amounts = {group.key: group.left for group in credits.creditable(invoice)}

        def cancel(then: datetime) -> None:
            credits.credit(
                invoice_id=invoice.pk, amounts=amounts, reason="Session annulée", by=self.admin, now=then,
                form_key=ports.new_id(),
            )  # fmt: skip

        self._on(19, cancel)

    def _consumer(self, at: datetime) -> Invoice:
        lines = [("Cours particulier de tableur", "3", "heure", "60")]
        gross = {"price_includes_vat": True}
        return self._issue(self._invoice("Camille", "Cours particulier", lines, line_values=gross), at)

    def _workshop(self, at: datetime) -> Invoice:
        lines = [("Atelier tableur, demi-journée", "1", "", "420")]
        return self._issue(self._invoice("Librairie", "Atelier", lines), at)

    def _training(self, at: datetime) -> Invoice:
        lines = [("Formation comptabilité, journée", "1", "jour", "890")]
        return self._issue(self._invoice("Brasserie", "Formation du 12", lines), at)

    def _open(self, at: datetime, who: str = "Librairie", title: str = "Formation tableur") -> None:
        self._issue(self._invoice(who, title, [(title, "1", "jour", "650")], order_reference="BC-2026-77"), at)

    def _draft(self) -> None:
        self._invoice("Camille", "Bilan de compétences", [("Bilan de compétences", "1", "forfait", "480")])

    def _pay_online(self, invoice: Invoice, method: str) -> None:
        """As the customer does it: start, the provider's page, back."""
        root = self.site.root_url
        attempt = checkout.start(invoice=invoice, now=ports.now(), return_url=lambda _: root, cancel_url=root)
        self._confirm(attempt, method)

    def _pay_by_card(self, attempt: PaymentAttempt) -> None:
        self._confirm(attempt, VISA)

    def _confirm(self, attempt: PaymentAttempt, method: str) -> None:
        self._ask_sandbox(f"payment_pages/{attempt.session_id}/confirm", {"payment_method": method})
        checkout.refresh(attempt=attempt, now=ports.now())

    def _refund_part(self, invoice: Invoice) -> None:
        payment = invoice.allocations.get().payment
        amounts = {credits.creditable(invoice)[0].key: 12000}
        wish = refunds.Wish(0, by_hand=False, reason="Une participante absente", by=self.admin, form_key=ports.new_id())
        refunds.refund_invoice(
            invoice_id=invoice.pk, amounts=amounts, payment_id=payment.pk, wish=wish, now=ports.now()
        )

    def _sepa_method(self) -> str:
        data = {
            "type": "sepa_debit",
            "sepa_debit[iban]": "AT611904300234573201",
            "billing_details[name]": "Brasserie Léognan",
            "billing_details[email]": "contact@brasserie-leognan.example",
        }
        return str(self._ask_sandbox("payment_methods", data)["id"])

    def _ask_sandbox(self, path: str, data: dict[str, str]) -> dict[str, Any]:
        """What the customer's browser does on the provider's page."""
        key = payments_settings.GATEWAYS["stripe"]["SECRET_KEY"]
        answer = requests.post(
            f"{settings.SANDBOX_URL}/v1/{path}", data=data, headers={"Authorization": f"Bearer {key}"}, timeout=10
        )
        answer.raise_for_status()
        return dict(answer.json())


def wait_for_sandbox() -> None:
    """Wait until the sandbox answers; raises after ten seconds."""
    for _attempt in range(100):
        try:
            requests.get(settings.SANDBOX_URL, timeout=2)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(settings.SANDBOX_URL)


def is_seeded() -> bool:
    """Was the example business made already?"""
    return Seller.objects.exists()


def run(now: datetime) -> None:
    """Make the example business, in French words where it writes them."""
    with override("fr"):
        Seed(now).run()
