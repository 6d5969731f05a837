"""What every page about the settings of one seller shares, beyond the seller's own form."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_payments.admin.permissions import SEEING
from wagtail_payments.admin.record_verbs import RecordVerb
from wagtail_payments.records.sellers import Seller

SELLERS = "wagtail_payments_seller"


def seller_url(name: str, pk: int, *more: object) -> str:
    """Return the URL of a page about one seller, such as ``seller_url("words", 3)``."""
    return reverse(f"{SELLERS}:{name}", args=(pk, *more))


class SellerVerb(RecordVerb):
    """A page about the settings of one seller."""

    model = Seller
    permissions = ("change_seller",)
    header_icon = "cog"

    def is_seen_by(self, user: Any) -> bool:
        """May the user see sellers at all?"""
        return bool(ModelPermissionPolicy(Seller).user_has_any_permission(user, SEEING))

    @property
    def seller(self) -> Any:
        """The seller."""
        return self.record

    @property
    def desk_url(self) -> str:
        """The seller's form."""
        return seller_url("edit", self.seller.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the settings, this page."""
        return [
            *super().get_breadcrumbs_items(),
            {"url": self.desk_url, "label": _("Settings")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add the seller."""
        return super().get_context_data(**options) | {"seller": self.seller}
