"""The example business: made through the same actions as real use, from the first invoice to the last refund."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
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
from demo.seed_astray import AstraySeed
from demo.seed_events import EventSeed
from demo.seed_parts import PartSeed
from demo.seed_quotes import QuoteSeed
from demo.workbench import VISA, Workbench
from wagtail_payments import ports
from wagtail_payments.actions import credits, refunds
from wagtail_payments.models import (
    CatalogueItem,
    Customer,
    Invoice,
    Payment,
    PaymentSettings,
    Seller,
)
from wagtail_payments.pages.models import InvoicePage
from wagtail_payments.printing.logo import to_rgb_png


class Seed:
    """Makes the example business once; ``now`` is the moment the demo was started."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.site = Site.objects.get(is_default_site=True)

    def run(self) -> None:
        """Make everything, oldest first, as it would have happened."""
        self.admin = get_user_model().objects.create_superuser("admin", "admin@atelier-garonne.example", "admin")
        self.seller = self._seller()
        self._pages()
        self._customers()
        self._catalogue()
        self.bench = Workbench(
            now=self.now, site=self.site, seller=self.seller, admin=self.admin, customers=self.customers
        )
        self._history()
        PartSeed(self.bench).plan()
        AstraySeed(self.bench).plan()
        QuoteSeed(self.bench).plan()
        self.bench.play()
        EventSeed(site=self.site, seller=self.seller, home=self.home, now=self.now, pay=self.bench.confirm).run()

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
            promise_days=21,
            quote_terms="Le devis signé vaut commande. Report gratuit jusqu’à 15 jours avant la première séance.",
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
            {"name": "Papeterie Ségur", "street": "14 rue Sainte-Catherine", "postcode": "33000", "city": "Bordeaux",
             "email": "gerance@papeterie-segur.example", "siren": "404833048", "contact_name": "Alain Ségur"},
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
        """A dozen ordinary invoices; what happened earlier is done earlier, as the numbers demand."""
        self._draft()
        self.bench.on(75, self._overdue)
        self.bench.on(60, self._by_transfer)
        self.bench.on(45, self._reverse_charge)
        self.bench.on(40, self._partly_paid)
        self.bench.on(30, self._overpaid)
        self.bench.on(21, self._credited)
        self.bench.on(14, self._consumer)
        self.bench.on(12, self._workshop)
        self.bench.on(4, self._training)
        self.bench.on(3, self._open)

    def _overdue(self, at: datetime) -> None:
        lines = [
            ("Formation comptabilité, 2 journées", "2", "jours", "890"),
            ("Supports de cours", "12", "ex.", "24.50"),
        ]
        self.bench.sent(at, "Brasserie", "Formation de l’équipe", lines)

    def _by_transfer(self, at: datetime) -> None:
        invoice = self.bench.sent(at, "Librairie", "Atelier tableur", [("Atelier tableur", "1", "", "420")])
        self.bench.on(51, lambda then: self.bench.record(invoice, invoice.gross, then, "VIR LIBRAIRIE DU PORT"))

    def _reverse_charge(self, at: datetime) -> None:
        vat = {"vat_category": "AE", "vat_rate": Decimal(0), "vat_reason": "VATEX-EU-AE"}
        lines = [("Bookkeeping for printers", "2", "days", "950")]
        invoice = self.bench.sent(at, "Drukkerij", "Two days of training", lines, line_values=vat)
        self.bench.on(25, lambda then: self.bench.record(invoice, invoice.gross, then, "DE SCHELDE 2026"))

    def _partly_paid(self, at: datetime) -> None:
        lines = [("Accompagnement individuel", "10", "heures", "95")]
        invoice = self.bench.sent(at, "Librairie", "Accompagnement", lines, due_days=60)
        self.bench.on(28, lambda then: self.bench.record(invoice, 50000, then, "Premier versement", "cheque"))

    def _overpaid(self, at: datetime) -> None:
        invoice = self.bench.sent(at, "Commune", "Initiation", [("Initiation au tableur", "1", "", "420")])

        def pay(then: datetime) -> None:
            payment = self.bench.record(invoice, invoice.gross + 2500, then, "MANDAT 2026-118")
            self.bench.on(20, lambda later: self._give_back(payment, later))

        self.bench.on(22, pay)

    def _give_back(self, payment: Payment, at: datetime) -> None:
        wish = refunds.Wish(2500, by_hand=True, reason="Trop-perçu", by=self.admin, form_key=ports.new_id())
        refunds.refund_overpayment(payment=payment, wish=wish, now=at)

    def _credited(self, at: datetime) -> None:
        invoice = self.bench.sent(at, "Brasserie", "Journée annulée", [("Formation", "1", "jour", "890")])
        amounts = {group.key: group.left for group in credits.creditable(invoice)}

        def cancel(then: datetime) -> None:
            credits.credit(
                invoice_id=invoice.pk, amounts=amounts, reason="Session annulée", by=self.admin, now=then,
                form_key=ports.new_id(),
            )  # fmt: skip

        self.bench.on(19, cancel)

    def _consumer(self, at: datetime) -> None:
        lines = [("Cours particulier de tableur", "3", "heures", "60")]
        gross = {"price_includes_vat": True}
        invoice = self.bench.sent(at, "Camille", "Cours particulier", lines, line_values=gross)
        self.bench.today(lambda: self.bench.pay_online(invoice, VISA))

    def _workshop(self, at: datetime) -> None:
        lines = [("Atelier tableur, demi-journée", "1", "", "420")]
        invoice = self.bench.sent(at, "Librairie", "Atelier", lines)
        self.bench.today(lambda: self.bench.pay_online(invoice, VISA))
        self.bench.today(lambda: self._refund_part(invoice))

    def _training(self, at: datetime) -> None:
        lines = [("Formation comptabilité, journée", "1", "jour", "890")]
        invoice = self.bench.sent(at, "Brasserie", "Formation du 12", lines)
        account = self.bench.bank_account
        self.bench.today(lambda: self.bench.pay_online(invoice, account(invoice.customer)))

    def _open(self, at: datetime) -> None:
        lines = [("Formation tableur", "1", "jour", "650")]
        self.bench.sent(at, "Librairie", "Formation tableur", lines, order_reference="BC-2026-77")

    def _draft(self) -> None:
        self.bench.draft("Camille", "Bilan de compétences", [("Bilan de compétences", "1", "forfait", "480")])

    def _refund_part(self, invoice: Invoice) -> None:
        payment = invoice.allocations.get().payment
        amounts = {credits.creditable(invoice)[0].key: 12000}
        wish = refunds.Wish(0, by_hand=False, reason="Une participante absente", by=self.admin, form_key=ports.new_id())
        refunds.refund_invoice(
            invoice_id=invoice.pk, amounts=amounts, payment_id=payment.pk, wish=wish, now=ports.now()
        )


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
