"""The example's sales that did not go straight: money taken back, invoices put right, reminded or given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.workbench import DISPUTED_CARD, Workbench
from wagtail_payments import ports
from wagtail_payments.actions import corrections, credits, reminder_series, reminders, revisions, write_offs
from wagtail_payments.models import Invoice

MORNING = {"hour": 10, "minute": 0}  # nobody is reminded by night


class AstraySeed:
    """Plans what an office has to look after."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    def plan(self) -> None:
        """Put each on its days."""
        reminder_series.begin(seller=self.bench.seller, now=self._ago(80))
        for days_ago in (37, 23):
            self.bench.on(days_ago, self._remind)
        self.bench.on(70, self._given_up)
        self.bench.on(27, self._corrected)
        self.bench.on(25, self._disputed)
        self.bench.on(24, self._returned)
        self.bench.on(18, self._credit_left)
        self.bench.on(1, self._revised)

    def _ago(self, days: float) -> datetime:
        return self.bench.now - timedelta(days=days)

    def _remind(self, at: datetime) -> None:
        """What the clockwork did on that day."""
        reminders.run(now=at.astimezone(ZoneInfo(self.bench.seller.time_zone)).replace(**MORNING))

    def _given_up(self, at: datetime) -> None:
        lines = [("Atelier tableur, demi-journée", "1", "", "420")]
        invoice = self.bench.sent(at, "Papeterie", "Atelier du printemps", lines, due_days=15)
        reason = "Petite somme, client injoignable depuis deux mois"
        self.bench.on(
            9, lambda then: write_offs.write_off(invoice_id=invoice.pk, reason=reason, by=self.bench.admin, now=then)
        )

    def _corrected(self, at: datetime) -> None:
        """Issued with a wrong quantity, replaced by a corrective invoice (384)."""
        lines = [("Printed course book", "42", "pcs", "24.50")]
        invoice = self.bench.sent(at, "Drukkerij", "Course books", lines)

        def correct(then: datetime) -> None:
            draft = corrections.draft_corrective(
                invoice_id=invoice.pk, reason="24 books were delivered, not 42", by=self.bench.admin, now=then
            )
            draft.lines.set([self._with_quantity(line, 24) for line in draft.lines.all()])
            draft.save()
            self.bench.issue(Invoice.objects.get(pk=draft.pk), then)

        self.bench.on(26, correct)

    def _with_quantity(self, line: Any, quantity: int) -> Any:
        line.quantity = quantity
        return line

    def _disputed(self, at: datetime) -> None:
        gross = {"price_includes_vat": True}
        lines = [("Cours particulier de reliure", "4", "heures", "60")]
        invoice = self.bench.sent(at, "Camille", "Cours de reliure", lines, line_values=gross)
        self.bench.today(lambda: self.bench.look_for_disputes(self.bench.pay_online(invoice, DISPUTED_CARD)))

    def _returned(self, at: datetime) -> None:
        lines = [("Atelier tableur, demi-journée", "1", "", "420")]
        invoice = self.bench.sent(at, "Brasserie", "Atelier de septembre", lines)

        def pay_and_take_back() -> None:
            account = self.bench.bank_account(invoice.customer)
            self.bench.return_debit(self.bench.pay_online(invoice, account))

        self.bench.today(pay_and_take_back)

    def _credit_left(self, at: datetime) -> None:
        """Paid, then credited in part: what is left can pay the customer's next invoice."""
        lines = [("Support de cours imprimé", "10", "ex.", "24.50")]
        invoice = self.bench.sent(at, "Librairie", "Supports de cours", lines)
        self.bench.on(17, lambda then: self.bench.record(invoice, invoice.gross, then, "VIR LIBRAIRIE DU PORT 2"))

        def credit(then: datetime) -> None:
            (group,) = credits.creditable(invoice)
            credits.credit(
                invoice_id=invoice.pk, amounts={group.key: 5880}, reason="Deux exemplaires abîmés", now=then,
                by=self.bench.admin, form_key=ports.new_id(),
            )  # fmt: skip

        self.bench.on(11, credit)

    def _revised(self, at: datetime) -> None:
        """The order number came late: a second rendition of the same invoice."""
        title = "Sensibilisation à la cybersécurité"
        invoice = self.bench.sent(at, "Commune", title, [(title, "1", "jour", "650")])

        def revise(then: datetime) -> None:
            revisions.revise(
                invoice_id=invoice.pk, changes=revisions.Changes("BC-2026-77", "", ()), by=self.bench.admin, now=then,
                form_key=ports.new_id(), notice=revisions.Notice([invoice.customer.email]),
            )  # fmt: skip

        self.bench.on(0.5, revise)
