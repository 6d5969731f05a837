"""Is everything there that the package stands on: apps, URLs, the host's template, a sender for letters?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django
from django.apps import apps as installed
from django.conf import settings as django_settings
from django.core.checks import CheckMessage
from django.db import connections, router
from django.template import TemplateDoesNotExist, TemplateSyntaxError, loader
from django.template.loader_tags import BlockNode, ExtendsNode
from django.urls import NoReverseMatch, reverse

from wagtail_payments.checks.messages import advice, error
from wagtail_payments.conf import settings

STANDS_ON = (
    "wagtail_modeladmin",
    "wagtail.contrib.settings",
    "wagtail.snippets",
    "wagtail.admin",
    "wagtail.users",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.sites",
    "wagtail",
    "django_tasks",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
)
NOBODYS_ADDRESS = "webmaster@localhost"
CONTENT = "content"


def database_alias() -> str:
    """Return the database that holds the payments."""
    return router.db_for_write(installed.get_model("wagtail_payments", "Invoice"))


def apps() -> Iterator[CheckMessage]:
    """E001: an app that ours stands on is not installed."""
    for name in STANDS_ON:
        if not installed.is_installed(name):
            yield error(1, f"wagtail_payments needs the app “{name}”.", f'Add "{name}" to INSTALLED_APPS.')


def postgres() -> Iterator[CheckMessage]:
    """E002: from Django 6.0 on, PostgreSQL needs Django's own app for it, or ``migrate`` stops."""
    on_postgres = connections[database_alias()].vendor == "postgresql"
    if django.VERSION >= (6, 0) and on_postgres and not installed.is_installed("django.contrib.postgres"):
        hint = 'Add "django.contrib.postgres" to INSTALLED_APPS.'
        yield error(2, "Wagtail's search needs “django.contrib.postgres” on PostgreSQL since Django 6.0.", hint)


def urls() -> Iterator[CheckMessage]:
    """W003: nobody can open a link or tell us of a payment."""
    try:
        reverse("wagtail_payments:webhook", kwargs={"gateway": "stripe"})
    except NoReverseMatch:
        yield advice(
            3,
            "The URLs of wagtail_payments are not included: customers can't open their links.",
            'Add path("payments/", include("wagtail_payments.urls")) to your URLs, before those of Wagtail.',
        )


def base_template() -> Iterator[CheckMessage]:
    """E004: the template that public pages extend is missing, broken, or has no place for them."""
    name = settings.BASE_TEMPLATE
    try:
        if _has_content(_nodes(name)):
            return
        problem = f"has no block “{CONTENT}”, so that public pages would be empty"
    except TemplateDoesNotExist:
        problem = "does not exist"
    except TemplateSyntaxError as mistake:
        problem = f"can't be read: {mistake}"
    hint = "Set BASE_TEMPLATE in WAGTAIL_PAYMENTS to a template of your site with {% block content %}."
    yield error(4, f"The template “{name}” {problem}.", hint)


def _nodes(name: str) -> Any:
    """What a template consists of; None for a template of another engine, which can't be looked into."""
    return getattr(getattr(loader.get_template(name), "template", None), "nodelist", None)


def _has_content(nodes: Any) -> bool:
    """Look for the block in a template and in those that it extends; a parent only known later is trusted."""
    if nodes is None or any(block.name == CONTENT for block in nodes.get_nodes_by_type(BlockNode)):
        return True
    for extends in nodes.get_nodes_by_type(ExtendsNode):
        parent = extends.parent_name.var
        return not isinstance(parent, str) or _has_content(_nodes(parent))
    return False


def sender() -> Iterator[CheckMessage]:
    """W005: letters would come from nobody."""
    address = django_settings.DEFAULT_FROM_EMAIL
    if not address or NOBODYS_ADDRESS in address:
        yield advice(
            5,
            "No sender is set: invoices and receipts would come from “webmaster@localhost” and be refused.",
            'Set DEFAULT_FROM_EMAIL, for example "My shop <hello@shop.example>".',
        )
