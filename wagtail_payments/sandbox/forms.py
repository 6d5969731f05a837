"""The form notation of Stripe's API: ``line_items[0][price_data][currency]=eur``."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from wagtail_payments.sandbox.json_types import Params

_KEY = re.compile(r"\[([^\]]*)\]")


def decoded(*forms: str) -> Params:
    """The parameters of query strings and form bodies: strings, lists and dictionaries."""
    pairs = [pair for form in forms for pair in parse_qsl(form, keep_blank_values=True)]
    return nested(pairs)


def nested(pairs: Iterable[tuple[str, str]]) -> Params:
    """Pairs with bracketed names as one structure; numbered keys become lists."""
    tree: Params = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        _place(tree, [head, *_KEY.findall("[" + rest if rest else "")], value)
    return {key: _with_lists(value) for key, value in tree.items()}


def _place(tree: Params, keys: list[str], value: str) -> None:
    *parents, last = keys
    for key in parents:
        child = tree.setdefault(key or str(len(tree)), {})
        if not isinstance(child, dict):
            return
        tree = child
    tree[last or str(len(tree))] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {key: _with_lists(member) for key, member in value.items()}
    if members and all(key.isdigit() for key in members):
        return [members[key] for key in sorted(members, key=int)]
    return members
