"""What every page and verb about one record shares: its permissions, the record, and Wagtail's page furniture."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_payments import ports
from wagtail_payments.admin.permissions import may_see, require


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class RecordVerb(WagtailAdminTemplateMixin, View):
    """A page or a verb about one record. It makes one call and answers.

    Never inside a transaction of the request's: the actions open and commit their own.
    """

    model: ClassVar[type[Model]]
    permissions: ClassVar[tuple[str, ...]] = ()
    page_title: Any = ""
    record: Any
    person: Any

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Check the permission before the record is looked up: foreign and missing look alike."""
        if not self.is_seen_by(request.user):
            raise PermissionDenied
        require(request.user, *self.permissions)
        self.now, self.person = ports.now(), request.user
        self.record = get_object_or_404(self.records(), pk=options["pk"])
        return self.led_away(request) or super().dispatch(request, *args, **options)

    def is_seen_by(self, user: Any) -> bool:
        """May the user see such records at all?"""
        return may_see(user, self.model)

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return where one goes instead, or None to go on."""
        return None

    def records(self) -> Any:
        """Return the records to look in."""
        return self.model._default_manager.all()

    @property
    def desk_url(self) -> str:
        """Where the record is shown."""
        raise NotImplementedError

    def get_page_subtitle(self) -> str:
        """What the record is called."""
        return str(self.record)

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where the record is."""
        context: dict[str, Any] = super().get_context_data(**options)
        return context | {"desk_url": self.desk_url}

    def to_desk(self) -> HttpResponseBase:
        """Go back to the record."""
        return redirect(self.desk_url)

    def refused(self, sentence: object) -> HttpResponseBase:
        """Say why it was not done, at the desk."""
        messages.error(self.request, str(sentence))
        return self.to_desk()

    def done(self, sentence: object) -> HttpResponseBase:
        """Say what was done, at the desk."""
        messages.success(self.request, str(sentence))
        return self.to_desk()


class Asking(RecordVerb):
    """A verb that asks first, in one sentence that says what will happen."""

    button: Any = _("Yes")
    is_serious = False

    def question(self) -> str:
        """Return what will happen, in one sentence."""
        raise NotImplementedError

    def perform(self) -> HttpResponseBase:
        """Do it, and answer."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask."""
        context = self.get_context_data(question=self.question(), button=self.button, is_serious=self.is_serious)
        return self.render_to_response(context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Do it."""
        return self.perform()
