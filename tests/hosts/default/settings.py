"""A host that did what the README says and nothing more."""

from tests.hosts.ground import *  # noqa: F403
from tests.hosts.ground import STRIPE

WAGTAIL_PAYMENTS = {"GATEWAYS": {"stripe": STRIPE}}
