"""A host that replaced Wagtail's page by its own (Wagtail 8), and gives each invoice a page."""

from tests.hosts.ground import *  # noqa: F403
from tests.hosts.ground import INSTALLED_APPS as PLAIN_APPS
from tests.hosts.ground import STRIPE

INSTALLED_APPS = ["tests.hosts.own_base_page", *PLAIN_APPS]
WAGTAIL_PAGE_MODEL = "own_base_page.BasePage"
WAGTAIL_PAYMENTS = {"GATEWAYS": {"stripe": STRIPE}}
