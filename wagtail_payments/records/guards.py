"""What may never be changed or deleted again, and how a row is locked: by writing to it first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext as _


class IssuedIsFrozen(Exception):
    """An issued document was about to be changed or deleted; the text says what to do instead."""


class AppendOnly(Exception):
    """A row of the books was about to be changed or deleted."""


class FrozenQuerySet(models.QuerySet[Any]):
    """Refuses to change or delete many rows at once wherever one of them is frozen."""

    def update(self, **values: Any) -> int:
        """Update rows; raises if one of them is frozen and the values are not allowed to change."""
        if not set(values) <= self.model.MAY_CHANGE:
            self._refuse_if_frozen()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows; raises if one of them is frozen."""
        self._refuse_if_frozen()
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Create rows; raises if that could write over rows that exist."""
        if options.get("update_conflicts"):
            raise self.model.frozen_error()
        return super().bulk_create(list(objs), *args, **options)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Update rows; raises if one of them is frozen."""
        rows, fields = list(objs), list(fields)
        if not set(fields) <= self.model.MAY_CHANGE:
            for row in rows:
                row.refuse_if_frozen()
        return super().bulk_update(rows, fields, batch_size)

    def _refuse_if_frozen(self) -> None:
        frozen = self.filter(self.model.frozen_rows())
        if frozen.exists():
            raise self.model.frozen_error()

    def _raw_delete(self, using: str | None) -> int:
        self._refuse_if_frozen()
        return super()._raw_delete(using)


class Frozen(models.Model):
    """A record that can't be changed once ``frozen_rows`` matches it, by any route of the ORM.

    ``MAY_CHANGE`` names the few columns that stay open.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset()

    if not TYPE_CHECKING:  # the type checker's own manager knows the columns of each record
        objects = FrozenQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def frozen_rows(cls) -> models.Q:
        """Return which stored rows are frozen; default: every one."""
        return ~models.Q(pk=None)

    @classmethod
    def frozen_error(cls) -> Exception:
        """Return the error to raise, with what to do instead."""
        return AppendOnly(_("This record is part of the books and can't be changed or deleted."))

    def refuse_if_frozen(self) -> None:
        """Raise if the stored row is frozen."""
        if self.pk is not None and type(self)._base_manager.filter(self.frozen_rows(), pk=self.pk).exists():
            raise self.frozen_error()

    def save(self, *args: Any, **options: Any) -> None:
        """Save; raises for a frozen row unless ``update_fields`` names only what may change."""
        changed = options.get("update_fields")
        if changed is None or not set(changed) <= self.MAY_CHANGE:
            self.refuse_if_frozen()  # also a new object that was given the key of a stored row
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete; raises for a frozen row."""
        self.refuse_if_frozen()
        return super().delete(*args, **options)


Row = TypeVar("Row", bound=models.Model)


def lock(model: type[Row], *keys: int) -> list[Row]:
    """Lock rows until the transaction ends, by writing to each in the order of its key, and read them fresh.

    A write and not ``SELECT FOR UPDATE``: it is what SQLite, MariaDB and PostgreSQL all obey.
    Raises ``model.DoesNotExist`` if one is missing.
    """
    hold(model, *keys)
    return list(models.QuerySet(model).filter(pk__in=keys).order_by("pk"))


def hold(model: type[Row], *keys: int) -> None:
    """Lock as ``lock`` does, for a caller that reads the rows together with others; same errors."""
    _refuse_outside_transaction()
    rows: models.QuerySet[Row] = models.QuerySet(model)
    for key in sorted(set(keys)):
        if not rows.filter(pk=key).update(lock_count=F("lock_count") + 1):
            raise model.DoesNotExist  # type: ignore[attr-defined]


def lock_one(model: type[Row], **unique: Any) -> Row | None:
    """Lock the one row that has these unique values, and read it fresh; None where there is none yet."""
    _refuse_outside_transaction()
    rows: models.QuerySet[Row] = models.QuerySet(model).filter(**unique)
    return rows.get() if rows.update(lock_count=F("lock_count") + 1) else None


def make_locked(row: models.Model, *unique: str) -> None:
    """Insert a row, or lock the one that somebody else has made meanwhile with the same unique values.

    One upsert, and not an insert that may fail: a failed one leaves a shared lock behind on MariaDB, and two who
    hold it and both go on to write wait for each other.
    """
    _refuse_outside_transaction()
    named = transaction.get_connection().features.supports_update_conflicts_with_target
    rows: models.QuerySet[Any] = models.QuerySet(type(row))
    rows.bulk_create(
        [row], update_conflicts=True, update_fields=["lock_count"], unique_fields=unique if named else None
    )


def _refuse_outside_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a lock needs a transaction")
