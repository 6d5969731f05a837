"""``manage.py payments_sandbox``: start the sandbox beside a development site."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_lazy as _

from wagtail_payments.sandbox.__main__ import add_options
from wagtail_payments.sandbox.permission import REFUSAL, sandbox_allowed


class Command(BaseCommand):
    """Replaces itself by the sandbox's own server, which needs none of the site's settings or database."""

    help = str(_("Start a local stand-in for Stripe. No money moves."))
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of ``python -m wagtail_payments.sandbox``."""
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse in production; else become the server."""
        if not sandbox_allowed():
            raise CommandError(REFUSAL)
        command = [sys.executable, "-m", "wagtail_payments.sandbox", *self._arguments(options)]
        os.execv(sys.executable, command)  # noqa: S606

    @staticmethod
    def _arguments(options: dict[str, Any]) -> list[str]:
        arguments = [f"--port={options['port']}", f"--sepa-delay={options['sepa_delay']}"]
        arguments += [f"--merchant={options['merchant']}"]
        arguments += [f"--webhook-url={url}" for url in options["webhook_url"]]
        arguments += [f"--webhook-secret={secret}" for secret in options["webhook_secret"]]
        if options["state"]:
            arguments.append(f"--state={options['state']}")
        if options["live"]:
            arguments.append("--live")
        return arguments
