"""Postal addresses as columns."""

from __future__ import annotations

from typing import Any

from babel import Locale
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core.snapshot import Address


def countries() -> list[tuple[str, Any]]:
    """Return ISO 3166 countries named in the current language, France first as the commonest."""
    locale = Locale.parse((get_language() or "en").replace("-", "_"))
    named = [(code, name) for code, name in locale.territories.items() if len(code) == 2 and code not in NOT_COUNTRIES]
    return sorted(named, key=lambda row: (row[0] != "FR", row[1]))


NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


class BillingAddress(models.Model):
    """Where a person or business is billed."""

    street = models.CharField(_("street"), max_length=200, blank=True)
    extra = models.CharField(_("address, second line"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("town"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=countries, default="FR")

    class Meta:
        abstract = True

    @property
    def address(self) -> Address:
        """The address as plain data."""
        return Address(self.street, self.extra, self.postcode, self.city, self.country)


class DeliveryAddress(models.Model):
    """Where goods go, if elsewhere."""

    delivery_street = models.CharField(_("street"), max_length=200, blank=True)
    delivery_extra = models.CharField(_("address, second line"), max_length=200, blank=True)
    delivery_postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    delivery_city = models.CharField(_("town"), max_length=100, blank=True)
    delivery_country = models.CharField(_("country"), max_length=2, choices=countries, blank=True)

    class Meta:
        abstract = True

    @property
    def delivery(self) -> Address | None:
        """The delivery address as plain data, or None where it is the billing address."""
        if not self.delivery_street and not self.delivery_city:
            return None
        return Address(
            self.delivery_street,
            self.delivery_extra,
            self.delivery_postcode,
            self.delivery_city,
            self.delivery_country,
        )
