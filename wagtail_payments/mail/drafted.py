"""A letter about an invoice or a quote as its editor has worded it so far: sent to the editor, or previewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.mail import posts, writing
from wagtail_payments.mail.wordings import link_to
from wagtail_payments.mail.writing import LaidOut, Words
from wagtail_payments.records.letters import Letter


class Facts(Protocol):
    """An invoice or a quote in words."""

    def words(self, *, subject: str, text: str, url: str, notice: str = "") -> Words:
        """Return the letter with an editor's subject and text."""


def test(
    record: Any, facts: Callable[[Any], Facts], *, to: str, subject: str, text: str, by: Any, now: datetime
) -> Letter:
    """Write the letter to the editor alone, marked as a test; a draft's link leads nowhere yet."""
    document = record.document
    link = link_to(document) if document else None
    mark = writing.place()
    with translation.override(record.language):
        notice = _("A test: only you got this letter. Your customer gets it without this line.")
        url = mark if link else example_url(record)
        words = facts(record).words(subject=_("Test:") + " " + subject, text=text, url=url, notice=notice)
    post = posts.to_customer("test", record, link, by=by)
    enclosed = [document] if document else []
    return writing.write(replace(post, to=[to], cc=[], enclosed=enclosed), words, mark=mark, now=now)


def preview(kind: str, record: Any, facts: Callable[[Any], Facts], *, subject: str, text: str) -> LaidOut:
    """Return the letter as HTML and as text for the preview panel; its link leads nowhere.

    Raises what adding up the lines of a draft raises.
    """
    with translation.override(record.language):
        words = facts(record).words(subject=subject, text=text, url=example_url(record))
    return writing.lay_out(kind, words, seller=record.seller, language=record.language)


def example_url(record: Any) -> str:
    """Return what a customer's link looks like; this one opens nothing."""
    return f"{record.site.root_url}{reverse('wagtail_payments:link', args=['preview'])}"
