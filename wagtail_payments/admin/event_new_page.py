"""The short way to the page of an event: where it will stand, one button, and Wagtail's editor opens with the draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.views.generic.mixins import HookResponseMixin

from wagtail_payments.actions import event_pages
from wagtail_payments.admin.event_pages import EventPages, Place, language_of
from wagtail_payments.admin.event_verbs import EventVerb


class NewPageForm(forms.Form):
    """Below which page, and of which type where the site has several for events. What leaves no choice is chosen."""

    parent = forms.ChoiceField(label=_("Where it will stand"), widget=forms.RadioSelect)
    page_type = forms.ChoiceField(label=_("What kind of page"), widget=forms.RadioSelect)

    def __init__(self, places: list[Place], request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.places = {str(place.parent.pk): place for place in places}
        self.types = {model._meta.label_lower: model for place in places for model in place.types}
        self._offer("parent", {key: _words(place, request) for key, place in self.places.items()})
        self._offer("page_type", {key: capfirst(model.get_verbose_name()) for key, model in self.types.items()})
        if len(self.types) == 1:
            del self.fields["page_type"]

    def _offer(self, name: str, choices: dict[str, str]) -> None:
        self.fields[name].choices = list(choices.items())  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.initial[name] = next(iter(choices))

    @property
    def place(self) -> Place:
        """Where it will stand; only of a valid form."""
        return self.places[self.cleaned_data["parent"]]

    @property
    def chosen_type(self) -> Any:
        """The page type; only of a form whose fields are valid."""
        return self.types[self.cleaned_data.get("page_type") or next(iter(self.types))]

    def clean(self) -> dict[str, Any]:
        """Refuse a page type that does not go there."""
        if not self.errors and self.chosen_type not in self.place.types:
            self.add_error(None, _("Such a page can't stand there. Choose another place, or another kind of page."))
        return self.cleaned_data


def _words(place: Place, request: HttpRequest) -> str:
    """Return what a page is called, in which language it is, and its address."""
    parent = place.parent
    parts = (parent.get_admin_display_title(), language_of(parent), parent.get_url(request))
    return " · ".join(part for part in parts if part)


class NewPageView(HookResponseMixin, EventVerb):
    """Ask where, make the draft, and go on to its editor."""

    page_title = _("Make its page")
    template_name = "wagtail_payments/admin/events/new_page.html"

    @cached_property
    def pages(self) -> EventPages:
        """The pages of the event."""
        return EventPages(self.event, self.person)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask where it will stand."""
        why_not = self.pages.why_not
        return self.refused(why_not) if why_not else self._shown(NewPageForm(self.pages.free, request))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Make it; a form that comes again, when its place is taken by its own page, leads there."""
        why_not = self.pages.why_nowhere
        if why_not:
            return self.refused(why_not)
        form = NewPageForm(self.pages.places, request, request.POST)
        return self._made(form.place.parent, form.chosen_type) if form.is_valid() else self._shown(form)

    def _made(self, parent: Any, page_type: Any) -> HttpResponseBase:
        """Make it, with the host's hooks before and after as with every new page."""
        answer = self.run_hook("before_create_page", self.request, parent, page_type)
        if answer:
            return answer
        try:
            begun = event_pages.begin(
                event_id=self.event.pk,
                parent=parent,
                page_type=page_type,
                by=self.person,
                privacy=lambda page: page.get_default_privacy_setting(self.request),
            )
        except event_pages.PageRefused as error:
            return self.refused(error)
        return self._new(begun.page) if begun.is_new else self._to_editor(begun.page)

    def _new(self, page: Any) -> HttpResponseBase:
        messages.success(self.request, gettext("This draft is the page of the event. Write its words, and publish it."))
        return self.run_hook("after_create_page", self.request, page) or self._to_editor(page)

    def _to_editor(self, page: Any) -> HttpResponseBase:
        """Go on to the editor; whoever may not edit a page that stood there already finds it at the desk."""
        edit_url = AdminURLFinder(self.person).get_edit_url(page)
        return redirect(edit_url) if edit_url else self.done(gettext("A page presents it there already."))

    def _shown(self, form: NewPageForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form))
