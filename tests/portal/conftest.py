"""Issued invoices, their links, and browsers that opened them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tests import factories
from wagtail_payments.actions import invoices, links
from wagtail_payments.mail.links import token_of
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def browser(db: None) -> Client:
    """A person's browser that has opened nothing yet."""
    return new_browser()


def new_browser() -> Client:
    """Return one more browser."""
    return Client(headers={"user-agent": FIREFOX})


@pytest.fixture
def issued(clock: Callable[[], datetime], db: None) -> Callable[..., Invoice]:
    """Make and issue an invoice: ``issued(title="Spring")``."""

    def issue(**fields: Any) -> Invoice:
        draft = factories.make_invoice(**fields)
        return invoices.issue(invoice_id=draft.pk, by=None, now=clock())

    return issue


def link_of(document: Invoice | IssuedDocument) -> Link:
    """Return the customer's link."""
    paper = document.document if isinstance(document, Invoice) else document
    return Link.objects.select_related("document", "site").get(document=paper)


def url(name: str, invoice: Invoice | Link, *rest: object) -> str:
    """Return one of the addresses of a document: ``url("pdf", invoice)``."""
    link = invoice if isinstance(invoice, Link) else link_of(invoice)
    tail = {"document": "", "attachment": "attachment/", "paper": "papers/"}.get(name, f"{name}/")
    return "/".join([f"/payments/d/{link.public_id}", tail + "".join(f"{part}/" for part in rest)])


def open_link(browser: Client, invoice: Invoice | IssuedDocument, **options: Any) -> Any:
    """Open the link as it stands in the e-mail; return the answer before any redirect."""
    return browser.get(f"/payments/l/{token_of(link_of(invoice))}/", **options)


def page_of(browser: Client, invoice: Invoice | IssuedDocument) -> str:
    """Open the link and return the page that is shown."""
    answer = open_link(browser, invoice, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def renew(invoice: Invoice, now: datetime) -> Link:
    """Make the next generation of an invoice's link."""
    return links.renew(link=link_of(invoice), by=None, now=now)
