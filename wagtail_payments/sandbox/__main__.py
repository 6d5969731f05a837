"""``python -m wagtail_payments.sandbox``: the sandbox as a server of its own."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from wsgiref.simple_server import WSGIServer

import django
from django.core.wsgi import get_wsgi_application

from wagtail_payments.sandbox import running
from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.postman import NotOnThisMachine, check_address, post
from wagtail_payments.sandbox.rules import Rules
from wagtail_payments.sandbox.server import HOST, listen, serve
from wagtail_payments.sandbox.store import SqliteStore
from wagtail_payments.sandbox.webhooks import Endpoint

SETTINGS = "wagtail_payments.sandbox.server_settings"


class NoSecret(ValueError):
    """A webhook address without a secret to sign with."""


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m wagtail_payments.sandbox", description="A local stand-in for Stripe. No money moves."
    )
    add_options(options)
    return options


def add_options(options: argparse.ArgumentParser) -> None:
    """The options that this program and the management command share."""
    options.add_argument("--port", type=int, default=8001, help="port on 127.0.0.1 (8001)")
    options.add_argument("--state", metavar="FILE", help="keep the state in this SQLite file")
    options.add_argument(
        "--webhook-url", action="append", default=[], help="where events are posted; on this machine only"
    )
    options.add_argument(
        "--webhook-secret", action="append", default=[], help="signing secret; several while one is rolled"
    )
    options.add_argument(
        "--sepa-delay", type=float, default=20, help="seconds until a bank answers a direct debit (20)"
    )
    options.add_argument("--merchant", default="Sandbox", help="the name shown to the payer")
    options.add_argument("--live", action="store_true", help="play the live mode (keys sk_live_); still no money moves")


def main(arguments: Sequence[str] | None = None) -> int:
    """Start and serve until told to stop; answers the exit code."""
    options = parser().parse_args(arguments)
    try:
        _check(options)
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
        django.setup()
        server = listen(get_wsgi_application(), options.port)
    except (NotOnThisMachine, NoSecret) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except OSError as trouble:
        print(f"Port {options.port} cannot be used: {trouble.strerror}.", file=sys.stderr)
        return 2
    _run(options, server)
    return 0


def _check(options: argparse.Namespace) -> None:
    for url in options.webhook_url:
        check_address(url)
    if options.webhook_url and not any(secret.strip() for secret in options.webhook_secret):
        raise NoSecret("--webhook-url needs --webhook-secret: webhooks are always signed.")


def _run(options: argparse.Namespace, server: WSGIServer) -> None:
    store = SqliteStore(options.state) if options.state else None
    sandbox = _sandbox(options, store)
    running.use(sandbox)
    print(f"The payments sandbox listens on http://{HOST}:{options.port}/ (no money moves).", flush=True)
    serve(sandbox, server)
    if store:
        store.close()


def _sandbox(options: argparse.Namespace, store: SqliteStore | None) -> Sandbox:
    rules = Rules(
        merchant=options.merchant,
        public_url=f"http://{HOST}:{options.port}",
        livemode=options.live,
        sepa_delay=timedelta(seconds=options.sepa_delay),
        refund_delay=timedelta(seconds=options.sepa_delay),
    )
    endpoints = [Endpoint(url, tuple(options.webhook_secret)) for url in options.webhook_url]
    return Sandbox(store=store, rules=rules, endpoints=endpoints, deliver=post)


if __name__ == "__main__":
    sys.exit(main())
