"""Leaving a registration in two steps: who withdraws, then the statement, which is taken once it was confirmed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wagtail_payments import ports
from wagtail_payments.actions import registration_withdrawals
from wagtail_payments.actions.withdrawals import WithdrawalRefused
from wagtail_payments.portal import access, answers, limits, places, visitors
from wagtail_payments.portal.registration_shown import Standing
from wagtail_payments.portal.registrations import drawn, standing_of
from wagtail_payments.portal.withdrawing import WithdrawalForm
from wagtail_payments.records.links import Link

TEMPLATE = "wagtail_payments/portal/registration_withdraw.html"


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask who withdraws, show the statement, and take it once that was confirmed: C. conso. L221-21, D221-5."""
    now = ports.now()
    link = access.registration_opened_here(request, public_id, now)
    standing = standing_of(link)
    made = standing.registration
    with translation.override(made.language):
        if not standing.may_withdraw:
            left = registration_withdrawals.standing_of(registration=made)
            return places.told(request, link, "no_withdrawal" if left is None else "withdrawn")
        known = {"name": made.name, "email": made.email}
        form = WithdrawalForm(request.POST if request.method == "POST" else None, initial=known)
        if not form.is_valid() or "back" in request.POST:
            return _asked(request, standing, {"form": form}, 422 if form.errors else 200)
        statement = registration_withdrawals.statement_of(registration=made, name=form.cleaned_data["name"])
        if "confirmed" not in request.POST:
            return _asked(request, standing, {"form": form, "statement": statement}, 200)
        if not limits.allows(request, "withdraw", link, now):
            return places.told(request, link, "wait")
    return _withdraw(request, link, form)


def _asked(request: HttpRequest, standing: Standing, told: dict[str, Any], status: int) -> HttpResponse:
    link = standing.link
    context = {
        "standing": standing,
        "about": _("Your registration: %(event)s") % {"event": standing.box.name},
        "withdraw_url": reverse("wagtail_payments:registration_withdraw", args=[link.public_id]),
        "back_url": places.own_url(link),
    }
    return drawn(request, standing.registration, TEMPLATE, context | told, status)


def _withdraw(request: HttpRequest, link: Link, form: WithdrawalForm) -> HttpResponse:
    said, made = form.cleaned_data, standing_of(link).registration
    try:
        registration_withdrawals.withdraw(
            registration=made, name=said["name"], email=said["email"], now=ports.now(), trace=visitors.trace_of(request)
        )
    except WithdrawalRefused:
        return places.told(request, link, "no_withdrawal")
    return places.told(request, link, "withdrawn")
