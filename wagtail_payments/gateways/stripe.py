"""Stripe, through its own SDK: the only file that imports it.

Calls in, answers out, in our words. The API version is pinned: Stripe's words are read as of that version.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import stripe

from wagtail_payments.conf import settings
from wagtail_payments.core.notices import CheckoutState, DisputeState, Message, RefundState
from wagtail_payments.gateways import stripe_disputes as disputes
from wagtail_payments.gateways import stripe_messages as messages
from wagtail_payments.gateways import stripe_states as states
from wagtail_payments.gateways import stripe_words as words
from wagtail_payments.gateways.model import (
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    MessageRefused,
    Order,
    OrderLine,
    RefundOrder,
)

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams
    from stripe.params.checkout import SessionCreateParams

logger = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
RETRIES = 2
PAGE = 100
MOST_LISTED = 1000
MONEY_OF_A_SESSION = [
    "payment_intent.latest_charge.balance_transaction",
    "payment_intent.latest_charge.refunds",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """What a host writes under ``GATEWAYS["stripe"]``; secrets never show in a ``repr``."""

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False, default=())
    account: str = ""
    payment_method_configuration: str = ""
    api_base: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """Read the options; blank webhook secrets count as none."""
        secrets = given.get("WEBHOOK_SECRETS") or ()
        listed = (secrets,) if isinstance(secrets, str) else secrets
        return cls(
            secret_key=str(given.get("SECRET_KEY") or "").strip(),
            webhook_secrets=tuple(secret.strip() for secret in listed if isinstance(secret, str) and secret.strip()),
            account=str(given.get("ACCOUNT") or ""),
            payment_method_configuration=str(given.get("PAYMENT_METHOD_CONFIGURATION") or ""),
            api_base=str(given.get("API_BASE") or ""),
        )


class StripeGateway:
    """Stripe with the keys of one site."""

    def __init__(self, slug: str, options: Options, client: stripe.StripeClient) -> None:
        self._slug = slug
        self._options = options
        self._client = client
        self._source = states.Source(slug, options.account)

    @classmethod
    def from_options(
        cls, *, slug: str, options: Mapping[str, Any], timeout: float, hurried: bool, transport: Any
    ) -> StripeGateway:
        """Make it from the host's options; ``transport`` replaces the SDK's own HTTP client."""
        read = Options.of(options)
        retries = 0 if hurried else RETRIES
        make = _client if transport is not None else _kept_client
        return cls(slug, read, make(read.secret_key, read.api_base, timeout, retries, transport))

    @property
    def slug(self) -> str:
        """The name in settings, URLs and records."""
        return self._slug

    @property
    def account(self) -> str:
        """The account that is expected, or an empty text."""
        return self._options.account

    @property
    def live(self) -> bool:
        """Does real money move? Stripe's keys tell."""
        return self._options.secret_key.startswith(("sk_live_", "rk_live_"))

    def start(self, order: Order) -> CheckoutState:
        """Open a session for the order, for a customer of its own; the same order returns the same session."""
        words.currency(order.currency, order.amount)
        with _asking():
            anonymous = replace(order, customer_email="")
            customer = _forgiving(self._new_customer, order, anonymous, "email")
            plain = replace(order, statement_descriptor="")
            session = _forgiving(partial(self._new_session, customer.id), order, plain, "statement_descriptor")
            return self._state(session)

    def _new_customer(self, order: Order, suffix: str) -> stripe.Customer:
        params: CustomerCreateParams = {
            "description": order.description,
            "metadata": {words.INVOICE: order.reference, words.KEY: order.idempotency_key},
        }
        if order.customer_name:
            params["name"] = order.customer_name
        if order.customer_email:
            params["email"] = order.customer_email
        if (language := words.locale(order.language)) != "auto":
            params["preferred_locales"] = [language]
        key = f"{order.idempotency_key}-customer{suffix}"
        return self._client.v1.customers.create(params, {"idempotency_key": key})

    def _new_session(self, customer_id: str, order: Order, suffix: str) -> stripe.checkout.Session:
        key = f"{order.idempotency_key}{suffix}"
        params = self._session_params(order, customer_id)
        return self._client.v1.checkout.sessions.create(params, {"idempotency_key": key})

    def _session_params(self, order: Order, customer_id: str) -> SessionCreateParams:
        ours = {words.INVOICE: order.reference, words.KEY: order.idempotency_key}
        params: SessionCreateParams = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": words.currency(order.currency, line.amount),
                        "unit_amount": line.amount,
                        "product_data": {"name": line.description},
                    },
                }
                for line in order.lines or (OrderLine(order.description, order.amount),)
            ],
            "customer": customer_id,
            "client_reference_id": order.reference,
            "metadata": ours,
            "payment_intent_data": {"description": order.description, "metadata": ours},
            "locale": words.locale(order.language),
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "expires_at": int(order.expires_at.timestamp()),
        }
        if order.statement_descriptor:
            params["payment_intent_data"]["statement_descriptor_suffix"] = order.statement_descriptor
        if self._options.payment_method_configuration:
            params["payment_method_configuration"] = self._options.payment_method_configuration
        elif offered := words.methods(order.methods):
            params["allowed_payment_method_types"] = [*offered]
        return params

    def read(self, session_id: str) -> CheckoutState:
        """Read a session with its payment, fee and refunds, in one call."""
        with _asking():
            session = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": MONEY_OF_A_SESSION})
            return self._state(session)

    def _state(self, session: stripe.checkout.Session) -> CheckoutState:
        return states.checkout(session, self._source, self._refunds_of(session))

    def _refunds_of(self, session: stripe.checkout.Session) -> tuple[RefundState, ...]:
        """The session brings the ten latest refunds; more than that are fetched."""
        intent = session.payment_intent
        charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
        if not isinstance(charge, stripe.Charge) or not charge.refunds:
            return ()
        if charge.refunds.has_more and isinstance(intent, stripe.PaymentIntent):
            return self.read_refunds(intent.id)
        return tuple(states.refund(one) for one in charge.refunds.data)

    def find(self, idempotency_key: str, since: datetime) -> CheckoutState | None:
        """Look through the sessions made since then for the one that bears our key.

        The key stands in the metadata, where only holders of the account's keys write; what a visitor can
        set (``client_reference_id`` of a payment link) is not looked at. Two of them is one too many.
        """
        with _asking():
            listed = self._client.v1.checkout.sessions.list({"created": {"gte": int(since.timestamp())}, "limit": PAGE})
            ours = [one.id for one in _first(listed) if states.key_on(one) == idempotency_key]
            return self.read(ours[0]) if len(ours) == 1 else None

    def expire(self, session_id: str) -> CheckoutState:
        """End an open session; one that is not open any more is read instead."""
        try:
            with _asking():
                return self._state(self._client.v1.checkout.sessions.expire(session_id))
        except GatewayRefused:
            return self.read(session_id)

    def made_since(self, moment: datetime) -> Iterator[CheckoutState]:
        """Yield completed sessions made since then, newest first, without their payments."""
        with _asking():
            listed = self._client.v1.checkout.sessions.list(
                {"created": {"gte": int(moment.timestamp())}, "status": "complete", "limit": PAGE}
            )
            for session in _first(listed):
                yield states.checkout(session, self._source)

    def session_of(self, payment_id: str) -> str:
        """Return the id of the session that made a PaymentIntent, or an empty text."""
        with _asking():
            listed = self._client.v1.checkout.sessions.list({"payment_intent": payment_id, "limit": 1})
            return listed.data[0].id if listed.data else ""

    def refund(self, order: RefundOrder) -> RefundState:
        """Refund a part of a PaymentIntent, or all of it."""
        with _asking():
            made = self._client.v1.refunds.create(
                {
                    "payment_intent": order.payment_id,
                    "amount": order.amount,
                    "reason": "requested_by_customer",
                    "metadata": {words.KEY: order.idempotency_key, words.REASON: order.reason[:500]},
                },
                {"idempotency_key": order.idempotency_key},
            )
            return states.refund(made)

    def read_refunds(self, payment_id: str) -> tuple[RefundState, ...]:
        """Return all refunds of a PaymentIntent."""
        with _asking():
            listed = self._client.v1.refunds.list({"payment_intent": payment_id, "limit": PAGE})
            return tuple(states.refund(one) for one in _first(listed))

    def refunds_since(self, moment: datetime) -> Iterator[tuple[str, RefundState]]:
        """Yield the refunds of the account made since then, newest first."""
        with _asking():
            listed = self._client.v1.refunds.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            for one in _first(listed):
                yield states.payment_of(one), states.refund(one)

    def read_disputes(self, payment_id: str) -> tuple[DisputeState, ...]:
        """Return all disputes of a PaymentIntent."""
        with _asking():
            listed = self._client.v1.disputes.list({"payment_intent": payment_id, "limit": PAGE})
            return tuple(disputes.dispute(one) for one in _first(listed))

    def disputes_since(self, moment: datetime) -> Iterator[tuple[str, DisputeState]]:
        """Yield the disputes of the account opened since then, newest first."""
        with _asking():
            listed = self._client.v1.disputes.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            for one in _first(listed):
                yield disputes.payment_of(one), disputes.dispute(one)

    def dispute_page(self, payment_id: str) -> str:
        """Return where a person answers a dispute."""
        return disputes.page_of(payment_id, live=self.live, api_base=self._options.api_base)

    def read_message(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Message:
        """Verify and read a webhook; raises ``MessageRefused`` and nothing else."""
        secrets = self._options.webhook_secrets
        limits = messages.Limits(settings.WEBHOOK_MAX_BYTES, settings.WEBHOOK_TOLERANCE)
        try:
            header = messages.check(body, headers, secrets, now, limits)
            return messages.understood(messages.verified(body, header, secrets, _is_signed), self._source)
        except MessageRefused:
            raise
        except Exception as error:  # whatever a stranger sends, the answer is never a 500
            logger.exception("A message could not be read")
            raise MessageRefused(400, "unreadable") from error

    def reread(self, body: str) -> Message:
        """Read a webhook again that was verified when it came."""
        return messages.understood(body, self._source)


def _is_signed(body: str, header: str, secret: str) -> bool:
    """The SDK's check of the signature, without its check of the time, which looks at the real clock."""
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, None))
    except stripe.SignatureVerificationError:
        return False


