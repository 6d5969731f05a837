"""Prove that the books are whole: chain, balances, documents, numbers, money, and the evidence of quotes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_payments.actions import evidence_packs
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.ledger import Chain
from wagtail_payments.records.sellers import Seller
from wagtail_payments.reports import verification


class Command(BaseCommand):
    """Exits with an error when something does not hold, so that a timer can watch it."""

    help = "Verify the books of every seller: chain, balances, documents, numbers, money and the evidence of quotes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every problem, and a line per chain that an auditor can keep."""
        found = 0
        for seller in Seller.objects.order_by("pk"):
            for mode in Mode.values:
                found += self._verify(seller, mode)
        if found:
            sentence = ngettext("%(count)d problem found.", "%(count)d problems found.", found)
            raise CommandError(sentence % {"count": found})
        self.stdout.write(self.style.SUCCESS(_("The books are whole.")))

    def _verify(self, seller: Seller, mode: str) -> int:
        problems = [*verification.verify(seller=seller, mode=mode), *evidence_packs.verify(seller=seller, mode=mode)]
        for problem in problems:
            self.stdout.write(self.style.ERROR(f"{seller} ({mode}): {problem.where}: {problem.what}"))
        chain = Chain.objects.filter(seller=seller, mode=mode).first()
        if chain is not None:
            self.stdout.write(f"{seller} ({mode}): {chain.count} entries, head {chain.head}")
        return len(problems)
