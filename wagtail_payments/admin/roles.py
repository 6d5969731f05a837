"""The ready-made group "Billing": who sells, takes payments and refunds, but changes no settings.

It is made once, when the package's first migration is applied, and never touched again: an owner who changes or
deletes it finds it changed or deleted after every later ``migrate``. A data migration could not do this, since
Django makes the permissions only after all migrations have run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q

NAME = "Billing"
LABEL = "wagtail_payments"
FIRST_MIGRATION = (LABEL, "0001_initial")
WHOLE = ("invoice", "customer", "catalogueitem", "event", "quote")
READ = (
    "creditnote",
    "payment",
    "refund",
    "dispute",
    "entry",
    "webhookdelivery",
    "letter",
    "alert",
    "registration",
    "reminder",
)
VERBS = (
    "issue_invoice",
    "export_invoice",
    "history_invoice",
    "writeoff_invoice",
    "send_quote",
    "history_quote",
    "record_payment",
    "export_payment",
    "make_refund",
    "export_refund",
    "export_dispute",
    "export_creditnote",
    "export_entry",
    "resend_letter",
    "retry_webhookdelivery",
    "change_alert",
    "cancel_event",
    "write_event",
    "export_event",
    "change_registration",
    "cancel_registration",
    "export_registration",
    "send_reminder",
)


def billing_permissions(using: str = DEFAULT_DB_ALIAS) -> list[Permission]:
    """Return what the group may do, entering the admin included."""
    writing = [f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in WHOLE]
    reading = [f"view_{model}" for model in READ]
    ours = Q(content_type__app_label=LABEL, codename__in=[*writing, *reading, *VERBS])
    door = Q(content_type__app_label="wagtailadmin", codename="access_admin")
    return list(Permission.objects.using(using).filter(ours | door))


def create_billing_group(using: str = DEFAULT_DB_ALIAS) -> Group:
    """Make the group with its permissions; one of that name that stands already is left as it is."""
    group, made = Group.objects.using(using).get_or_create(name=NAME)
    if made:
        group.permissions.set(billing_permissions(using))
    return group


def after_migrate(
    sender: AppConfig, using: str = DEFAULT_DB_ALIAS, plan: Iterable[tuple[Any, bool]] = (), **_options: Any
) -> None:
    """Receive ``post_migrate``: make the group if our first migration was applied just now."""
    applied = {(migration.app_label, migration.name) for migration, backwards in plan if not backwards}
    if FIRST_MIGRATION not in applied:
        return
    # Django's own receiver may come after this one; making permissions twice does no harm.
    create_permissions(sender, verbosity=0, using=using)
    create_billing_group(using)
