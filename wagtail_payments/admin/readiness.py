"""Is the site ready to be paid? What a newcomer still has to do, each step with where to do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as django_settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from wagtail_payments.actions import clockwork, invoices
from wagtail_payments.admin.places import INVOICES
from wagtail_payments.admin.places_of_books import list_url
from wagtail_payments.admin.settings import NAMESPACE
from wagtail_payments.conf import settings as payments_settings
from wagtail_payments.core.tax import VatRegime
from wagtail_payments.gateways import registry
from wagtail_payments.records.deliveries import Heartbeat, WebhookDelivery
from wagtail_payments.records.payments import Payment
from wagtail_payments.records.sellers import Seller

MANUAL = "manual"
NOT_A_SENDER = "webmaster@localhost"  # what Django sends from when nobody said otherwise
DELIVERY_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, whether it is done, why, and where."""

    label: Any
    done: bool
    explains: Any = ""
    url: str = ""


class Readiness:
    """Asks, once, how far a site is from being paid."""

    def __init__(self, site: Site | None, now: datetime) -> None:
        self.site, self.now = site, now

    @cached_property
    def steps(self) -> list[Step]:
        """Every step, in the order one does them."""
        questions: list[Callable[[], Step]] = [
            self._identity,
            self._vat,
            self._sender,
            self._provider,
            self._webhook,
            self._first_payment,
            self._clockwork,
        ]
        return [ask() for ask in questions]

    @property
    def missing(self) -> list[Step]:
        """What is still to do."""
        return [step for step in self.steps if not step.done]

    @cached_property
    def seller(self) -> Seller | None:
        """Who sells on the site."""
        return None if self.site is None else invoices.seller_of(self.site)

    @cached_property
    def gateways(self) -> dict[str, Any]:
        """The payment providers of the site."""
        return {} if self.site is None else dict(registry.for_site(self.site))

    @cached_property
    def _settings_url(self) -> str:
        return reverse(f"{NAMESPACE}:open")

    def _identity(self) -> Step:
        seller = self.seller
        done = seller is not None and all((seller.name, seller.street, seller.city, seller.email, seller.siren))
        return Step(
            _("Say who you are"), done, _("Name, address, SIREN and e-mail, for the invoices."), self._settings_url
        )

    def _vat(self) -> Step:
        seller = self.seller
        done = seller is not None and (seller.vat_regime == VatRegime.FRANCHISE or bool(seller.vat_number))
        explains = _("Your VAT number, or the small business exemption.")
        return Step(_("Choose your VAT regime"), done, explains, self._settings_url)

    def _sender(self) -> Step:
        sender = django_settings.DEFAULT_FROM_EMAIL
        explains = _("Your e-mails need a sender: DEFAULT_FROM_EMAIL in the settings of the site.")
        return Step(_("Give your e-mails a sender"), bool(sender) and NOT_A_SENDER not in sender, explains)

    def _provider(self) -> Step:
        if not self.gateways:
            done = self.seller is not None and bool(self.seller.iban)
            explains = _("No payment provider is set up: customers pay by bank transfer, to your IBAN.")
            return Step(_("Give the account that money goes to"), done, explains, self._settings_url)
        explains = _(
            "The keys are test keys: everything works, no real money moves. Put in live keys when you are ready."
        )
        return Step(_("Take real money"), all(gateway.live for gateway in self.gateways.values()), explains)

    def _webhook(self) -> Step:
        label = _("Hear from your payment provider")
        if not self.gateways:
            return Step(label, True)
        explains = _("No recent message from the provider reached this site. Check the webhook in its dashboard.")
        return Step(label, self._heard(), explains, list_url(WebhookDelivery))

    def _heard(self) -> bool:
        """A message came, and none is missing for the latest online payment."""
        latest = WebhookDelivery.objects.order_by("-received_at").values_list("received_at", flat=True).first()
        if latest is None:
            return False
        return not Payment.objects.exclude(gateway=MANUAL).filter(received_at__gt=latest + DELIVERY_LATE).exists()

    def _first_payment(self) -> Step:
        explains = _("Write an invoice to yourself, send it and pay it: it shows you what your customers will see.")
        return Step(_("See an invoice paid"), Payment.objects.exists(), explains, reverse(f"{INVOICES}:add"))

    def _clockwork(self) -> Step:
        explains = _("Let the server run “manage.py payments_run”: it sends the letters and checks the payments.")
        return Step(_("Start the clockwork"), not is_clockwork_late(self.now), explains)


def is_clockwork_late(now: datetime) -> bool:
    """Is ``payments_run`` not running, or was it never started?"""
    last = Heartbeat.objects.filter(name=clockwork.HEARTBEAT).values_list("at", flat=True).first()
    return last is None or now - last > timedelta(minutes=payments_settings.HEARTBEAT_MINUTES)
