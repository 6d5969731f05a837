"""What every payment gateway keeps to, whoever the provider is. Amounts are minor units, currencies ISO 4217."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from wagtail_payments.core.notices import CheckoutState, DisputeState, Message, RefundState


class GatewayError(Exception):
    """The provider did not do what it was asked; the text says why, in the provider's words."""


class GatewayUnavailable(GatewayError):
    """No answer, or one that says nothing: what was asked may have been done or not. Ask again later."""


class GatewayRefused(GatewayError):
    """The provider said no, and did nothing."""


class UnknownGateway(GatewayUnavailable):
    """A gateway is named that the settings do not have (any more)."""


class MessageRefused(Exception):
    """A message is not taken in: answer with ``status_code`` and store nothing."""

    def __init__(self, status_code: int, reason: str) -> None:
        super().__init__(reason)
        self.status_code = status_code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One thing that is paid for, as the customer reads it on the provider's page; ``amount`` in minor units."""

    description: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A checkout to be started. The same order under the same key is the same checkout, however often it is sent.

    ``methods`` are our codes, empty for whatever the provider finds fitting; ``reference`` is the number of the
    document; ``description`` is what the customer reads on the provider's page. ``lines`` come to the amount; without
    any, the description is the only one.
    """

    idempotency_key: str
    amount: int
    currency: str
    reference: str
    description: str
    customer_name: str
    customer_email: str
    language: str
    methods: tuple[str, ...]
    success_url: str
    cancel_url: str
    expires_at: datetime
    statement_descriptor: str = ""
    lines: tuple[OrderLine, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON data, to be kept until the provider has answered."""
        return asdict(self) | {"methods": list(self.methods), "expires_at": self.expires_at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """Return the order that ``as_json`` was made of."""
        moment = datetime.fromisoformat(data["expires_at"])
        lines = tuple(OrderLine(**line) for line in data.get("lines", ()))
        return cls(**{**data, "methods": tuple(data["methods"]), "expires_at": moment, "lines": lines})


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund to be made; ``payment_id`` is the provider's."""

    idempotency_key: str
    payment_id: str
    amount: int
    currency: str
    reason: str = ""


class Gateway(Protocol):
    """A provider, with the keys of one site. Every call may raise ``GatewayUnavailable`` or ``GatewayRefused``.

    ``account`` is the provider's account that the host expects, or empty; ``live`` is False for test money.
    """

    @property
    def slug(self) -> str:
        """The name in settings, URLs and records."""

    @property
    def account(self) -> str:
        """The account that is expected, or an empty text."""

    @property
    def live(self) -> bool:
        """Does real money move?"""

    def start(self, order: Order) -> CheckoutState:
        """Open a checkout; the same order again returns the same one."""

    def read(self, session_id: str) -> CheckoutState:
        """Return all that the provider says about a checkout now."""

    def find(self, idempotency_key: str, since: datetime) -> CheckoutState | None:
        """Look for a checkout made with that key since then; None if there is none, or more than one."""

    def expire(self, session_id: str) -> CheckoutState:
        """End an open checkout; return how it stands then, which may be paid."""

    def made_since(self, moment: datetime) -> Iterator[CheckoutState]:
        """Yield completed checkouts made since then, newest first, without their payments: a hint to read them."""

    def session_of(self, payment_id: str) -> str:
        """Return the id of the checkout that a payment came from, or an empty text."""

    def refund(self, order: RefundOrder) -> RefundState:
        """Send money back; the same order again returns the same refund."""

    def read_refunds(self, payment_id: str) -> tuple[RefundState, ...]:
        """Return every refund of a payment, whoever made it."""

    def refunds_since(self, moment: datetime) -> Iterator[tuple[str, RefundState]]:
        """Yield refunds made since then with the ids of their payments, newest first."""

    def read_disputes(self, payment_id: str) -> tuple[DisputeState, ...]:
        """Return every dispute of a payment."""

    def disputes_since(self, moment: datetime) -> Iterator[tuple[str, DisputeState]]:
        """Yield disputes opened since then with the ids of their payments, newest first."""

    def dispute_page(self, payment_id: str) -> str:
        """Return the URL where a person sees a payment at the provider and answers its dispute, or an empty text."""

    def read_message(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Message:
        """Verify a message and read it; raises ``MessageRefused`` and nothing else."""

    def reread(self, body: str) -> Message:
        """Read a message again that was verified when it came; raises ``MessageRefused``."""
