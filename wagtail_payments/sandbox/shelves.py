"""Everything the sandbox remembers: objects by kind and id, in the order they were made."""

from collections.abc import Iterable, Iterator

from wagtail_payments.sandbox.json_types import Json

Row = tuple[str, str, Json | None]


class Shelves:
    """Objects by kind and id. What was touched since the last save is kept for the store."""

    def __init__(self, rows: Iterable[tuple[str, str, Json]] = ()) -> None:
        self._kinds: dict[str, dict[str, Json]] = {}
        self._touched: dict[tuple[str, str], None] = {}
        for kind, key, value in rows:
            self._kinds.setdefault(kind, {})[key] = value

    def put(self, kind: str, value: Json) -> Json:
        """Keep an object (again); it must have an ``id``."""
        key = value["id"]
        self._kinds.setdefault(kind, {})[key] = value
        self._touched[kind, key] = None
        return value

    def get(self, kind: str, key: str) -> Json | None:
        """The object itself, not a copy; change it only through ``World.change``."""
        return self._kinds.get(kind, {}).get(key)

    def all(self, kind: str) -> list[Json]:
        """All objects of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def count(self, kind: str) -> int:
        """How many objects of a kind there are."""
        return len(self._kinds.get(kind, {}))

    def newest_first(self, kind: str) -> Iterator[Json]:
        """All objects of a kind, newest first, as Stripe lists them."""
        return reversed(self.all(kind))

    def where(self, kind: str, **fields: object) -> list[Json]:
        """The objects of a kind whose fields have these values, oldest first."""
        return [
            value
            for value in self._kinds.get(kind, {}).values()
            if all(value.get(name) == wanted for name, wanted in fields.items())
        ]

    def drop(self, kind: str, key: str) -> None:
        """Forget an object."""
        if self._kinds.get(kind, {}).pop(key, None) is not None:
            self._touched[kind, key] = None

    def clear(self) -> None:
        """Forget everything."""
        for kind, values in self._kinds.items():
            self._touched.update(((kind, key), None) for key in values)
        self._kinds = {}

    def take_changes(self) -> list[Row]:
        """What was put or dropped since the last call; None stands for dropped."""
        changes: list[Row] = [(kind, key, self.get(kind, key)) for kind, key in self._touched]
        self._touched = {}
        return changes