def _client(key: str, api_base: str, timeout: float, retries: int, transport: Any = None) -> stripe.StripeClient:
    """``StripeClient`` does not retry unless it is told to."""
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=retries,
        http_client=transport or stripe.RequestsClient(timeout=timeout),
        base_addresses={"api": api_base.rstrip("/")} if api_base else {},
    )


# Kept, so that connections stay open from one request to the next.
_kept_client = lru_cache(maxsize=32)(_client)


def _forgiving(create: Callable[[Order, str], T], order: Order, plain: Order, param: str) -> T:
    """Create something; if Stripe dislikes a mere ornament of it, create it without."""
    try:
        return create(order, "")
    except stripe.InvalidRequestError as error:
        if param not in str(error.param or "") or order == plain:
            raise
        logger.warning("Stripe refused %s: %s", param, error.user_message)
        return create(plain, "-plain")


def _first(listed: Any) -> Iterator[Any]:
    return islice(listed.auto_paging_iter(), MOST_LISTED)


@contextmanager
def _asking() -> Iterator[None]:
    """Say the SDK's errors in our words."""
    try:
        yield
    except stripe.StripeError as error:
        raise _in_our_words(error) from error


def _in_our_words(error: stripe.StripeError) -> GatewayError:
    """Refused is only what surely was never done.

    A conflict, too many calls, a used key say nothing about it, nor does a refused API key: the same call may
    have been carried out before the key was changed.
    """
    text = str(error.user_message or type(error).__name__)
    status = error.http_status or 0
    unclear = isinstance(error, stripe.IdempotencyError) or status in _SAY_NOTHING or not 400 <= status < 500
    return GatewayUnavailable(text) if unclear else GatewayRefused(text)


_SAY_NOTHING = frozenset({401, 403, 409, 429})
