"""A migrated database, kept and copied: migrating Wagtail takes longer than many a test run.

The copy is named after every migration and version it was made by, so a new migration makes a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
import psycopg
import wagtail
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import Error as DatabaseError

import wagtail_payments

PREFIX = "wagtail_payments_kept_"
COMPLETE = "zz_complete"  # the table that is made last, so that nobody takes half a copy


def kept_name() -> str:
    """Return the name of the database that has exactly the migrations of today."""
    migrations = sorted(".".join(key) for key in MigrationLoader(None).disk_migrations)
    ours = sorted((Path(wagtail_payments.__file__).parent / "migrations").glob("*.py"))
    facts = [django.get_version(), wagtail.__version__, *migrations, *(path.read_text() for path in ours)]
    return PREFIX + hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]


def test_name() -> str:
    """Return the name of the database that this run uses."""
    name: str = settings.DATABASES["default"]["TEST"]["NAME"]
    return name


test_name.__test__ = False  # type: ignore[attr-defined]


def take_copy() -> None:
    """Put a copy of the kept database where the tests will look for theirs; nothing is done if there is none."""
    if connection.vendor == "sqlite":
        if kept_file().exists():
            shutil.copyfile(kept_file(), test_name())
    elif connection.vendor == "postgresql":
        _copy_on_server(kept_name(), test_name())
    elif connection.vendor == "mysql":
        _copy_tables(kept_name(), test_name())


def keep_copy() -> None:
    """Keep a copy of the database that has just been migrated, for the next run."""
    if connection.vendor == "sqlite":
        if not kept_file().exists():
            _keep_file()
    elif connection.vendor == "postgresql":
        connection.close()
        _copy_on_server(test_name(), kept_name())
    elif connection.vendor == "mysql":
        _copy_tables(test_name(), kept_name())


def remove() -> None:
    """Remove the database of this run."""
    connection.close()
    if connection.vendor == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(test_name() + suffix).unlink(missing_ok=True)
    elif connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{test_name()}" WITH (FORCE)')
    elif connection.vendor == "mysql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{test_name()}`")


def kept_file() -> Path:
    """Return where the migrated SQLite database is kept."""
    return Path(tempfile.gettempdir()) / f"{kept_name()}_{os.getuid()}.sqlite3"


def _keep_file() -> None:
    """Write the file under another name first, so that no other run ever reads half of it."""
    unfinished = kept_file().with_suffix(f".{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(unfinished)])
    unfinished.replace(kept_file())


def _copy_on_server(source: str, target: str) -> None:
    """Copy a database; another run may be quicker, or there may be nothing to copy."""
    with connection._nodb_cursor() as cursor, contextlib.suppress(DatabaseError):
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _copy_tables(source: str, target: str) -> None:
    """Copy a database table by table: MariaDB copies none whole. One at a time: two that keep theirs would collide."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 900)", [target[:64]])  # given back when the connection is closed
        cursor.execute("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s", [source])
        tables = sorted(name for (name,) in cursor.fetchall())
        if not tables or (source == kept_name() and COMPLETE not in tables) or _is_complete(cursor, target):
            return
        charset = "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        cursor.execute(f"DROP DATABASE IF EXISTS `{target}`")
        cursor.execute(f"CREATE DATABASE `{target}` {charset}")
        cursor.execute(f"USE `{target}`")
        cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
        for table in [name for name in tables if name != COMPLETE]:
            cursor.execute(f"SHOW CREATE TABLE `{source}`.`{table}`")
            cursor.execute(cursor.fetchone()[1])
            cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{source}`.`{table}`")  # noqa: S608
        if target == kept_name():
            cursor.execute(f"CREATE TABLE `{COMPLETE}` (id INTEGER)")
        cursor.execute("SET FOREIGN_KEY_CHECKS = 1")


def _is_complete(cursor: Any, name: str) -> bool:
    cursor.execute(
        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s", [name, COMPLETE]
    )
    return cursor.fetchone() is not None


def server_answers(name: str = "postgresql") -> bool:
    """Say whether there is a server of that name to test on."""
    return mariadb_answers() if name == "mariadb" else postgresql_answers()


def postgresql_answers() -> bool:
    """Say whether there is a PostgreSQL server to test on."""
    try:
        psycopg.connect(dbname="postgres", connect_timeout=3, **_whereabouts()).close()
    except psycopg.OperationalError:
        return False
    return True


def mariadb_answers() -> bool:
    """Say whether there is a MariaDB server to test on, and the driver for it."""
    try:
        _mariadb().close()
    except (ImportError, OSError, _driver_error()):
        return False
    return True


def _driver_error() -> type[Exception]:
    try:
        return importlib.import_module("MySQLdb").OperationalError
    except ImportError:
        return ImportError


def _mariadb() -> Any:
    return importlib.import_module("MySQLdb").connect(
        host=os.environ.get("MARIADB_HOST", "127.0.0.1"),
        port=int(os.environ.get("MARIADB_PORT", "3306")),
        user=os.environ.get("MARIADB_USER", "root"),
        password=os.environ.get("MARIADB_PASSWORD", ""),
        connect_timeout=3,
    )


def _whereabouts() -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    return {name: os.environ[variable] for name, variable in names.items() if os.environ.get(variable)}


def forget() -> None:
    """Remove every kept database, and what runs that were killed have left."""
    for pattern in (f"{PREFIX}*.sqlite3", f"wagtail-payments-{os.getuid()}.*.sqlite3*"):
        for path in Path(tempfile.gettempdir()).glob(pattern):
            path.unlink(missing_ok=True)
    if mariadb_answers():
        _forget_on_mariadb()
    if postgresql_answers():
        with psycopg.connect(dbname="postgres", autocommit=True, **_whereabouts()) as server:
            mine = f"datname LIKE '{PREFIX}%' OR datname LIKE 'test_wagtail_payments_%'"
            for (name,) in server.execute(f"SELECT datname FROM pg_database WHERE {mine}").fetchall():  # noqa: S608
                server.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _forget_on_mariadb() -> None:
    server = _mariadb()
    cursor = server.cursor()
    for pattern in (f"{PREFIX}%", "test_wagtail_payments_%"):
        cursor.execute("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE %s", [pattern])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
    server.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["forget"]:
        forget()
    else:
        raise SystemExit(0 if server_answers(*sys.argv[1:]) else 1)
