"""The sums of the home page, in the kind of money that the site takes now: test or real."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.functional import cached_property
from wagtail.models import Site

from wagtail_payments.actions import invoices
from wagtail_payments.admin.books.facts import amount
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.sellers import Seller
from wagtail_payments.reports import summary


class HomeMoney:
    """Asks the books once, and only if someone wants to know."""

    def __init__(self, site: Site | None, now: datetime) -> None:
        self.site, self.now = site, now

    @cached_property
    def seller(self) -> Seller | None:
        """Who sells on the site."""
        return None if self.site is None else invoices.seller_of(self.site)

    @cached_property
    def mode(self) -> Mode:
        """Test money as long as the site has a provider's test key."""
        return Mode.LIVE if self.site is None else invoices.mode_of(self.site)

    @cached_property
    def today(self) -> date:
        """The day it is for the seller."""
        return self.now.date() if self.seller is None else self.seller.today(self.now)

    @cached_property
    def figures(self) -> list[summary.Figures]:
        """The figures of the day, per currency."""
        return [] if self.seller is None else summary.figures(seller=self.seller, today=self.today, mode=self.mode)

    def in_words(self, name: str) -> str:
        """Return one figure in words, a currency beside the other; the seller's own even if it is zero."""
        told = [(getattr(figures, name), figures.currency) for figures in self.figures]
        return ", ".join(amount(minor, currency) for place, (minor, currency) in enumerate(told) if minor or not place)

    def is_any(self, name: str) -> bool:
        """Is that figure above zero in some currency?"""
        return any(getattr(figures, name) for figures in self.figures)
