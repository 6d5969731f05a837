"""Giving up seats in two steps: what comes back is quoted first, and only then confirmed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wagtail_payments import ports
from wagtail_payments.actions import cancellations
from wagtail_payments.core.cancellation import Quote
from wagtail_payments.portal import access, answers, limits, places
from wagtail_payments.portal.bookings import KEY
from wagtail_payments.portal.messages import Message
from wagtail_payments.portal.registration_shown import Standing
from wagtail_payments.portal.registrations import drawn, standing_of
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Seat

TEMPLATE = "wagtail_payments/portal/registration_cancel.html"
SUM = re.compile(r"[0-9]{1,15}")


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask which seats, quote what comes back for them, and give them up once that was confirmed."""
    link = access.registration_to(request, public_id, ports.now())
    standing = standing_of(link)
    with translation.override(standing.registration.language):
        if request.method == "POST" and _was_done(request, standing):
            return places.told(request, link, "cancelled")
        if not standing.cancellable:
            return places.told(request, link, "too_late")
        if request.method == "POST":
            return _cancel(request, link, standing)
        return _ask(request, standing, _chosen(standing, request.GET.getlist("seat")))


def _was_done(request: HttpRequest, standing: Standing) -> bool:
    """Was this very form sent before?"""
    form_key = request.POST.get("form_key", "")
    return any(row.form_key == form_key for row in standing.cancellations)


def _chosen(standing: Standing, wanted: Sequence[str]) -> list[Seat]:
    """The seats that were ticked; the only one there is needs no tick."""
    chosen = [seat for seat in standing.cancellable if str(seat.pk) in wanted]
    return standing.cancellable if len(standing.cancellable) == 1 else chosen


def _ask(
    request: HttpRequest, standing: Standing, chosen: list[Seat], message: Message | None = None, status: int = 200
) -> HttpResponse:
    box = standing.box
    prefetch_related_objects([box.event], "ticket_types")  # asked once, not for each seat
    quote = cancellations.quote(event=box.event, seats=chosen, by_organiser=False, now=box.now)
    told = {
        "standing": standing,
        "chosen": chosen,
        "rows": [_row(standing, seat) for seat in standing.cancellable],
        "sentences": _sentences(standing, quote) if chosen else [],
        "back": quote.back,
        "form_key": ports.new_id(),
        "message": message,
        "is_asking": not chosen,
    }
    return drawn(request, standing.registration, TEMPLATE, told, status)


def _row(standing: Standing, seat: Seat) -> dict[str, Any]:
    name, price = standing.box.ticket_name(seat.ticket_type_id), standing.box.writer.money(seat.gross)
    return {"pk": seat.pk, "name": seat.attendee, "ticket": name, "price": price if seat.gross else ""}


def _sentences(standing: Standing, quote: Quote) -> list[str]:
    """What it means in money, before anybody confirms."""
    money = standing.box.writer.money
    said = {"back": money(quote.back), "fee": money(quote.fee), "gross": money(quote.gross)}
    if not quote.gross:
        return []
    kept = _("%(fee)s of %(gross)s are kept, as the organiser's terms say.") % said if quote.fee else ""
    unpaid = min(quote.back, standing.balance_due)
    if unpaid and not standing.registration.pays_later:
        return [kept, *_partly(standing, quote.back - unpaid, unpaid)]
    paid = _("%(back)s go back the way you paid. Your bank may take up to ten days to show it.") % said
    owed = _("%(back)s are no longer to be paid, or come back if you have paid them already.") % said
    nothing = _("Nothing comes back.")
    rest = nothing if not quote.back else owed if standing.registration.pays_later else paid
    return [sentence for sentence in (kept, rest) if sentence]


def _partly(standing: Standing, back: int, unpaid: int) -> list[str]:
    """Of a balance that was asked for and is not paid yet."""
    money = standing.box.writer.money
    goes = _("%(back)s go back the way you paid. Your bank may take up to ten days to show it.")
    sentences = [goes % {"back": money(back)}] if back else []
    return [*sentences, _("%(unpaid)s are no longer to be paid.") % {"unpaid": money(unpaid)}]


def _cancel(request: HttpRequest, link: Link, standing: Standing) -> HttpResponse:
    sent, now = request.POST, standing.box.now
    chosen = _chosen(standing, sent.getlist("seat"))
    back, form_key = sent.get("back", ""), sent.get("form_key", "")
    if not chosen or not SUM.fullmatch(back) or not KEY.fullmatch(form_key):
        raise Http404
    if not limits.allows(request, "cancel", link, now):
        return places.told(request, link, "wait")
    try:
        cancellations.cancel(
            registration=standing.registration,
            seat_ids=[seat.pk for seat in chosen],
            back=int(back),
            by_organiser=False,
            reason="",
            by=None,
            now=now,
            form_key=form_key,
        )
    except cancellations.QuoteChanged as problem:
        return _ask(request, standing_of(link), chosen, Message("soon", "alert", str(problem), is_error=True), 409)
    except cancellations.CancellationRefused:
        return places.told(request, link, "too_late")
    return places.told(request, link, "cancelled")
