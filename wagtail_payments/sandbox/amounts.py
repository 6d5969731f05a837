"""Currencies and amounts as Stripe takes them: integers in the currency's smallest unit."""

from decimal import Decimal

from wagtail_payments.sandbox.errors import invalid

_ZERO_DECIMAL_CODES = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
_THREE_DECIMAL_CODES = "bhd jod kwd omr tnd"
_TWO_DECIMAL_CODES = """
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
    cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl hrk htg huf idr ils inr isk jmd kes kgs khr
    kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php
    pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd
    yer zar zmw
"""
ZERO_DECIMAL = frozenset(_ZERO_DECIMAL_CODES.split())
THREE_DECIMAL = frozenset(_THREE_DECIMAL_CODES.split())
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | frozenset(_TWO_DECIMAL_CODES.split())
# The least Stripe charges, in minor units; elsewhere it is the worth of half a dollar.
_LEAST = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000,
    "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
_MOST = 99_999_999


def decimals(currency: str) -> int:
    """How many decimals an amount in minor units stands for."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def in_major_units(amount: int, currency: str) -> Decimal:
    """2500 eur cents as ``Decimal("25.00")``."""
    return Decimal(amount).scaleb(-decimals(currency))


def shown(amount: int, currency: str) -> str:
    """An amount in an error message: ``25.00 EUR``."""
    return f"{in_major_units(amount, currency)} {currency.upper()}"


def checked_currency(text: str, param: str) -> str:
    """The currency in small letters; refuses one that Stripe does not take."""
    currency = text.lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {text}. Stripe does not support this currency.", param)
    return currency


def checked_amount(text: str, param: str, *, least: int) -> int:
    """A whole number of minor units, not below ``least`` (0 for a price, 1 for a refund)."""
    amount = int(text)
    if amount < least:
        kind = "positive" if least else "non-negative"
        raise invalid(f"Invalid {kind} integer", param, "parameter_invalid_integer")
    return amount


def check_chargeable(amount: int, currency: str, param: str) -> None:
    """Refuse what is too little or too much to charge, or no whole number of coins."""
    least = _LEAST.get(currency, 1)
    if amount < least:
        text = f"The total amount due must add up to at least {shown(least, currency)}"
        raise invalid(text, param, "amount_too_small")
    if amount > _MOST:
        text = f"The total amount due must be no more than {shown(_MOST, currency)}"
        raise invalid(text, param, "amount_too_large")
    step = 10 if currency in THREE_DECIMAL else 100 if currency == "isk" else 1
    if amount % step:
        text = f"Amounts in {currency} must be a multiple of {step}"
        raise invalid(text, param, "invalid_charge_amount_no_decimal_compatible")
