"""Which language the hosted page speaks."""

from contextlib import AbstractContextManager

from django.http import HttpRequest
from django.utils import translation

_BROWSER_DECIDES = (None, "auto")


def spoken(request: HttpRequest, locale: str | None) -> AbstractContextManager[None]:
    """The session's own language, or the browser's where the session leaves it open."""
    asked = translation.get_language_from_request(request) if locale in _BROWSER_DECIDES else locale
    try:
        language = translation.get_supported_language_variant(asked or "en")
    except LookupError:
        language = "en"
    return translation.override(language)
