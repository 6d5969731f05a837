"""Starts everything: the site, the stand-in for Stripe, and the clockwork; stops them together."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.urls import reverse

from demo import seed
from wagtail_payments import ports

DEBIT_TAKES = str(24 * 60 * 60)  # so that one invoice is seen while its debit is under way
MANAGE = str(Path(sys.argv[0]).resolve())


class Command(BaseCommand):
    """Safe to run again: what was made stays."""

    help = "Run the example site with its payment sandbox and its clockwork."

    def add_arguments(self, parser: Any) -> None:
        """``--seed-only`` stops once the example business stands."""
        parser.add_argument("--seed-only", action="store_true", help="Make the example business and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, start the sandbox, seed once, start the rest, wait."""
        call_command("migrate", verbosity=0, interactive=False)
        running = [self._sandbox()]
        try:
            seed.wait_for_sandbox()
            self._seed()
            if not options["seed_only"]:
                running += [self._site(), self._clockwork()]
                self._tell()
                self._wait(running)
        finally:
            _stop(running)

    def _sandbox(self) -> subprocess.Popen[bytes]:
        gateway = settings.WAGTAIL_PAYMENTS["GATEWAYS"]["stripe"]
        webhook = f"http://127.0.0.1:{settings.SITE_PORT}{reverse('wagtail_payments:webhook', args=['stripe'])}"
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "wagtail_payments.sandbox"),
                *("--port", str(settings.SANDBOX_PORT)),
                *("--state", str(settings.VAR / "sandbox.sqlite3")),
                *("--webhook-url", webhook),
                *("--webhook-secret", gateway["WEBHOOK_SECRETS"][0]),
                *("--sepa-delay", DEBIT_TAKES),
                *("--merchant", settings.WAGTAIL_SITE_NAME),
            ]
        )

    def _seed(self) -> None:
        if seed.is_seeded():
            return
        self.stdout.write("Making the example business…")
        seed.run(ports.now())

    def _site(self) -> subprocess.Popen[bytes]:
        address = f"127.0.0.1:{settings.SITE_PORT}"
        return subprocess.Popen([sys.executable, MANAGE, "runserver", "--noreload", "--skip-checks", address])

    def _clockwork(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, MANAGE, "payments_run", "--forever", "--every", "2"])

    def _tell(self) -> None:
        site = f"http://127.0.0.1:{settings.SITE_PORT}"
        rows = (
            ("the site", f"{site}/"),
            ("the admin (admin / admin)", f"{site}/admin/"),
            ("every e-mail sent", f"{site}/mailbox/"),
            ("the payment sandbox", f"{settings.SANDBOX_URL}/"),
        )
        self.stdout.write(
            "\n".join(["", *(f"  {name:<28}{address}" for name, address in rows), "", "  Ctrl-C stops it.", ""])
        )
        self.stdout.flush()

    def _wait(self, running: list[subprocess.Popen[bytes]]) -> None:
        """Until someone says stop, or one of the three dies."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(0.5):
            if any(process.poll() is not None for process in running):
                self.stderr.write("One of the three stopped; stopping the others.")
                return


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(running):
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
