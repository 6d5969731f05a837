"""Lengths and forms that Stripe's types do not say and its API checks."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from wagtail_payments.sandbox.errors import Refused, invalid
from wagtail_payments.sandbox.json_types import Params

_LONGEST = 5000
_LONGEST_OF = {
    "client_reference_id": 200,
    "email": 512,
    "name": 256,
    "payment_intent_data[description]": 1000,
    "payment_intent_data[statement_descriptor]": 22,
    "payment_intent_data[statement_descriptor_suffix]": 22,
    "phone": 20,
}
_METADATA_KEYS = 50
_METADATA_KEY_LENGTH = 40
_METADATA_VALUE_LENGTH = 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_FORBIDDEN_IN_DESCRIPTOR = re.compile(r"[<>\\'\"*]")


def check_limits(params: Params) -> None:
    """Refuse values that are too long, and metadata beyond what Stripe keeps."""
    for key, value in params.items():
        _check(key, value)


def _check(param: str, value: object) -> None:
    if isinstance(value, str):
        _check_length(param, value, _LONGEST_OF.get(param, _LONGEST))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check(f"{param}[{index}]", member)
    elif isinstance(value, Mapping) and (param == "metadata" or param.endswith("[metadata]")):
        _check_metadata(param, value)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            _check(f"{param}[{key}]", member)


def _check_length(param: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise invalid(f"Invalid string: {value[:7]}...; must be at most {longest} characters", param)


def _check_metadata(param: str, metadata: Mapping[str, str]) -> None:
    if len(metadata) > _METADATA_KEYS:
        raise invalid(f"Metadata can have at most {_METADATA_KEYS} keys.", param)
    for key, value in metadata.items():
        if len(key) > _METADATA_KEY_LENGTH or re.search(r"[\[\]]", key):
            text = f"Metadata keys must be under {_METADATA_KEY_LENGTH} characters, without brackets."
            raise invalid(text, param)
        if len(value) > _METADATA_VALUE_LENGTH:
            text = f"Metadata values can have up to {_METADATA_VALUE_LENGTH} characters; '{key}' has {len(value)}."
            raise invalid(text, f"{param}[{key}]")


def check_url(text: str, param: str) -> None:
    """Refuse what is no http address of some host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", text):
        raise invalid("Not a valid URL", param, "url_invalid")


def check_email(text: str, param: str) -> None:
    """Refuse what cannot be an e-mail address."""
    if not _EMAIL.fullmatch(text):
        raise invalid(f"Invalid email address: {text}", param, "email_invalid")


def check_descriptor(text: str, param: str) -> None:
    """Refuse what banks do not print on a statement."""
    if _FORBIDDEN_IN_DESCRIPTOR.search(text) or not re.search(r"[A-Za-z]", text):
        message = "The statement descriptor must contain a letter and none of < > \\ ' \" *"
        raise invalid(message, param)


def check_only_one(params: Params, *names: str) -> None:
    """Refuse parameters that exclude one another."""
    given = [name for name in names if name in params]
    if len(given) > 1:
        message = f"You may only specify one of these parameters: {', '.join(given)}."
        raise Refused(message, param=given[1], executed=False)
