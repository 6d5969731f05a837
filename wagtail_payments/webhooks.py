"""Where providers' messages arrive: verified, stored, answered. Whatever a stranger sends, the answer is no 500."""

from __future__ import annotations

import logging
import re
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.actions import deliveries
from wagtail_payments.conf import settings
from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import MessageRefused
from wagtail_payments.records.deliveries import WebhookDelivery

logger = logging.getLogger(__name__)


@csrf_exempt
@transaction.non_atomic_requests
@require_POST
def webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Take in a message: 200 once it is stored, 4xx for what is none, 503 where the provider should try again."""
    now = ports.now()
    try:
        delivery = _stored(request, gateway, now)
    except MessageRefused as refusal:
        logger.warning("A message for %s was refused: %s", gateway, refusal.reason)
        return _answer(refusal.reason, refusal.status_code)
    except DatabaseError:
        logger.exception("A message could not be stored")
        return _answer("not stored, please send it again", 503)
    _process(delivery, now)
    return _answer("received", 200)


def _stored(request: HttpRequest, slug: str, now: datetime) -> WebhookDelivery:
    site = Site.find_for_request(request)
    gateway = registry.for_site(site).get(slug) if site is not None else None
    if gateway is None:
        raise MessageRefused(404, "no such gateway here")
    body = _body(request)
    message = gateway.read_message(body, request.headers, now)
    return deliveries.store(message=message, body=body.decode(), hostname=site.hostname, now=now)


def _body(request: HttpRequest) -> bytes:
    """The body, unless its head says already that it is too large, or nonsense."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise MessageRefused(400, "a malformed length")
    if int(length) > settings.WEBHOOK_MAX_BYTES:
        raise MessageRefused(413, "too large")
    try:
        return request.body
    except RequestDataTooBig as error:
        raise MessageRefused(413, "too large") from error
    except UnreadablePostError as error:
        raise MessageRefused(400, "cut off") from error


def _process(delivery: WebhookDelivery, now: datetime) -> None:
    """Do at once what can be done at once; whatever goes wrong here, the sweep does again."""
    if delivery.state not in deliveries.WAITING:
        return
    try:
        deliveries.process(delivery_id=delivery.pk, now=now, hurried=True)
    except Exception:  # it is stored: answering anything else would only bring it twice
        logger.exception("Delivery %s is left to the sweep", delivery.pk)


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain", status=status)
