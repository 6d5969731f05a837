"""The example's invoices that are paid in parts: a deposit and its balance, a pro forma, instalments, a planned day."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from demo.workbench import VISA, Workbench
from wagtail_payments.actions import deposits, proformas, promises
from wagtail_payments.models import Instalment, Invoice


class PartSeed:
    """Plans orders that are not paid all at once."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    def plan(self) -> None:
        """Put each on its days."""
        self.bench.on(50, self._in_three)
        self.bench.on(48, self._chain)
        self.bench.on(35, self._planned)
        self.bench.on(16, self._waiting_for_its_balance)
        self.bench.on(2, self._proforma)

    def _chain(self, at: datetime) -> None:
        """An order whose deposit and balance are both issued; the deposit was paid."""
        lines = [("Atelier typographie, groupe de huit", "2", "jours", "1150"), ("Papier et encres", "8", "kits", "35")]
        order = self.bench.draft("Commune", "Ateliers d’été", lines)
        deposit = self._ask(order, at, Decimal(40))
        self.bench.on(44, lambda then: self.bench.record(deposit, deposit.gross, then, "MANDAT 2026-131"))
        self.bench.on(8, lambda then: self.bench.issue(Invoice.objects.get(pk=order.pk), then))

    def _waiting_for_its_balance(self, at: datetime) -> None:
        """An order whose deposit was paid by card; the rest is still a draft."""
        order = self.bench.draft("Librairie", "Vitrine de Noël", [("Conception et pose", "1", "forfait", "2400")])
        deposit = self._ask(order, at, Decimal(30))
        self.bench.today(lambda: self.bench.pay_online(deposit, VISA))

    def _ask(self, order: Invoice, at: datetime, percent: Decimal) -> Invoice:
        wish = deposits.Wish(percent=percent, due_days=10)
        deposit = deposits.ask(contract_id=order.pk, wish=wish, by=self.bench.admin, now=at)
        return self.bench.issue(deposit, at)

    def _in_three(self, at: datetime) -> None:
        """Three instalments: the first was paid, the second is late, the third to come."""
        lines = [("Parcours de formation, six séances", "6", "séances", "320")]
        draft = self.bench.draft("Papeterie", "Parcours complet", lines, other_amount=True)
        today = self.bench.seller.today(at)
        for place, days in enumerate((5, 30, 60)):
            percent = Decimal(40) if place == 0 else None
            Instalment.objects.create(
                invoice=draft, due_on=today + timedelta(days=days), percent=percent, sort_order=place
            )
        invoice = self.bench.issue(Invoice.objects.get(pk=draft.pk), at)
        first = invoice.instalments.order_by("due_on")[0].part
        self.bench.on(46, lambda then: self.bench.record(invoice, first, then, "VIR PAPETERIE SEGUR 1/3"))

    def _planned(self, at: datetime) -> None:
        """Overdue, but the customer has said when it will be paid."""
        lines = [("Reprise de comptabilité", "7", "heures", "95")]
        invoice = self.bench.sent(at, "Brasserie", "Reprise de comptabilité", lines, due_days=20)

        def promise(then: datetime) -> None:
            day = self.bench.seller.today(then) + timedelta(days=12)
            promises.make(invoice_id=invoice.pk, planned_on=day, by=self.bench.admin, by_customer=False, now=then)

        self.bench.on(6, promise)

    def _proforma(self, at: datetime) -> None:
        """A draft that was sent as a pro forma, for the customer's own paperwork."""
        vat = {"vat_category": "AE", "vat_rate": Decimal(0), "vat_reason": "VATEX-EU-AE"}
        lines = [("Colour management, one day on site", "1", "day", "1200")]
        draft = self.bench.draft("Drukkerij", "Colour management", lines, line_values=vat)
        proformas.send(invoice_id=draft.pk, to=[draft.customer.email], by=self.bench.admin, now=at)
