"""E-mail addresses and names on envelopes: checked one by one, so that none smuggles in another recipient."""

from __future__ import annotations

from collections.abc import Iterable
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_NEVER = frozenset(',;<>"\r\n\t ')  # validate_email lets quoted names with commas pass
_LONGEST_NAME = 100


class AddressRefused(ValueError):
    """The text is not one plain e-mail address; the message is that text."""


def checked(address: str) -> str:
    """Return one plain address without surrounding space; raises ``AddressRefused``."""
    plain = address.strip()
    try:
        validate_email(plain)
    except ValidationError as error:
        raise AddressRefused(address) from error
    if _NEVER & set(plain):
        raise AddressRefused(address)
    return plain


def distinct(addresses: Iterable[str], *, but: Iterable[str] = ()) -> list[str]:
    """Return the addresses as given, each once whatever its case, without empty ones and those in ``but``."""
    known = {address.strip().lower() for address in but}
    kept: list[str] = []
    for address in (raw.strip() for raw in addresses):
        if address and address.lower() not in known:
            known.add(address.lower())
            kept.append(address)
    return kept


def sender() -> str:
    """Return the bare address that the site sends from (``DEFAULT_FROM_EMAIL``)."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def sender_domain() -> str:
    """Return the domain of the site's address, which message ids end with."""
    return sender().rpartition("@")[2] or "localhost"


def named(name: str, address: str) -> str:
    """Return ``name <address>`` for a header: one line, quoted where it must be."""
    return str(Address(display_name=one_line(name)[:_LONGEST_NAME], addr_spec=address))


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters, for a header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
