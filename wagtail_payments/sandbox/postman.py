"""Carries webhooks to a program on this machine, one after the other."""

import logging
import threading
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

from wagtail_payments.sandbox.engine import Sandbox

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 20
_ROUND_SECONDS = 0.5


class NotOnThisMachine(ValueError):
    """A webhook address that leads elsewhere: forged news of payments never leave the machine."""


def check_address(url: str) -> None:
    """Refuse an address that is not plain HTTP to this machine itself."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        raise NotOnThisMachine(f"Webhooks go to http://127.0.0.1 or http://localhost only, not to {url}.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post one webhook; answers the status. Redirects count as failures, as at Stripe."""
    check_address(url)
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
        return connection.getresponse().status
    except HTTPException as error:
        raise ConnectionError(f"No understandable answer: {error!r}") from error
    finally:
        connection.close()


class Postman(threading.Thread):
    """Lets time pass in a sandbox and posts its webhooks, until told to stop."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(name="sandbox-postman", daemon=True)
        self._sandbox = sandbox
        self._stopping = threading.Event()

    def run(self) -> None:
        """Rounds, half a second apart."""
        while not self._stopping.wait(_ROUND_SECONDS):
            self._sandbox.deliver_due()

    def stop(self) -> None:
        """Finish the round and end."""
        self._stopping.set()
        self.join(timeout=_TIMEOUT_SECONDS)
