"""Settings: who sells, and which site sells for whom."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.panels import TabbedInterface
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import Button
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_payments.admin.books.guards import register_policy
from wagtail_payments.admin.doors import ViewFunction, seen_only
from wagtail_payments.admin.letter_words import WordsEditView, WordsPreviewView, WordsRestoreView, WordsView
from wagtail_payments.admin.permissions import HAS_REGISTRY, allowed
from wagtail_payments.admin.reminder_settings import RemindersView
from wagtail_payments.admin.seller_panels import seller_tabs
from wagtail_payments.admin.seller_verbs import seller_url
from wagtail_payments.admin.words_entry import OPEN, OpenWords
from wagtail_payments.records.sellers import PaymentSettings, Seller

NAMESPACE = "wagtail_payments_seller"


class SellerPolicy(ModelPermissionPolicy):
    """A seller with documents or money stays: the books belong to it."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Seller) -> bool:
        """Ask the model's permissions, and for deleting also the books."""
        if action == "delete" and is_in_use(instance):
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))


def is_in_use(seller: Seller) -> bool:
    """Does anything belong to this seller?"""
    owned = (seller.invoices, seller.documents, seller.payments, seller.letters, seller.series, seller.chains)
    return seller.sites.exists() or any(rows.exists() for rows in owned)


def sell_on_sites_without_seller(seller: Seller) -> None:
    """Let the only seller there is sell on every site that has none, so that one thing less is to be set."""
    if Seller.objects.count() != 1:
        return
    for site in Site.objects.all():
        choice = PaymentSettings.for_site(site)
        if choice.seller_id is None:
            choice.seller = seller
            choice.save()


def sites_button(user: Any) -> list[Button]:
    """Return the way to the choice of sites, for who may change it."""
    if not allowed(user, "change_paymentsettings"):
        return []
    url = reverse("wagtailsettings:edit", args=("wagtail_payments", "paymentsettings"))
    return [Button(_("Which site sells for whom"), url=url, icon_name="site", priority=50)]


class SellerCreateView(CreateView):
    """The first form that a newcomer fills in."""

    def save_instance(self) -> Seller:
        """Save, and let the first seller sell on every site."""
        seller: Seller = super().save_instance()
        sell_on_sites_without_seller(seller)
        return seller

    def get_success_url(self) -> str:
        """Stay on the form: there are more tabs."""
        return self.get_edit_url()


class SellerEditView(EditView):
    """The settings of a seller."""

    def get_success_url(self) -> str:
        """Stay on the form."""
        return self.get_edit_url()

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Lead on to the choice of sites, and to another seller."""
        buttons = [*super().header_more_buttons, *sites_button(self.request.user), *_of_letters(self.object.pk)]
        if self.user_has_permission("add"):
            url = reverse(f"{NAMESPACE}:add")
            buttons.append(Button(_("Add another seller"), url=url, icon_name="plus", priority=60))
        return buttons


def _of_letters(pk: int) -> list[Button]:
    """The ways to what is said to customers, and when."""
    return [
        Button(_("Letters’ words"), url=seller_url("words", pk), icon_name="mail", priority=30),
        Button(_("Reminders"), url=seller_url("reminders", pk), icon_name="date", priority=31),
    ]


class SellerDeleteView(DeleteView):
    """Deletes a seller that was made by mistake; Wagtail asks the permission, this asks the books."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Say why a seller in use stays, or go on."""
        if self.user_has_permission("delete") and is_in_use(self.object):
            messages.error(request, _("This seller has documents or a site, so it stays."))
            return redirect(f"{NAMESPACE}:edit", self.object.pk)
        return super().dispatch(request, *args, **options)


class SellerIndexView(IndexView):
    """The list, for who keeps the books of several."""

    def get_base_queryset(self) -> QuerySet[Seller]:
        """Read the sites of all rows at once."""
        sellers: QuerySet[Seller] = super().get_base_queryset()
        return sellers.prefetch_related("sites__site")


class OpenSettings(View):
    """Opens what is meant by "Settings": the only seller, the list of several, or the form for the first."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the right page."""
        if not any(allowed(request.user, f"{verb}_seller") for verb in ("add", "change", "view")):
            raise PermissionDenied
        keys = list(Seller.objects.values_list("pk", flat=True)[:2])
        if not keys and allowed(request.user, "add_seller"):
            return redirect(f"{NAMESPACE}:add")
        if len(keys) == 1 and allowed(request.user, "change_seller"):
            return redirect(f"{NAMESPACE}:edit", keys[0])
        return redirect(f"{NAMESPACE}:index")


class SellerViewSet(ModelViewSet):
    """Everything about sellers in the admin."""

    model = Seller
    name = NAMESPACE
    url_namespace = NAMESPACE
    url_prefix = "payments/settings"
    icon = "cog"
    menu_label = _("Settings")
    menu_name = "payments-settings"
    index_view_class = SellerIndexView
    add_view_class = SellerCreateView
    edit_view_class = SellerEditView
    delete_view_class = SellerDeleteView
    copy_view_enabled = False
    inspect_view_enabled = False
    add_to_reference_index = False
    list_display = (
        "name",
        Column("vat_regime", label=_("VAT regime"), accessor="get_vat_regime_display"),
        Column("sites", label=_("Sells on"), accessor=lambda seller: ", ".join(_hosts(seller))),
    )
    search_fields = ("name",)

    if not HAS_REGISTRY:

        @cached_property
        def permission_policy(self) -> SellerPolicy:
            """Wagtail 7.4 has no registry to look the policy up."""
            return SellerPolicy(Seller)

    @cached_property
    def edit_handler(self) -> TabbedInterface:
        """The tabs of the form."""
        return seller_tabs()

    @cached_property
    def menu_url(self) -> str:
        """Where the menu leads."""
        return reverse(f"{NAMESPACE}:open")

    def construct_view(self, view_class: type[View], **options: Any) -> ViewFunction:
        """Return a view that is closed to who may not see sellers."""
        return seen_only(super().construct_view(view_class, **options), SellerPolicy(Seller))

    def get_common_view_kwargs(self, **options: Any) -> dict[str, Any]:
        """Tell the views that there is no list of what uses a seller: the books are the answer."""
        kwargs: dict[str, Any] = super().get_common_view_kwargs(**options)
        return kwargs | {"usage_url_name": None}

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return Wagtail's URLs without the usage view, and ours."""
        urls = [pattern for pattern in super().get_urlpatterns() if pattern.name != "usage"]
        return [*urls, path("open/", OpenSettings.as_view(), name="open"), *_letter_urls()]


def _letter_urls() -> list[URLPattern]:
    words = "<int:pk>/words/<slug:key>/<slug:language>/"
    return [
        path("<int:pk>/reminders/", RemindersView.as_view(), name="reminders"),
        path("words/", OpenWords.as_view(), name=OPEN),
        path("<int:pk>/words/", WordsView.as_view(), name="words"),
        path(words, WordsEditView.as_view(), name="words_edit"),
        path(f"{words}preview/", WordsPreviewView.as_view(), name="words_preview"),
        path(f"{words}restore/", WordsRestoreView.as_view(), name="words_restore"),
    ]


def _hosts(seller: Seller) -> list[str]:
    return [choice.site.hostname for choice in seller.sites.all()]


def register_settings() -> None:
    """Put the choice of sites among Wagtail's settings, and guard sellers; call it once."""
    register_policy(Seller, SellerPolicy(Seller))
    register_setting(PaymentSettings, icon="cog")
