"""An invented invoice, so that an editor can see the counter at work without seeing a customer's."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import papers
from wagtail_payments.core.snapshot import Address, Document, Kind, Line, Party, PaymentTerms, VatRow
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.sellers import PaymentSettings, Seller

NET, TAX, GROSS = 20_000, 4_000, 24_000


def seller_of(site: Site | None) -> Seller:
    """Return the site's seller, or one that stands for it as long as none was chosen."""
    chosen = PaymentSettings.for_site(site).seller if site is not None else None
    return chosen or Seller(name=site.site_name if site is not None else _("Your name"))


def sample(seller: Seller, language: str) -> Document:
    """Return an invoice of that seller to nobody in particular."""
    today = seller.today(ports.now())
    with translation.override(language):
        return Document(
            kind=Kind.INVOICE,
            mode=Mode.LIVE,
            language=language,
            currency=seller.currency,
            seller=papers.seller_party(seller),
            customer=Party(name=_("A customer"), address=Address(city=_("Any town"), country=seller.country)),
            number="0000",
            issued_on=today.isoformat(),
            due_on=(today + timedelta(days=seller.due_days)).isoformat(),
            title=_("A sample invoice"),
            lines=(_line(),),
            vat=(VatRow("S", "20", NET, TAX),),
            lines_net=NET,
            net=NET,
            tax=TAX,
            gross=GROSS,
            due=GROSS,
            payment=_terms(seller),
            look=papers.look_of(seller),
        )


def _line() -> Line:
    return Line(
        description=_("What you sell"),
        quantity="2",
        unit="",
        unit_price="100",
        price_includes_vat=False,
        discount=0,
        discount_percent="",
        amount=NET,
        net=NET,
        vat_category="S",
        vat_rate="20",
    )


def _terms(seller: Seller) -> PaymentTerms:
    return PaymentTerms(
        iban=seller.iban,
        bic=seller.bic,
        account_holder=seller.account_holder or seller.name,
        online=True,
        methods=("card", "transfer"),
    )
