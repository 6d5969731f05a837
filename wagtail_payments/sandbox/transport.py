"""Lets the real ``stripe`` SDK talk to a sandbox in the same process, without a socket."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe
from requests.structures import CaseInsensitiveDict

from wagtail_payments.sandbox.api import Request, handle
from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.faults import ConnectionLost

Answer = tuple[str, int, Mapping[str, str]]


class SandboxHTTPClient(stripe.HTTPClient):
    """For ``stripe.StripeClient("sk_test_x", http_client=SandboxHTTPClient(sandbox))``.

    The SDK's retries stay as they are but no time passes between them.
    """

    name = "sandbox"

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> Answer:
        """One call; a swallowed answer is the SDK's own connection error."""
        parts = urlsplit(url)
        request = Request(method.upper(), parts.path, parts.query, headers or {}, post_data or "")
        try:
            response = handle(self._sandbox, request)
        except ConnectionLost as lost:
            raise _connection_error() from lost
        return response.body, response.status, CaseInsensitiveDict(response.headers)

    def request_stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Iterable[bytes], int, Mapping[str, str]]:
        """The same call with the answer as a stream of one piece."""
        body, status, answered = self.request(method, url, headers, post_data)
        return iter([body.encode()]), status, answered

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The same call for the SDK's asynchronous methods."""
        body, status, answered = self.request(method, url, headers, post_data)
        return body.encode(), status, answered

    def close(self) -> None:
        """Nothing is open."""

    async def close_async(self) -> None:
        """Nothing is open."""

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return 0.0


def _connection_error() -> stripe.APIConnectionError:
    message = "The connection was lost before an answer came."
    return stripe.APIConnectionError(message, should_retry=True)  # type: ignore[no-untyped-call]
