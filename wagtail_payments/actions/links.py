"""Links: made, renewed, revoked, and the evidence of their openings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import journal
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.links import Link, Opening
from wagtail_payments.records.payment_requests import PaymentRequest
from wagtail_payments.records.registrations import Registration

PURPOSE = "customer"


def link_for(*, document: IssuedDocument, site: Site, now: datetime) -> Link:
    """Return the customer's link to a document, made if there is none yet."""
    link, _ = Link.objects.get_or_create(
        document=document,
        purpose=PURPOSE,
        defaults={"site": site, "public_id": ports.new_id(), "created_at": now},
    )
    return link


def open_link_for(*, document: IssuedDocument, site: Site, now: datetime) -> Link | None:
    """Return the customer's link to a document; None where it was ended, as a letter can't lead to it."""
    link = link_for(document=document, site=site, now=now)
    return link if link.revoked_at is None else None


def make_for(*, document: IssuedDocument, site: Site, now: datetime) -> Link:
    """Make the customer's link to a document that was issued just now."""
    return Link.objects.create(document=document, purpose=PURPOSE, site=site, public_id=ports.new_id(), created_at=now)


def make_for_registration(*, registration: Registration, site: Site, now: datetime) -> Link:
    """Make the link of a new registration; whoever has it may see, change and cancel it."""
    return Link.objects.create(
        registration=registration, purpose=PURPOSE, site=site, public_id=registration.public_id, created_at=now
    )


def link_for_request(*, request: PaymentRequest, now: datetime) -> Link:
    """Return the link by which several invoices are paid together, made if there is none yet."""
    link, _ = Link.objects.select_related("site").get_or_create(
        payment_request=request,
        defaults={"purpose": PURPOSE, "site": request.site, "public_id": request.public_id, "created_at": now},
    )
    return link


def renew(*, link: Link, by: Any, now: datetime) -> Link:
    """Make the next generation: every earlier link to the document dies, the one printed in its PDF too."""
    with transaction.atomic():
        Link.objects.filter(pk=link.pk).update(generation=F("generation") + 1, revoked_at=None)
        for subject in _subjects(link):
            journal.note(subject, "link_renewed", now=now, by=by)
    link.refresh_from_db()
    return link


def revoke(*, link: Link, by: Any, now: datetime) -> Link:
    """End the link; doing it twice keeps the first moment."""
    with transaction.atomic():
        if Link.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
            for subject in _subjects(link):
                journal.note(subject, "link_revoked", now=now, by=by)
    link.refresh_from_db()
    return link


def record_opening(*, link: Link, now: datetime, user_agent: str) -> Opening:
    """Keep that a person opened the link."""
    return Opening.objects.create(
        link=link, generation=link.generation, at=now, user_agent=user_agent.replace("\x00", "")[:200]
    )


def _subjects(link: Link) -> list[Model]:
    """What a person would look for the history of: registration, invoice, quote; each invoice of several."""
    if link.payment_request is not None:
        return list(link.payment_request.invoices.order_by("pk"))
    if link.document is not None:
        return [getattr(link.document, "invoice", getattr(link.document, "quote", link.document))]
    return [link.registration or link]
