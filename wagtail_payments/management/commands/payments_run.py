"""The clockwork: everything that is due, once or for ever."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from wagtail_payments import ports
from wagtail_payments.actions import clockwork


class Command(BaseCommand):
    """Safe to run twice at once; stops at the end of a beat when it is asked to."""

    help = "Do all that is due: messages, reconciling, receipts, PDFs, letters."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once by default; ``--forever`` for a service."""
        parser.add_argument("--forever", action="store_true", help="Run until stopped.")
        parser.add_argument("--every", type=float, default=5, metavar="SECONDS", help="Pause between beats.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one beat, or beat after beat."""
        stop = threading.Event()
        if options["forever"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        self._beat(options["verbosity"])
        while options["forever"] and not stop.wait(options["every"]):
            self._beat(options["verbosity"])

    def _beat(self, verbosity: int) -> None:
        close_old_connections()
        done = clockwork.run_once(now=ports.now())
        told = ", ".join(f"{name} {count}" for name, count in done.items() if count)
        if told and verbosity:
            self.stdout.write(told)
            self.stdout.flush()
