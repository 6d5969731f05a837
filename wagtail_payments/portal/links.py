"""Opening a link: the token leaves the address bar at once, and the document is shown at a clean address."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wagtail_payments import ports
from wagtail_payments.actions import links, signing
from wagtail_payments.core.snapshot import Kind
from wagtail_payments.mail.links import read_token
from wagtail_payments.portal import access, answers, places, visitors


@require_safe
@answers.private
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Let this browser see the document that the token is for; a person's opening is kept as evidence."""
    now = ports.now()
    opened = read_token(token)
    if opened is None or not access.is_alive(opened, now):
        raise Http404
    if visitors.is_person(request):
        agent = request.headers.get("User-Agent", "")
        links.record_opening(link=opened, now=now, user_agent=agent)
        if opened.document is not None and opened.document.kind == Kind.QUOTE:
            signing.note_opening(document=opened.document, now=now, agent=agent)
    response = places.SeeOther(places.url_of(request, opened))
    access.grant(request, response, opened, now)
    response["Referrer-Policy"] = "no-referrer"
    return response
