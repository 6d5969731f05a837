"""Identifiers and formats, checked by libraries, refused with a sentence that says what is wrong."""

from __future__ import annotations

import re
import zoneinfo
from types import ModuleType
from typing import TYPE_CHECKING

import stdnum.bic
import stdnum.eu.vat
import stdnum.fr.siren
import stdnum.fr.siret
import stdnum.iban
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength
from stdnum.exceptions import ValidationError as NumberError

from wagtail_payments.core import money, numbering
from wagtail_payments.records.fields import Mode

if TYPE_CHECKING:
    from wagtail_payments.records.sellers import Seller

_REASONS: tuple[tuple[type[NumberError], Promise], ...] = (
    (InvalidLength, _("%(name)s “%(value)s” has the wrong number of characters.")),
    (InvalidChecksum, _("%(name)s “%(value)s” has a typing error: its check digits do not fit.")),
    (InvalidComponent, _("%(name)s “%(value)s” has a part that does not exist, such as an unknown country.")),
    (InvalidFormat, _("%(name)s “%(value)s” has characters or an order that are not allowed.")),
)
_OTHERWISE = _("%(name)s “%(value)s” is not valid.")


_VAT_SHAPE = re.compile(r"[A-Za-z]{2}[0-9A-Za-z .\-+*]{2,18}")


def _check(module: ModuleType, name: object, value: str) -> None:
    try:
        module.validate(value)
    except NumberError as error:
        text = next((text for kind, text in _REASONS if isinstance(error, kind)), _OTHERWISE)
        raise ValidationError(str(text), params={"name": name, "value": value}) from error


def siren(value: str) -> None:
    """Nine digits with a check digit (INSEE)."""
    _check(stdnum.fr.siren, "SIREN", value)


def siret(value: str) -> None:
    """Fourteen digits: a SIREN and an establishment."""
    _check(stdnum.fr.siret, "SIRET", value)


def vat_number(value: str) -> None:
    """A VAT number with its country code; those of the European Union are checked to the last digit."""
    if not _VAT_SHAPE.fullmatch(value):
        raise ValidationError(
            _("A VAT number begins with its country code, for example FR83404833048."), params={"value": value}
        )
    if value[:2].lower() in stdnum.eu.vat.MEMBER_STATES or value[:2].upper() == "EL":
        _check(stdnum.eu.vat, _("VAT number"), value)


def iban(value: str) -> None:
    """ISO 13616."""
    _check(stdnum.iban, "IBAN", value)


def bic(value: str) -> None:
    """ISO 9362."""
    _check(stdnum.bic, "BIC", value)


def siret_belongs_to_siren(siret_number: str, siren_number: str) -> None:
    """BR-FR-09: a SIRET begins with its SIREN."""
    compact_siret, compact_siren = siret_number.replace(" ", ""), siren_number.replace(" ", "")
    if compact_siret and compact_siren and not compact_siret.startswith(compact_siren):
        raise ValidationError({"siret": _("The SIRET must begin with the SIREN.")})


def first_number_unused(seller: Seller) -> None:
    """The first number is fixed once a real invoice took one, or the sequence would get a gap."""
    if seller.pk is None or not seller.series.filter(series=numbering.Series.INVOICE, mode=Mode.LIVE).exists():
        return
    stored = type(seller)._base_manager.values_list("first_invoice_number", flat=True).get(pk=seller.pk)
    if stored != seller.first_invoice_number:
        raise ValidationError(
            {"first_invoice_number": _("Invoices have been issued: the first number can no longer be changed.")}
        )


def patterns_differ(seller: Seller) -> None:
    """Documents of one seller may never get the same number."""
    if not numbering.are_distinct([seller.pattern(series) for series in numbering.Series]):
        raise ValidationError(
            _("Invoices, credit notes and receipts need numbers that look different: begin each with its own letter.")
        )


def at_least_one(value: int) -> None:
    """Sequences begin at one or later."""
    if value < 1:
        raise ValidationError(_("Numbers begin at 1 or later."))


def minutes_to_pay(value: int) -> None:
    """A payment session lives 30 minutes at the least, and the seat a little longer than the session."""
    if not 35 <= value <= 23 * 60:
        raise ValidationError(_("Give between 35 minutes and 23 hours (1380 minutes)."))


def number_pattern(value: str) -> None:
    """A pattern that makes unique numbers allowed on electronic invoices."""
    try:
        numbering.check_pattern(value)
    except numbering.BadPattern as error:
        raise ValidationError(
            _(
                "Write {year} and {number} once each, for example F{year}-{number:04}; "
                "otherwise only letters, digits and + - _ /."
            ),
        ) from error


_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3


def colour(value: str) -> None:
    """A colour as ``#rrggbb`` that stays readable as text on white and under white text."""
    if not _COLOUR.fullmatch(value):
        raise ValidationError(_("Write the colour as # and six digits, for example #1f3a5f."))
    contrast = contrast_with_white(value)
    if contrast < _CONTRAST:
        raise ValidationError(
            _(
                "This colour is too pale to read on white (contrast %(contrast)s, at least 4.5 is needed). "
                "Choose a darker one."
            ),
            params={"contrast": f"{contrast:.1f}"},
        )


def contrast_with_white(value: str) -> float:
    """Return the WCAG contrast ratio of ``#rrggbb`` with white, 1 to 21."""
    channels = [int(value[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def time_zone(value: str) -> None:
    """A name of the IANA time zone database."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone; write one such as Europe/Paris."), params={"value": value}
        )


def currency(value: str) -> None:
    """An ISO 4217 code."""
    try:
        money.exponent(value)
    except money.UnknownCurrency as error:
        raise ValidationError(
            _("“%(value)s” is not a currency; write a code such as EUR."), params={"value": value}
        ) from error


_DESCRIPTOR = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 .,\-_/&+]{2,22}")


def statement_descriptor(value: str) -> None:
    """What payment providers accept on a bank statement: Latin letters, no < > \\ ' " *."""
    if not _DESCRIPTOR.fullmatch(value):
        raise ValidationError(_("Use 2 to 22 letters and digits without accents, with at least one letter."))


def email_list(value: str) -> None:
    """E-mail addresses, one on each line."""
    for line in value.splitlines():
        if line.strip():
            validate_email(line.strip())


def percent(value: object) -> None:
    """From 0 to 100."""
    if not 0 <= value <= 100:  # type: ignore[operator]
        raise ValidationError(_("Write a percentage from 0 to 100."))


def not_negative(value: object) -> None:
    """Zero or more."""
    if value < 0:  # type: ignore[operator]
        raise ValidationError(_("This can't be negative. To give money back, use a discount or a credit note."))


def more_than_zero(value: object) -> None:
    """More than zero."""
    if value <= 0:  # type: ignore[operator]
        raise ValidationError(_("Write a quantity above zero."))
