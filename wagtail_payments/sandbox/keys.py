"""Secret API keys: any key of the sandbox's own mode opens it."""

import base64
import binascii
import re
from http import HTTPStatus

from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.rules import Rules

_KEY = re.compile(r"[sr]k_(test|live)_[A-Za-z0-9_]+")
_ENDS_SHOWN = 4


def check_api_key(rules: Rules, authorization: str) -> None:
    """Refuse a call without a key, or with a key of the other mode, with 401."""
    key = _key(authorization)
    if not key:
        raise Refused(
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=HTTPStatus.UNAUTHORIZED,
            executed=False,
        )
    match = _KEY.fullmatch(key)
    if match is None or match[1] != rules.mode:
        shown = f"{key[:8]}***{key[-_ENDS_SHOWN:]}"
        raise Refused(f"Invalid API Key provided: {shown}", status=HTTPStatus.UNAUTHORIZED, executed=False)


def _key(authorization: str) -> str:
    """The key from ``Bearer`` or, as curl and the CLI send it, from ``Basic``."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
