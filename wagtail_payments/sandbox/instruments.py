"""What a payer can pay with: Stripe's published test cards and test bank accounts."""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum

from wagtail_payments.sandbox.errors import Refused, card_refused
from wagtail_payments.sandbox.json_types import Json


class Ending(StrEnum):
    """What becomes of a payment made with an instrument."""

    SUCCEEDS = "succeeds"
    DECLINED = "declined"
    DISPUTED = "disputed"
    INQUIRED = "inquired"
    FAILS_LATER = "fails_later"


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a bank says no: Stripe's code, the bank's reason and the sentence for the payer."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A card or a bank account and how it behaves."""

    number: str
    kind: str = "card"
    brand: str = "visa"
    ending: Ending = Ending.SUCCEEDS
    decline: Decline | None = None
    challenge: bool = False
    alias: str = ""

    @property
    def last4(self) -> str:
        """The last four characters, all that is ever shown."""
        return self.number[-4:]

    def to_json(self) -> Json:
        """What is remembered: never the whole number, it may be somebody's real one."""
        return asdict(self) | {"number": self.last4}

    @classmethod
    def from_json(cls, fact: Json) -> "Instrument":
        """The instrument as remembered by ``to_json``."""
        decline = Decline(**fact["decline"]) if fact["decline"] else None
        return cls(**fact | {"decline": decline, "ending": Ending(fact["ending"])})


GENERIC_DECLINE = Decline("card_declined", "generic_decline", "Your card was declined.")
_NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
_LOST = Decline("card_declined", "lost_card", "Your card was declined.")
_EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
_BAD_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
_PROCESSING = Decline(
    "processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."
)
_NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card.",
)


def _declined(number: str, decline: Decline, alias: str) -> Instrument:
    return Instrument(number, ending=Ending.DECLINED, decline=decline, alias=alias)


CARDS = (
    Instrument("4242424242424242", alias="visa"),
    Instrument("5555555555554444", brand="mastercard", alias="mastercard"),
    Instrument("378282246310005", brand="amex", alias="amex"),
    Instrument("4000002500003155", challenge=True, alias="authenticationRequiredOnSetup"),
    Instrument("4000002760003184", challenge=True, alias="authenticationRequired"),
    Instrument("4000000000003220", challenge=True, alias="threeDSecure2Required"),
    Instrument(
        "4000008260003178",
        challenge=True,
        ending=Ending.DECLINED,
        decline=_NO_FUNDS,
        alias="authenticationRequiredChargeDeclinedInsufficientFunds",
    ),
    _declined("4000000000000002", GENERIC_DECLINE, "chargeDeclined"),
    _declined("4000000000009995", _NO_FUNDS, "chargeDeclinedInsufficientFunds"),
    _declined("4000000000009987", _LOST, "chargeDeclinedLostCard"),
    _declined("4000000000000069", _EXPIRED, "chargeDeclinedExpiredCard"),
    _declined("4000000000000127", _BAD_CVC, "chargeDeclinedIncorrectCvc"),
    _declined("4000000000000119", _PROCESSING, "chargeDeclinedProcessingError"),
    Instrument("4000000000000259", ending=Ending.DISPUTED, alias="createDispute"),
    Instrument("4000000000001976", ending=Ending.INQUIRED, alias="createDisputeInquiry"),
)

SUCCEEDING_IBAN = "AT611904300234573201"
FAILING_IBAN = "AT861904300235473202"
_FAILING_IBANS = frozenset(
    {
        FAILING_IBAN,
        "AT051904300235473205",
        "DE62370400440532013001",
        "IT60X0542811101000000123456",
        "FR8420041010050500013M02607",
        "FR7920041010050500013M02600",
    }
)
_DISPUTED_IBANS = frozenset({"AT591904300235473203", "DE35370400440532013002", "FR5720041010050500013M02608"})
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_TOKEN = {f"{prefix}_{card.alias}": card for card in CARDS for prefix in ("pm_card", "tok")}
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def card_by_number(typed: str) -> Instrument:
    """The card with this number; refuses one that is no card number as Stripe does."""
    number = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(r"[0-9]{12,19}", number) or not _luhn_holds(number):
        raise card_refused("Your card number is incorrect.", "incorrect_number", param="number")
    return _BY_NUMBER.get(number) or _declined(number, _NOT_A_TEST_CARD, "")


def card_by_token(token: str) -> Instrument | None:
    """The card behind ``tok_visa``, ``pm_card_chargeDeclined`` or ``pm_card_visa_chargeDeclined``."""
    return _BY_TOKEN.get(token.replace("_visa_", "_"))


def bank_account(typed: str) -> Instrument:
    """The bank account with this IBAN; refuses one whose check digits are wrong."""
    iban = re.sub(r"\s", "", typed).upper()
    if not _IBAN.fullmatch(iban) or not _iban_holds(iban):
        raise Refused(
            "The IBAN you provided is invalid.",
            code="invalid_bank_account_iban",
            param="sepa_debit[iban]",
        )
    ending = Ending.SUCCEEDS
    if iban in _FAILING_IBANS:
        ending = Ending.FAILS_LATER
    elif iban in _DISPUTED_IBANS:
        ending = Ending.DISPUTED
    return Instrument(iban, kind="sepa_debit", brand="", ending=ending)


def _luhn_holds(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _iban_holds(iban: str) -> bool:
    """ISO 13616: letters count as 10 to 35, the rest of the division by 97 is 1."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
