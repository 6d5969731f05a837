"""Wagtail 7.4 deletes snippets in bulk without asking the policy of each: this asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wagtail_payments.admin.permissions import POLICIES


def refuse_bulk_delete(
    request: HttpRequest, action_type: str, objects: Iterable[Model], action: Any
) -> HttpResponse | None:
    """Refuse the whole action if one of the records may not be deleted; for the hook ``before_bulk_action``."""
    if action_type != "delete":
        return None
    for record in objects:
        policy = POLICIES.get(type(record))
        if policy is not None and not policy.user_has_permission_for_instance(request.user, "delete", record):
            messages.error(request, _("Nothing was deleted: %(record)s has to be kept.") % {"record": record})
            return redirect(action.next_url)
    return None
