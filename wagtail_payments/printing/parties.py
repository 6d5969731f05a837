"""Seller and customer as printed: address, identifiers, legal identity."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_payments.core.snapshot import Address, Party
from wagtail_payments.printing.amounts import Writer, grouped

# Where the postcode stands behind the town.
TOWN_FIRST = frozenset({"AU", "CA", "GB", "IE", "NZ", "US"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PartyBlock:
    """A party: name, legal form with capital, lines of address, identifiers, ways to reach it."""

    name: str
    legal_form: str
    contact: str
    address: tuple[str, ...]
    identifiers: tuple[Fact, ...]
    email: str
    phone: str
    website: str


def filled(*facts: Fact) -> tuple[Fact, ...]:
    """Return the facts that say something."""
    return tuple(fact for fact in facts if fact.value)


def block(party: Party, writer: Writer, *, home: str) -> PartyBlock:
    """Return a party as printed; the country is named where it is not ``home``."""
    return PartyBlock(
        name=party.name,
        legal_form=_legal_form(party),
        contact=party.contact,
        address=address_lines(party.address, writer, home=home),
        identifiers=identifiers(party),
        email=party.email,
        phone=party.phone,
        website=party.website,
    )


def address_lines(address: Address, writer: Writer, *, home: str) -> tuple[str, ...]:
    """Return the lines of an address, the country last where it is not ``home`` or ``home`` is unknown."""
    town = (address.city, address.postcode) if address.country in TOWN_FIRST else (address.postcode, address.city)
    country = writer.country(address.country) if home and address.country != home else ""
    lines = (*_few(address.street), *_few(address.extra), " ".join(filter(None, town)), country)
    return tuple(line for line in lines if line)


def _few(text: str) -> list[str]:
    """The lines of a text; as one line where there are more than an address has."""
    lines = text.splitlines()
    return lines if len(lines) <= 4 else [", ".join(lines)]


def identifiers(party: Party, *, yours: bool = False) -> tuple[Fact, ...]:
    """Return the numbers a party is known by (CGI ann. II art. 242 nonies A); ``yours`` addresses the reader."""
    siret, siren = grouped(party.siret, 3, 3, 3, 5), grouped(party.siren, 3)
    by_siren = Fact(_("Your SIREN") if yours else _("SIREN"), siren)
    return filled(
        Fact(_("Your SIRET") if yours else _("SIRET"), siret) if siret else by_siren,
        Fact(_("Your VAT number") if yours else _("VAT number"), party.vat_number),
    )


def identity(party: Party, writer: Writer) -> tuple[str, ...]:
    """Return the legal identity that stands at the foot of every page (C. com. R123-238)."""
    facts = [f"{fact.label}\u00a0{fact.value}" for fact in identifiers(party)]
    who = ", ".join(filter(None, (party.name, _legal_form(party))))
    where = ", ".join(address_lines(party.address, writer, home=party.address.country))
    return tuple(filter(None, (who, where, *facts, party.registration)))


def _legal_form(party: Party) -> str:
    if not party.capital:
        return party.legal_form
    words = {"form": party.legal_form, "capital": party.capital}
    return (_("%(form)s with a capital of %(capital)s") % words).strip()
