"""Idempotency keys: the first answer is kept for a day and given again."""

import hashlib
import json
from datetime import timedelta

from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.world import World

_KEPT = timedelta(hours=24)
_LONGEST = 255
_KIND = "answer"


def check_key(key: str) -> None:
    """Refuse a key that is too long."""
    if len(key) > _LONGEST:
        raise Refused(f"Idempotency keys can have at most {_LONGEST} characters.", executed=False)


def replay(world: World, key: str, method: str, path: str, params: Params) -> Json | None:
    """The answer kept under a key, if there is one; refuses a key used for something else."""
    kept = world.shelves.get(_KIND, key)
    if kept is None or world.timestamp() - kept["at"] > _KEPT.total_seconds():
        return None
    if kept["call"] != _fingerprint(method, path, params):
        raise Refused(
            "Keys for idempotent requests can only be used with the same parameters they were first "
            f"used with. Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
            executed=False,
        )
    return kept


def remember(world: World, key: str, method: str, path: str, params: Params, status: int, body: str) -> None:
    """Keep the first answer to a key, an error too."""
    call = _fingerprint(method, path, params)
    answer = {"id": key, "at": world.timestamp(), "call": call, "status": status, "body": body}
    world.shelves.put(_KIND, answer)


def _fingerprint(method: str, path: str, params: Params) -> str:
    call = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(call.encode()).hexdigest()
