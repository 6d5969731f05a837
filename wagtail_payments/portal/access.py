"""Who may see what a link leads to: whoever opened that link here, and staff with the permission for it.

Opening a link leaves a signed cookie for that one document; it names the generation of the link, so that a
renewed or revoked link ends every visit at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse

from wagtail_payments.conf import settings
from wagtail_payments.core.snapshot import Kind
from wagtail_payments.portal import visitors
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.links import Link
from wagtail_payments.records.payment_requests import PaymentRequest

GRANT_LASTS = timedelta(days=30)
MOST_GRANTS = 12  # cookies that one browser keeps; more would outgrow the header that servers accept
NAME = "wp-"
REGISTRATION, TOGETHER = "registration", "together"
PERMISSIONS: dict[str, str] = {
    Kind.INVOICE: "wagtail_payments.view_invoice",
    Kind.PROFORMA: "wagtail_payments.view_invoice",
    Kind.CREDIT_NOTE: "wagtail_payments.view_creditnote",
    Kind.RECEIPT: "wagtail_payments.view_payment",
    Kind.REFUND_RECEIPT: "wagtail_payments.view_refund",
    Kind.QUOTE: "wagtail_payments.view_quote",
    REGISTRATION: "wagtail_payments.view_registration",
    TOGETHER: "wagtail_payments.view_invoice",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What the cookie says: this generation of the link was opened here at that moment."""

    public_id: str
    generation: int
    at: datetime


def link_to(request: HttpRequest, public_id: str, now: datetime) -> Link:
    """Return the link to a document that this visitor may see.

    Raises ``Http404`` for a document that does not exist, is another's, or whose link ended: they look alike.
    """
    link = Link.objects.select_related("site", "document__seller").filter(public_id=public_id).first()
    if link is None or link.document is None or not may_open(request, link, now):
        raise Http404
    return link


def opened_here(request: HttpRequest, public_id: str, now: datetime) -> Link:
    """Return the link to a document that was opened in this browser: staff may look, but not answer for a customer.

    Raises ``Http404`` like ``link_to``.
    """
    link = link_to(request, public_id, now)
    if not _granted(request, link, now):
        raise Http404
    return link


def paper_of(link: Link) -> IssuedDocument:
    """Return the document that a link opens; raises ``Http404`` for the link of a registration."""
    if link.document is None:
        raise Http404
    return link.document


def registration_to(request: HttpRequest, public_id: str, now: datetime) -> Link:
    """Return the link to a registration that this visitor may see, else raise ``Http404`` whatever the reason."""
    rows = Link.objects.select_related(
        "site", "registration__event__seller", "registration__invoice", "registration__balance"
    )
    link = rows.filter(public_id=public_id, registration__isnull=False).first()
    if link is None or not may_open(request, link, now):
        raise Http404
    return link


def registration_opened_here(request: HttpRequest, public_id: str, now: datetime) -> Link:
    """Return the link to a registration that was opened in this browser: staff may look, but not withdraw for others.

    Raises ``Http404`` like ``registration_to``.
    """
    link = registration_to(request, public_id, now)
    if not _granted(request, link, now):
        raise Http404
    return link


def request_to(request: HttpRequest, public_id: str, now: datetime) -> Link:
    """Return the link to several invoices that this visitor may see, else raise ``Http404`` whatever the reason."""
    rows = Link.objects.select_related("site", "payment_request__seller", "payment_request__site")
    link = rows.filter(public_id=public_id, payment_request__isnull=False).first()
    if link is None or not may_open(request, link, now):
        raise Http404
    return link


def opened(request: HttpRequest, public_id: str, now: datetime) -> Link:
    """Return the link to a document, or to several invoices, that this visitor may see, else raise ``Http404``."""
    is_of_several = Link.objects.filter(public_id=public_id, payment_request__isnull=False).exists()
    return request_to(request, public_id, now) if is_of_several else link_to(request, public_id, now)


def invoices_of(link: Link) -> PaymentRequest:
    """Return what a link asks for of several invoices; raises ``Http404`` for a link to anything else."""
    if link.payment_request is None:
        raise Http404
    return link.payment_request


def may_open(request: HttpRequest, link: Link, now: datetime) -> bool:
    """Did this browser open the link in its present generation, or is this a member of staff who may see it?"""
    return _granted(request, link, now) or visitors.may(request, PERMISSIONS[_kind(link)])


def _kind(link: Link) -> str:
    if link.document is not None:
        return link.document.kind
    return TOGETHER if link.payment_request_id is not None else REGISTRATION


def is_alive(link: Link, now: datetime) -> bool:
    """Is the link neither revoked nor past its end?"""
    return link.revoked_at is None and (link.expires_at is None or now < link.expires_at)


def link_of(document: IssuedDocument) -> Link | None:
    """Return the customer's link to a document, if one was ever made."""
    return Link.objects.select_related("site", "document__seller").filter(document=document).order_by("pk").first()


def grant(request: HttpRequest, response: HttpResponse, link: Link, now: datetime) -> None:
    """Let this browser see the document from now on; the oldest of too many grants are taken back."""
    _forget_oldest(request, response, link.public_id, now)
    response.set_cookie(
        _cookie_name(request, link.public_id),
        _signer(link.public_id).sign(f"{link.generation}.{int(now.timestamp())}"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _granted(request: HttpRequest, link: Link, now: datetime) -> bool:
    if not is_alive(link, now):
        return False
    held = _read(request, link.public_id)
    return held is not None and held.generation == link.generation and held.at > now - GRANT_LASTS


def _read(request: HttpRequest, public_id: str) -> Grant | None:
    try:
        value = _signer(public_id).unsign(request.COOKIES.get(_cookie_name(request, public_id), ""))
    except signing.BadSignature:
        return None
    generation, _, moment = value.partition(".")
    return Grant(public_id, int(generation), datetime.fromtimestamp(int(moment), tz=visitors.UTC))


def _forget_oldest(request: HttpRequest, response: HttpResponse, opened: str, now: datetime) -> None:
    start = _cookie_name(request, "")
    others = {name.removeprefix(start) for name in request.COOKIES if name.startswith(start)} - {opened}
    never = datetime.fromtimestamp(0, tz=visitors.UTC)
    ages = {public_id: held.at if (held := _read(request, public_id)) else never for public_id in others}
    for public_id in sorted(ages, key=lambda key: ages[key], reverse=True)[MOST_GRANTS - 1 :]:
        response.set_cookie(
            _cookie_name(request, public_id), max_age=0, secure=request.is_secure(), samesite="Lax", path="/"
        )


def _cookie_name(request: HttpRequest, public_id: str) -> str:
    """``__Host-`` (RFC 6265bis) ties the cookie to this very host; browsers accept it over HTTPS only."""
    return f"{'__Host-' if request.is_secure() else ''}{NAME}{public_id}"


def _signer(public_id: str) -> signing.Signer:
    """A key of its own for each document: the cookie of one never opens another."""
    keys: list[bytes | str] = [key.secret for key in settings.LINK_KEYS]
    return signing.Signer(key=keys[0], fallback_keys=keys[1:], salt=f"wagtail_payments.access.{public_id}")
