"""An event on its page: shown, or registered for. One call into the actions; whatever it answers is a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import registrations, seats
from wagtail_payments.actions.baskets import BasketRefused, CodeRefused, NotOnSale
from wagtail_payments.actions.bills import NotReadyToSell
from wagtail_payments.portal import access, limits, logos, places, schema_org, theme
from wagtail_payments.portal.bookings import Booking
from wagtail_payments.portal.events import BoxOffice
from wagtail_payments.portal.messages import Message
from wagtail_payments.portal.registrations import lead_to_payment
from wagtail_payments.records.events import Event
from wagtail_payments.records.registrations import Registration

LOOK = "look"  # the button that only works out the total


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on the page of an event. ``page`` gives the template, its own words and the language."""

    request: HttpRequest
    page: Any
    box: BoxOffice

    @property
    def is_preview(self) -> bool:
        """Does an editor look at how it will be? Then nothing can be sent."""
        return bool(getattr(self.request, "is_preview", False))


def serve(request: HttpRequest, event: Event, language: str, *, page: Any) -> HttpResponse:
    """Show an event with its form, or take what was sent with it; never cached, since seats and forms go stale."""
    with translation.override(language):
        visit = Visit(request, page, BoxOffice(event, language, ports.now()))
        takes = request.method == "POST" and not visit.is_preview
        response = _take(visit) if takes else _show(visit, Booking(visit.box))
    return uncached(response)


def uncached(response: HttpResponse) -> HttpResponse:
    """Keep every cache, also the host's in front of the site, from serving old seats and other people's forms."""
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["Cookie"])
    return response


def _show(visit: Visit, booking: Booking, message: Message | None = None, status: int = 200) -> HttpResponse:
    _try_code(visit, booking)
    box, request = visit.box, visit.request
    shows_form = box.is_open or booking.data is not None
    context = {
        "box": box,
        "booking": booking if shows_form else None,
        "message": message,
        "is_preview": visit.is_preview,
        "theme_url": theme.url_of(box.event.seller),
        "icon_url": logos.icon_of(box.event.seller),
        "structured": schema_org.script(box, visit.page.get_full_url(request), visit.page.picture_url(request)),
    }
    template, known = visit.page.get_template(request), visit.page.event_context(request, **context)
    response = TemplateResponse(request, template, known, status=status).render()
    response["Content-Language"] = box.language
    return response


def _take(visit: Visit) -> HttpResponse:
    """Answer what was sent: more of the form, what is wrong with it, or the way to the payment."""
    booking = Booking(visit.box, visit.request.POST)
    if LOOK in visit.request.POST or booking.needs_blocks:
        booking.forget_errors()
        return _show(visit, booking)
    if not booking.is_valid():
        return _show(visit, booking, status=422)
    if booking.form.is_trapped:
        return places.SeeOther(visit.request.path)
    short = visit.box.available.shortage(booking.form.numbers)
    if short and not booking.was_sent:  # known already: nobody has to wait for the lock to hear it
        return _refuse_seats(visit, booking, short)
    if not limits.allows_address(visit.request, "register", visit.box.now):
        return _show(visit, booking, _too_often(), 429)
    return _registered(visit, booking)


def _try_code(visit: Visit, booking: Booking) -> None:
    """Before any total is shown: that of a form that is refused would tell as much of a code as "apply" does."""
    if not booking.code:
        return
    try:
        _check_code(visit, booking, booking.check_code)
    except CodeRefused as problem:
        booking.refuse(problem.field, str(problem))


def _registered(visit: Visit, booking: Booking) -> HttpResponse:
    now = visit.box.now
    try:
        made = _check_code(visit, booking, lambda: registrations.register(wish=booking.wish(), now=now))
    except seats.NotEnoughSeats as problem:
        return _refuse_seats(visit, booking, problem.left)
    except NotOnSale:
        return _show(visit, booking, _not_on_sale(visit.box), 409)
    except BasketRefused as problem:
        booking.refuse(problem.field, str(problem))
        return _show(visit, booking, status=409)
    except NotReadyToSell:
        return _show(visit, booking, _not_ready(visit.box), 503)
    return _onwards(visit, booking, made)


def _check_code(visit: Visit, booking: Booking, trying: Any) -> Any:
    """Do what tries a discount code. Guessing is slowed, and a guess too many gets the answer of a wrong one."""
    now = visit.box.now
    if booking.code and not limits.may_try_code(visit.request, now):
        raise CodeRefused(_("This code does not work (any more)."), "code")
    try:
        return trying()
    except CodeRefused:
        limits.count_wrong_code(visit.request, now)
        raise


def _onwards(visit: Visit, booking: Booking, made: Registration) -> HttpResponse:
    """Give this browser its registration, and go on to the payment where there is one."""
    request, now = visit.request, visit.box.now
    link = made.link
    if made.created_at != now and not booking.is_of(made):
        response: HttpResponse = places.told(request, link, "held_already")
    elif made.is_free or made.pays_later:
        response = places.SeeOther(places.own_url(link))
    else:
        response = lead_to_payment(request, made, link, now)
    if "#" not in response["Location"]:  # else the browser carries on that of the form, to the provider's page too
        response["Location"] += "#"
    access.grant(request, response, link, now)
    return response


def _refuse_seats(visit: Visit, booking: Booking, left: Mapping[int, int]) -> HttpResponse:
    booking.refuse_seats(left)
    return _show(visit, booking, _full(), 409)


def _full() -> Message:
    text = _(
        "Somebody was faster: there are not enough seats left. Nothing was charged, and all you typed is still here."
    )
    return Message("soon", "hourglass", text, is_error=True)


def _not_on_sale(box: BoxOffice) -> Message:
    situation = box.situation
    sentence = situation.sentence if situation else _("Registration is not open.")
    text = _("%(state)s. Nothing was charged.") % {"state": sentence}
    return Message("late", "alert", text, is_error=True)


def _not_ready(box: BoxOffice) -> Message:
    text = _("Registering does not work just now, and nothing was charged. Please write to %(address)s.")
    return Message("late", "alert", text % {"address": box.event.contact}, is_error=True)


def _too_often() -> Message:
    text = _("That was many registrations in a short time. Nothing was charged. Wait an hour, please.")
    return Message("late", "alert", text, is_error=True)
