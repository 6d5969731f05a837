"""The customer's link to an invoice or a quote: passed on by another way than e-mail, renewed, and ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import links as link_actions
from wagtail_payments.admin.places import record_url
from wagtail_payments.admin.record_verbs import Asking, RecordVerb
from wagtail_payments.mail import links
from wagtail_payments.records.links import Link


class AboutLink(RecordVerb):
    """A page or a verb about the link of what went out; a draft has none."""

    none_yet: Any

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """Say at the desk of a draft that it has no link."""
        elsewhere = super().led_away(request)
        if elsewhere is None and self.record.is_draft:
            return self.refused(self.none_yet)
        return elsewhere

    def link(self) -> Link:
        """Return the link."""
        return link_actions.link_for(document=self.record.document, site=self.record.site, now=self.now)

    def place(self, name: str) -> str:
        """Return where the link is shown (``link``), renewed (``link_renew``) or ended (``link_revoke``)."""
        return record_url(name, self.record)


class ShowsLink(AboutLink):
    """The link, with when it was opened last."""

    page_title = _("Link for the customer")

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show it, unless it was ended."""
        link = self.link()
        context = self.get_context_data(
            link=link,
            url="" if link.revoked_at else links.url_of(link),
            openings=link.openings.order_by("-at")[:5],
            renew_url=self.place("link_renew"),
            revoke_url=self.place("link_revoke"),
        )
        return self.render_to_response(context)


class RenewsLink(AboutLink, Asking):
    """The next link; every earlier one dies."""

    page_title = _("Renew the link")
    button = _("Make a new link")
    is_serious = True

    def perform(self) -> HttpResponseBase:
        """Renew, and show the new link."""
        link_actions.renew(link=self.link(), by=self.person, now=self.now)
        return redirect(self.place("link"))


class RevokesLink(AboutLink, Asking):
    """The end of the link."""

    page_title = _("Revoke the link")
    button = _("End the link")
    is_serious = True
    ended: Any

    def perform(self) -> HttpResponseBase:
        """Revoke it."""
        link_actions.revoke(link=self.link(), by=self.person, now=self.now)
        return self.done(self.ended)
