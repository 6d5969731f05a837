"""Saying no to a quote, and leaving a contract: each on a page of its own that says first what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wagtail_payments import ports
from wagtail_payments.actions import quotes, withdrawals
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.actions.withdrawals import WithdrawalRefused
from wagtail_payments.conf import settings
from wagtail_payments.core.lifecycle import QuoteState, QuoteStatus
from wagtail_payments.portal import access, answers, limits, logos, places, theme, visitors
from wagtail_payments.portal.pay_form import problems_of
from wagtail_payments.portal.quotes import quote_of
from wagtail_payments.portal.withdrawing import WithdrawalForm
from wagtail_payments.records.links import Link
from wagtail_payments.records.quotes import Quote

LONGEST_REASON = 2000


class ReasonForm(forms.Form):
    """Why not; nobody has to say."""

    reason = forms.CharField(
        label=gettext_lazy("Your reason"),
        help_text=gettext_lazy("It helps to make a better offer."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4, "class": "wp-input wp-input--tall"}),
        error_messages={"max_length": gettext_lazy("This is too long: at most %(limit_value)d characters, please.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say what declining means, and decline once that was confirmed."""
    now = ports.now()
    link = access.opened_here(request, public_id, now)
    quote = quote_of(link)
    with translation.override(quote.language):
        if quote.status_on(quote.seller.today(now)) is not QuoteStatus.SENT:
            return places.told(request, link, "declined" if quote.state == QuoteState.DECLINED else "unsignable")
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return drawn(request, link, quote, "decline", {"form": form}, 422 if form.is_bound else 200)
        if not limits.allows(request, "decline", link, now):
            return places.told(request, link, "wait")
    trace = visitors.trace_of(request)
    try:
        quotes.decline(quote_id=quote.pk, reason=form.cleaned_data["reason"], now=now, ip=trace.ip, agent=trace.agent)
    except QuoteRefused:
        return places.told(request, link, "unsignable")
    return places.told(request, link, "declined")


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask who withdraws, show the statement, and take it once that was confirmed: C. conso. L221-21, D221-5."""
    now = ports.now()
    link = access.opened_here(request, public_id, now)
    quote = quote_of(link)
    with translation.override(quote.language):
        agreement = getattr(quote, "agreement", None)
        right = withdrawals.right_to(quote=quote, agreement=agreement, now=now) if agreement else None
        if agreement is None or right is None or not right.is_open:
            return places.told(request, link, "withdrawn" if quote.state == QuoteState.WITHDRAWN else "no_withdrawal")
        known = {"name": agreement.name, "email": agreement.email}
        form = WithdrawalForm(request.POST if request.method == "POST" else None, initial=known)
        if not form.is_valid() or "back" in request.POST:
            return drawn(request, link, quote, "withdraw", {"form": form}, 422 if form.errors else 200)
        statement = withdrawals.statement_of(quote=quote, agreement=agreement, name=form.cleaned_data["name"])
        if "confirmed" not in request.POST:
            return drawn(request, link, quote, "withdraw", {"form": form, "statement": statement}, 200)
        if not limits.allows(request, "withdraw", link, now):
            return places.told(request, link, "wait")
    return _withdraw(request, link, quote, form)


def _withdraw(request: HttpRequest, link: Link, quote: Quote, form: WithdrawalForm) -> HttpResponse:
    said, trace = form.cleaned_data, visitors.trace_of(request)
    try:
        withdrawals.withdraw(quote_id=quote.pk, name=said["name"], email=said["email"], now=ports.now(), trace=trace)
    except WithdrawalRefused:
        return places.told(request, link, "no_withdrawal")
    return places.told(request, link, "withdrawn")


def drawn(request: HttpRequest, link: Link, quote: Quote, name: str, told: dict[str, Any], status: int) -> HttpResponse:
    """Draw one of the pages about a quote, at once: rendered later it would speak the visitor's language."""
    context = {
        "base_template": settings.BASE_TEMPLATE,
        "icon_url": logos.icon_of(quote.seller),
        "theme_url": theme.url_of(quote.seller),
        "quote": quote,
        "link": link,
        "about": _("Quote %(number)s from %(seller)s") % {"number": quote.number, "seller": quote.seller.name},
        "document_url": places.url_of(request, link),
        "by_staff": visitors.is_staff(request),
        "problems": problems_of(told["form"]),
    }
    template = f"wagtail_payments/portal/quote_{name}.html"
    response = TemplateResponse(request, template, context | told, status=status).render()
    response["Content-Language"] = translation.get_language()
    return response
