"""Who may read a book. Nobody writes in one: not even a superuser gets a button or an answer for that."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Model, QuerySet
from wagtail import permissions as wagtail_permissions
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail_modeladmin.helpers import PermissionHelper

WRITING = frozenset({"add", "change", "delete"})


class BookPolicy(ModelPermissionPolicy):
    """Reading is a permission, writing is impossible; other verbs have permissions of their own."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Ask the model's permissions, after the law of the books."""
        return action not in WRITING and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Ask for each action, so that writing stays refused."""
        return any(self.user_has_permission(user, action) for action in actions)


class BookPermissionHelper(PermissionHelper):
    """The same answers for wagtail-modeladmin, which asks its own helper."""

    def __init__(self, model: type[Model], inspect_view_enabled: bool = False) -> None:
        super().__init__(model, inspect_view_enabled)
        self.policy = BookPolicy(model)

    def user_can_list(self, user: Any) -> bool:
        """Only the "view" permission opens a book; the export permission alone does not."""
        return self.policy.user_has_permission(user, "view")

    def user_can_inspect_obj(self, user: Any, obj: Any) -> bool:
        """Who may see the list may see each record."""
        return self.user_can_list(user)

    def user_can_create(self, user: Any) -> bool:
        """Never."""
        return False

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        """Never."""
        return False

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        """Never."""
        return False

    def offered_permissions(self, verbs: frozenset[str] = frozenset()) -> QuerySet[Permission]:
        """What can be given to a group: everything but the writing that nobody can do; ``verbs`` name exceptions."""
        writing = [self.get_perm_codename(action) for action in WRITING - verbs]
        return self.get_all_model_permissions().exclude(codename__in=writing)


def may_read(user: Any, model: type[Model]) -> bool:
    """May the user open that book?"""
    return BookPolicy(model).user_has_permission(user, "view")


def register_policy(model: type[Model], policy: ModelPermissionPolicy) -> None:
    """Tell Wagtail's registry, so that all of its screens refuse alike; 7.4 has none."""
    register = getattr(wagtail_permissions, "register_permission_policy", None)
    if register is not None:
        register(model, policy)
