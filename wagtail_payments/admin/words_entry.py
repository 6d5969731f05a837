"""The words of the letters in the menu: they belong to a seller, and mostly there is one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.menu import MenuItem

from wagtail_payments.admin.permissions import allowed, require
from wagtail_payments.admin.seller_verbs import SELLERS, seller_url
from wagtail_payments.records.sellers import Seller

MENU_NAME = "payments-words"
OPEN = "words_open"


class OpenWords(View):
    """Opens the words of the first seller, whose page leads to those of the others."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead there; where there is no seller yet, to the settings."""
        require(request.user, "change_seller")
        first = Seller.objects.order_by("pk").values_list("pk", flat=True).first()
        return redirect(seller_url("words", first) if first else reverse(f"{SELLERS}:open"))


class WordsMenuItem(MenuItem):
    """The line in the menu, for who may write the words."""

    def is_shown(self, request: HttpRequest) -> bool:
        """To who may change the settings of a seller."""
        return allowed(request.user, "change_seller")


def words_menu_item() -> MenuItem:
    """Return the line in the menu."""
    return WordsMenuItem(_("Letters’ words"), reverse(f"{SELLERS}:{OPEN}"), name=MENU_NAME, icon_name="mail")
