"""Keeps the sandbox's memory in one SQLite file, so that a demo survives a restart."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.shelves import Row

_TABLE = """
CREATE TABLE IF NOT EXISTS objects (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""
# An object that changes keeps its position: lists are ordered by when things were made.
_KEEP = """
INSERT INTO objects (kind, id, body) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body
"""


class SqliteStore:
    """One row per object. Calls come from under the sandbox's lock, one at a time."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        with self._connection:
            self._connection.execute(_TABLE)

    def load(self) -> list[tuple[str, str, Json]]:
        """All objects, oldest first."""
        rows = self._connection.execute("SELECT kind, id, body FROM objects ORDER BY position")
        return [(kind, key, json.loads(body)) for kind, key, body in rows]

    def save(self, changes: Iterable[Row]) -> None:
        """Write what changed, in one transaction."""
        with self._connection:
            for kind, key, value in changes:
                if value is None:
                    self._connection.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, key))
                else:
                    self._connection.execute(_KEEP, (kind, key, json.dumps(value)))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
