"""A site that was there before: pages and a base template of its own, mail by a service that reports deliveries."""

from tests.hosts.ground import *  # noqa: F403
from tests.hosts.ground import INSTALLED_APPS as PLAIN_APPS
from tests.hosts.ground import PLACE, STRIPE

INSTALLED_APPS = ["tests.hosts.existing_site", *PLAIN_APPS, "anymail"]
EMAIL_BACKEND = "tests.hosts.existing_site.mail.EmailBackend"
WAGTAIL_PAYMENTS = {
    "GATEWAYS": {"stripe": STRIPE},
    "BASE_TEMPLATE": "existing_site/base.html",
    "DOCUMENT_ROOT": PLACE / "kept",
    "LINK_KEYS": {"2026": "the existing site's key for links"},
    "LEDGER_KEYS": {"2026": "the existing site's key for its books"},
}
