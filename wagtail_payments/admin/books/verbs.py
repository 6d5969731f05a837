"""Buttons in the books: one POST, one permission, one call of an action, and back to the record's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, re_path
from django.utils.decorators import method_decorator
from django.views import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from wagtail_payments.admin import places_of_books
from wagtail_payments.admin.permissions import allowed


@dataclass(frozen=True, slots=True)
class Said:
    """What to tell the editor afterwards."""

    text: Any
    went_well: bool = True


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class BookVerb(View):
    """Does one thing to one record; permission is asked before the record is looked for."""

    http_method_names = ["post", "options"]
    model: type[Model] = Model
    permission = ""
    act: Callable[[Any, HttpRequest], Said] | None = None

    def post(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Do it, say how it went, and return to where the button was."""
        if self.act is None or not allowed(request.user, self.permission):
            raise PermissionDenied
        record = get_object_or_404(self.model, pk=pk)
        said = self.act(record, request)
        (messages.success if said.went_well else messages.error)(request, said.text)
        return HttpResponseRedirect(get_valid_next_url_from_request(request) or places_of_books.book_url(record))


def verb_path(
    model: type[Model], path: str, verb: str, permission: str, act: Callable[[Any, HttpRequest], Said]
) -> URLPattern:
    """Return the URL of a verb, such as ``payments/letters/resend/3/``."""
    view = BookVerb.as_view(model=model, permission=permission, act=staticmethod(act))
    return re_path(rf"^{path}/{verb}/(?P<pk>\d{{1,18}})/$", view, name=places_of_books.url_name(model, verb))
