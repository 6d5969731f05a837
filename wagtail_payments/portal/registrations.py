"""A registrant's own page: see it, pay it, change who comes, download, cancel. Opened by the link of the letter."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from wagtail_payments import ports
from wagtail_payments.actions import checkout, registrations
from wagtail_payments.conf import settings
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.mail import calendars
from wagtail_payments.mail.links import attempt_url
from wagtail_payments.portal import (
    access,
    answers,
    files,
    limits,
    logos,
    order_answers,
    places,
    registration_shown,
    visitors,
)
from wagtail_payments.portal.events import BoxOffice
from wagtail_payments.portal.forms import QuestionForm
from wagtail_payments.portal.messages import message_of
from wagtail_payments.portal.order_answers import OrderForm
from wagtail_payments.portal.registration_form import AttendeeForm
from wagtail_payments.portal.registration_shown import Standing
from wagtail_payments.records.links import Link
from wagtail_payments.records.registrations import Registration, Seat

TEMPLATE = "wagtail_payments/portal/registration.html"


@require_safe
@answers.private
def registration(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a registration whose link was opened in this browser, or which was made in it."""
    return show(request, access.registration_to(request, public_id, ports.now()))


def show(
    request: HttpRequest,
    link: Link,
    *,
    attendee: AttendeeForm | None = None,
    order: OrderForm | None = None,
    question: QuestionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a registration in its own language; the forms are given as they were sent, where they need a look."""
    made = registration_of(link)
    prefetch_related_objects([made.event], "questions")  # asked once, not for each attendee
    with translation.override(made.language):
        standing = standing_of(link, attendee)
        page = places.event_page(made.event, made.language)
        told = {
            "standing": standing,
            "order": order_answers.answers_of(standing, order),
            "question": question or QuestionForm(initial={"email": made.email}),
            "message": message_of(request),
            "by_staff": visitors.is_staff(request),
            "event_url": page.get_url(request) if page is not None else "",
        }
        return drawn(request, made, TEMPLATE, told, status)


def drawn(request: HttpRequest, made: Registration, template: str, told: dict[str, Any], status: int) -> HttpResponse:
    """Render at once: a response rendered later would speak the visitor's language and not the registration's."""
    context = {"base_template": settings.BASE_TEMPLATE, "icon_url": logos.icon_of(made.event.seller)} | told
    response = TemplateResponse(request, template, context, status=status).render()
    response["Content-Language"] = made.language
    return response


def registration_of(link: Link) -> Registration:
    """Return the registration that a link opens; raises ``Http404`` for the link of a document."""
    if link.registration is None:
        raise Http404
    return link.registration


def standing_of(link: Link, attendee: AttendeeForm | None = None) -> Standing:
    """Return how the registration of a link stands now."""
    made = registration_of(link)
    return Standing(link, made, BoxOffice(made.event, made.language, ports.now()), attendee)


@require_POST
@answers.private
def pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send the registrant to the provider for the seats that are held; pressing twice leads to the same page."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    if not limits.allows(request, "pay", link, now):
        return places.told(request, link, "wait")
    return lead_to_payment(request, registration_of(link), link, now)


def lead_to_payment(request: HttpRequest, made: Registration, link: Link, now: datetime) -> HttpResponse:
    """Answer 303 to the provider's page, or to the registration with the reason why there is none."""
    back = urljoin(link.site.root_url, places.own_url(link))  # never from the request's Host header
    try:
        attempt = registrations.start_paying(registration=made, now=now, return_url=attempt_url, cancel_url=back)
    except registrations.HoldEnded:
        return places.told(request, link, "short_hold" if standing_of(link).held else "hold_ended")
    except checkout.NothingToPay:
        return places.told(request, link, "paid")
    except checkout.PaymentUnderWay:
        return places.told(request, link, "under_way")
    except checkout.TooManyTries:
        return places.told(request, link, "wait")
    except checkout.OnlinePaymentOff:
        return places.told(request, link, "registration_off")
    except GatewayUnavailable:
        return places.told(request, link, "held_unavailable")
    return places.SeeOther(attempt.url)


@require_POST
@answers.private
def more_time(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep the seats for the whole time again, once, and let the payment last as long."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    made = registration_of(link)
    try:
        registrations.extend_hold(registration=made, now=now)
    except registrations.HoldEnded:
        return places.told(request, link, "hold_ended")
    # The session that is open would end with the old hold, and providers open none shorter than half an hour.
    registrations.end_session(registration=made, now=now)
    lead_to_payment(request, made, link, now)
    return places.told(request, link, "more_time")


@require_POST
@answers.private
def give_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Free the seats that are held: the visitor has changed their mind."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    number = registrations.give_back(registration=registration_of(link), now=now)
    return places.told(request, link, "given_back" if number else "hold_ended")


@require_POST
@answers.private
def seat(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Change who comes on a seat, or show the form again with what is wrong; not often, as letters tell of it."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    made = registration_of(link)
    changed: Seat | None = made.seats.filter(pk=pk).first()
    if changed is None:
        raise Http404
    with translation.override(made.language):
        standing = standing_of(link)
        form = registration_shown.form_of(changed, standing.box, request.POST)
        if not standing.may_change:
            return places.told(request, link, "too_late")
        if not form.is_valid():
            return show(request, link, attendee=form, status=422)
    if not limits.allows(request, "attendee", link, now, most=limits.PER_ADDRESS):
        return places.told(request, link, "wait")
    return _change(request, link, changed, form)


def _change(request: HttpRequest, link: Link, changed: Seat, form: AttendeeForm) -> HttpResponse:
    cleaned = form.cleaned_data
    name, email = cleaned.get("name", changed.name), cleaned.get("email", changed.email)
    answers, now = form.answers, ports.now()
    try:
        registrations.change_attendee(seat=changed, name=name, email=email, answers=answers, by=None, now=now)
    except registrations.SeatGone:
        return places.told(request, link, "too_late")
    return places.told(request, link, "changed")


@require_POST
@answers.private
def order(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change what was answered once for the whole order, or show the form again with what is wrong."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    made = registration_of(link)
    with translation.override(made.language):
        standing = standing_of(link)
        form = order_answers.form_of(made, standing.box, request.POST)
        if not form.questions or not standing.may_change_answers:
            return places.told(request, link, "too_late")
        if not form.is_valid():
            return show(request, link, order=form, status=422)
    if not limits.allows(request, "answers", link, now, most=limits.PER_ADDRESS):
        return places.told(request, link, "wait")
    try:
        registrations.change_answers(registration=made, answers=form.answers, by=None, now=now)
    except registrations.SeatGone:
        return places.told(request, link, "too_late")
    return places.told(request, link, "changed")


@require_safe
@answers.private
def paper(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Answer the PDF of the invoice, a receipt or a credit note of this registration."""
    link = access.registration_to(request, public_id, ports.now())
    found = registration_shown.papers_of(registration_of(link)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return files.pdf_of(request, found)


@require_safe
@answers.private
def calendar(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the appointment for the registrant's calendar, once it is confirmed."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    made = registration_of(link)
    if not standing_of(link).has_calendar:
        raise Http404
    text = calendars.invitation(registration=made, event=made.event, now=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="event.ics"'
    return response
