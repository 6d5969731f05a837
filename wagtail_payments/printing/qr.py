"""Codes that a banking app reads to fill in a transfer: EPC069-12, "BCD" version 002, at most 331 bytes."""

from __future__ import annotations

import io

import segno
from stdnum import iban as ibans

LONGEST_NAME, LONGEST_TEXT, LONGEST = 70, 140, 331
MOST = 99_999_999_999  # EUR 999,999,999.99, in cents


class NoTransferCode(ValueError):
    """These facts can't be put into an EPC code; the message says why."""


def epc_payload(*, name: str, iban: str, amount: int, currency: str = "EUR", bic: str = "", text: str = "") -> str:
    """Return the twelve lines of the code for a SEPA credit transfer; ``amount`` in cents.

    Name and remittance text are cut to what the book allows. Raises ``NoTransferCode``.
    """
    account = "".join(iban.split()).upper()
    if currency != "EUR":
        raise NoTransferCode("A transfer code is for euros only.")
    if not 1 <= amount <= MOST:
        raise NoTransferCode("The amount must be between 0.01 and 999,999,999.99 euros.")
    if not ibans.is_valid(account):
        raise NoTransferCode("The IBAN is not valid.")
    holder = _one_line(name, LONGEST_NAME)
    if not holder:
        raise NoTransferCode("The account holder's name is missing.")
    euros = f"EUR{amount // 100}.{amount % 100:02d}"
    head = ("BCD", "002", "1", "SCT", "".join(bic.split()).upper(), holder, account, euros)
    payload = "\n".join((*head, "", "", _one_line(text, LONGEST_TEXT))).rstrip("\n")
    if len(payload.encode()) > LONGEST:
        raise NoTransferCode("The text for the transfer is too long.")
    return payload


def epc_qr_png(payload: str, *, scale: int = 4) -> bytes:
    """Return the code as a black and white PNG, ``scale`` pixels a module, without a margin."""
    target = io.BytesIO()
    _code(payload).save(target, kind="png", scale=scale, border=0)
    return target.getvalue()


def epc_qr_svg(payload: str) -> str:
    """Return the code as an SVG element for a web page, with the margin that scanners need."""
    text: str = _code(payload).svg_inline(scale=4, border=4, omitsize=True)
    return text


def _code(payload: str) -> segno.QRCode:
    """The book wants error correction M and at most version 13."""
    return segno.make_qr(payload, error="m", boost_error=False, encoding="utf-8")


def _one_line(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest].strip()
