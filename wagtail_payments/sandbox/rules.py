"""How this sandbox behaves where Stripe's behaviour depends on the account or on time."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum


class RefundEnding(StrEnum):
    """What becomes of the next refunds."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(slots=True)
class Rules:
    """The account the sandbox pretends to be, and its delays.

    ``livemode`` makes it pretend to be the live mode (keys ``sk_live_``, ids ``cs_live_``);
    still no money moves. ``fee_fixed`` is in minor units of whatever currency is paid.
    """

    merchant: str = "Sandbox"
    email: str = "owner@example.com"
    country: str = "FR"
    default_currency: str = "eur"
    public_url: str = "http://127.0.0.1:8001"
    livemode: bool = False
    fee_rate: Decimal = Decimal("0.015")
    fee_fixed: int = 25
    sepa_delay: timedelta = timedelta(days=5)
    booking_delay: timedelta = timedelta(0)
    refund_ending: RefundEnding = RefundEnding.SUCCEEDED
    refund_delay: timedelta = timedelta(days=2)

    @property
    def mode(self) -> str:
        """The word in ids and keys: test or live."""
        return "live" if self.livemode else "test"
