"""A customer's question, mailed to the seller; a registrant's to the organiser."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wagtail_payments import ports
from wagtail_payments.actions import quote_questions
from wagtail_payments.core.snapshot import Kind
from wagtail_payments.mail import letters, notes
from wagtail_payments.portal import access, answers, documents, limits, places, registrations
from wagtail_payments.portal.forms import QuestionForm
from wagtail_payments.portal.quotes import quote_of
from wagtail_payments.records.links import Link


@require_POST
@answers.private
def question(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send the question to the seller, or show the page again with what was typed and what is wrong."""
    link = access.link_to(request, public_id, ports.now())
    if access.paper_of(link).kind == Kind.QUOTE:  # what is asked of a quote is evidence, and the customer's own
        link = access.opened_here(request, public_id, ports.now())
    with translation.override(access.paper_of(link).language):
        form = QuestionForm(request.POST)
        if not form.is_valid():
            return _again(request, link, form, 422)
        if not form.is_trapped and not limits.allows(request, "question", link, ports.now()):
            form.add_error(None, _("You have asked several times in a short time. Wait an hour, please."))
            return _again(request, link, form, 429)
    if not form.is_trapped:
        _ask(request, link, form)
    return places.told(request, link, "asked")


@require_POST
@answers.private
def of_registration(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a registrant's question to the organiser, or show the page again with what is wrong."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    made = registrations.registration_of(link)
    with translation.override(made.language):
        form = QuestionForm(request.POST)
        if not form.is_valid():
            return registrations.show(request, link, question=form, status=422)
        if not form.is_trapped and not limits.allows(request, "question", link, now):
            form.add_error(None, _("You have asked several times in a short time. Wait an hour, please."))
            return registrations.show(request, link, question=form, status=429)
    if not form.is_trapped:
        with transaction.atomic():
            text, address = form.cleaned_data["text"], form.cleaned_data["email"]
            notes.event_question(registration=made, text=text, from_email=address, now=now)
    return places.told(request, link, "asked")


def _again(request: HttpRequest, link: Link, form: QuestionForm, status: int) -> HttpResponse:
    return documents.show(request, link, page=places.page_for(request, link), question=form, status=status)


def _ask(request: HttpRequest, link: Link, form: QuestionForm) -> None:
    if access.paper_of(link).kind == Kind.QUOTE:
        quote_questions.ask(
            quote_id=quote_of(link).pk,
            name="",
            email=form.cleaned_data["email"],
            text=form.cleaned_data["text"],
            now=ports.now(),
            agent=request.headers.get("User-Agent", ""),
        )
        return
    with transaction.atomic():
        letters.question(
            document=access.paper_of(link),
            link=link,
            text=form.cleaned_data["text"],
            from_email=form.cleaned_data["email"],
            now=ports.now(),
        )
