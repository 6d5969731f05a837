"""A host that speaks French and has no English anywhere."""

from tests.hosts.ground import *  # noqa: F403
from tests.hosts.ground import STRIPE

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_PAYMENTS = {"GATEWAYS": {"stripe": STRIPE}}
