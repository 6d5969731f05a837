"""The example's quotes: sent with options, signed, accepted by phone, declined, expired, revised, being written."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.workbench import QUOTE_TERMS, Workbench
from wagtail_payments.actions import (
    agreements,
    billing,
    quote_questions,
    quote_versions,
    quotes,
    signatures,
    signing,
)
from wagtail_payments.mail import codes
from wagtail_payments.mail import quotes as quote_letters
from wagtail_payments.models import PlanStep, Quote, QuoteLine

Row = tuple[str, str, str, str, dict[str, Any]]  # text, quantity, unit, price, fields
THIRTY_FORTY = (
    ("Acompte à la commande", Decimal(30), "at_signature"),
    ("Livraison des supports", Decimal(40), "on_milestone"),
    ("Solde", None, "on_milestone"),
)


class QuoteSeed:
    """Plans what was offered, and what became of it."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    def plan(self) -> None:
        """Put each on its days."""
        self.bench.on(55, self._expired)
        self.bench.on(33, self._declined)
        self.bench.on(28, self._accepted)
        self.bench.on(15, self._revised)
        self.bench.on(7, self._signed)
        self.bench.on(5, self._with_options)
        self.bench.on(0.2, self._being_written)

    def _quote(self, who: str, title: str, rows: list[Row], plan: Any = (), **values: Any) -> Quote:
        customer = self.bench.customers[who]
        terms = QUOTE_TERMS if customer.language == "en" else self.bench.seller.quote_terms
        usual = {"valid_days": 30, "terms": terms, "language": customer.language}
        quote = Quote(
            seller=self.bench.seller, site=self.bench.site, customer=customer, title=title,
            created_by=self.bench.admin, **usual | values,
        )  # fmt: skip
        quote.lines = [
            QuoteLine(sort_order=order, description=text, quantity=Decimal(quantity), unit=unit,
                      unit_price=Decimal(price), **fields)
            for order, (text, quantity, unit, price, fields) in enumerate(rows)
        ]  # fmt: skip
        quote.plan = [
            PlanStep(sort_order=order, label=label, percent=percent, moment=moment)
            for order, (label, percent, moment) in enumerate(plan)
        ]
        quotes.store_totals(quote=quote)
        quote.full_clean(exclude=["metadata", "family"])
        quote.save()
        return quote

    def _send(self, quote: Quote, at: datetime) -> Quote:
        subject, text = quote_letters.default_quote_text(quote=quote, language=quote.language)
        return quotes.send(
            quote_id=quote.pk, by=self.bench.admin, now=at, to=[quote.customer.email], cc=[], subject=subject, text=text
        )

    def _with_options(self, at: datetime) -> None:
        """Waits for its customer, who has a question."""
        rows: list[Row] = [
            ("Formation à la vente en ligne", "3", "jours", "890", {}),
            ("Supports imprimés", "6", "ex.", "24.50", {"least": Decimal(4), "most": Decimal(12)}),
            ("Suivi individuel après la formation", "4", "heures", "95", {"is_optional": True}),
        ]
        quote = self._send(self._quote("Librairie", "Vendre en ligne", rows, THIRTY_FORTY), at)
        self.bench.on(
            2,
            lambda then: quote_questions.ask(
                quote_id=quote.pk,
                name="Hélène Marty",
                email=quote.customer.email,
                text="Le suivi peut-il se faire à distance ?",
                now=then,
            ),
        )

    def _accepted(self, at: datetime) -> None:
        rows: list[Row] = [("Ateliers du mercredi, un trimestre", "12", "séances", "110", {})]
        quote = self._send(self._quote("Commune", "Ateliers du mercredi", rows, THIRTY_FORTY), at)

        def by_phone(then: datetime) -> None:
            word = agreements.Word(
                how="phone", on=self.bench.seller.today(then), name="Jeanne Olivier", role="Directrice de la culture",
                note="Appelée à 10 h : d’accord pour tout, le bon de commande suit.",
            )  # fmt: skip
            agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={}, by=self.bench.admin, now=then)

        self.bench.on(20, by_phone)

    def _signed(self, at: datetime) -> None:
        """Signed online by a private person, who has fourteen days to withdraw; the deposit is on its way to her."""
        rows: list[Row] = [("Cours particuliers de reliure", "8", "heures", "60", {"price_includes_vat": True})]
        plan = (("Acompte à la commande", Decimal(30), "at_signature"), ("Solde", None, "on_milestone"))
        quote = self._send(self._quote("Camille", "Cours particuliers", rows, plan, deposit_term="acompte"), at)
        signer = signing.Signer(name="Camille Rey", role="", email=quote.customer.email)
        browser = signing.Trace(ip="203.0.113.7", agent="Mozilla/5.0 (example)")

        def online(then: datetime) -> None:
            code = signing.begin(quote_id=quote.pk, signer=signer, chosen={}, now=then, trace=browser)
            moment = then + timedelta(minutes=2)
            signing.prove(quote_id=quote.pk, code_id=code.pk, typed=codes.code_of(code), now=moment, trace=browser)
            what = signatures.final(quote=quote, code_id=code.pk, now=moment)
            signatures.sign(
                quote_id=quote.pk, code_id=code.pk, shown=what.shown, typed=what.words, now=moment, trace=browser
            )
            deposit = billing.bill(quote_id=quote.pk, step=0, by=self.bench.admin, now=moment)
            self.bench.issue(deposit, moment)

        self.bench.on(3, online)

    def _declined(self, at: datetime) -> None:
        rows: list[Row] = [("Formation à l’accueil, deux journées", "2", "jours", "890", {})]
        quote = self._send(self._quote("Brasserie", "Formation à l’accueil", rows), at)
        reason = "Trop cher cette année, nous en reparlerons au printemps."
        self.bench.on(29, lambda then: quotes.decline(quote_id=quote.pk, reason=reason, now=then))

    def _expired(self, at: datetime) -> None:
        rows: list[Row] = [("Stage de reliure, cinq demi-journées", "5", "séances", "75", {"price_includes_vat": True})]
        self._send(self._quote("Camille", "Stage de reliure", rows), at)

    def _revised(self, at: datetime) -> None:
        rows: list[Row] = [("Press check and colour training", "2", "days", "1200", {})]
        first = self._send(self._quote("Drukkerij", "Colour training", rows), at)

        def again(then: datetime) -> None:
            draft = quote_versions.revise(quote_id=first.pk, by=self.bench.admin, now=then)
            draft.discount_percent = Decimal(5)
            quotes.store_totals(quote=draft)
            draft.save()
            self._send(draft, then)

        self.bench.on(10, again)

    def _being_written(self, at: datetime) -> None:
        rows: list[Row] = [("Audit du point de vente", "1", "forfait", "640", {})]
        until = self.bench.seller.today(at) + timedelta(days=45)
        self._quote("Papeterie", "Audit du point de vente", rows, valid_days=None, valid_until=until)
