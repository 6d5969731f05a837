"""Remove everything that was made in test mode, and nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import wiping


class Command(BaseCommand):
    """Asks first unless told not to."""

    help = "Remove test invoices, payments, refunds, receipts and their books; live ones stay untouched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--yes`` skips the question."""
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, ask, remove."""
        count = wiping.test_documents().count()
        question = _("Test documents to remove for good: %(count)d. Go on? [y/N] ")
        if not options["yes"] and input(question % {"count": count}) != "y":
            return
        try:
            wiping.wipe_test_money(now=ports.now())
        except wiping.StillShown as error:
            sentence = _("Nothing was removed: delete these pages first, they show test invoices: %(pages)s")
            raise CommandError(sentence % {"pages": error}) from error
        self.stdout.write(_("Test documents removed: %(count)d.") % {"count": count})
