"""Which gateways a site has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wagtail_payments.gateways import registry
from wagtail_payments.gateways.model import UnknownGateway

SITE = SimpleNamespace(hostname="shop.example")


def configure(settings: Any, **values: Any) -> None:
    settings.WAGTAIL_PAYMENTS = values


def test_a_site_without_a_gateway_has_none(settings: Any) -> None:
    configure(settings)
    assert registry.for_site(SITE) == {}


@pytest.mark.parametrize("key", ["", "  ", None])
def test_a_gateway_without_a_key_is_no_gateway(settings: Any, key: str | None) -> None:
    configure(settings, GATEWAYS={"stripe": {"SECRET_KEY": key}})
    assert registry.for_site(SITE) == {}


def test_an_unknown_name_is_no_gateway(settings: Any) -> None:
    configure(settings, GATEWAYS={"strype": {"SECRET_KEY": "sk_test_1"}})
    assert registry.for_site(SITE) == {}
    with pytest.raises(UnknownGateway):
        registry.get("strype", SITE)


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_test_1", False), ("rk_test_1", False), ("sk_live_1", True), ("rk_live_1", True), ("nonsense", False)],
)
def test_the_key_tells_whether_money_is_real(settings: Any, key: str, live: bool) -> None:
    configure(settings, GATEWAYS={"stripe": {"SECRET_KEY": key}})
    assert registry.get("stripe", SITE).live is live


def test_a_site_may_have_keys_of_its_own(settings: Any) -> None:
    own = {"shop.example": {"stripe": {"SECRET_KEY": "sk_live_own", "ACCOUNT": "acct_own"}}, "quiet.example": {}}
    configure(settings, GATEWAYS={"stripe": {"SECRET_KEY": "sk_test_1"}}, SITE_GATEWAYS=own)
    assert registry.get("stripe", SITE).account == "acct_own"
    assert registry.of_hostname("stripe", "other.example").account == ""
    assert registry.for_hostname("quiet.example") == {}


def test_a_host_may_bring_a_gateway_of_its_own(settings: Any) -> None:
    options = {"SECRET_KEY": "1", "MAKER": "tests.gateways.test_registry.own_gateway"}
    configure(settings, GATEWAYS={"own": options})
    assert registry.get("own", SITE).slug == "own"


def own_gateway(*, slug: str, **_: Any) -> Any:
    """A gateway as a host would write it."""
    return SimpleNamespace(slug=slug)
