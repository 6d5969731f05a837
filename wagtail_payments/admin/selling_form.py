"""The part of a form that says on which site, and so for whom, something is sold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from wagtail_payments.admin.selling_sites import seller_of, selling_sites
from wagtail_payments.records.sellers import Seller


class SellingForm(forms.Form):
    """Only who sells on several sites is asked for one; the seller follows from it."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=None)
    instance: Any

    def offer_sites(self) -> None:
        """Offer the sites on which somebody sells, where there is a choice."""
        sites = selling_sites()
        if len(sites) < 2 and self.instance.site_id:
            self.fields.pop("site", None)
        elif "site" in self.fields:
            self.fields["site"].queryset = Site.objects.filter(pk__in=[site.pk for site in sites])  # type: ignore[attr-defined]

    @property
    def seller(self) -> Seller | None:
        """Who sells; the forms of the parts ask for it."""
        return self.instance.seller if self.instance.seller_id else None

    def take_seller(self) -> Seller | None:
        """Take the seller of the chosen site, and return it where one was chosen; an error where nobody sells."""
        site = self.cleaned_data.get("site")
        if site is None:
            return None
        seller = seller_of(site)
        if seller is None:
            self.add_error("site", _("Nobody sells on this site yet. Fill in the seller under Settings."))
            return None
        self.instance.seller = seller
        return seller
