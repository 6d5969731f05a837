"""Each mistake of configuration is named, with what to do; and where there is none, nothing is said."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core import checks as django_checks
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.db import connections
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments import checks, conf
from wagtail_payments.checks import keeping, keys
from wagtail_payments.checks.messages import docs_link
from wagtail_payments.printing import seal
from wagtail_payments.records.fields import PrivateFiles

DOCS = Path(__file__).parent.parent / "docs" / "checks.md"
LIVE_KEY = "sk_live_0000000000000000"

Prepare = Callable[["Host"], object]


class Host:
    """A host's settings and database, to be changed for one test."""

    def __init__(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.patch = settings, monkeypatch
        settings.WAGTAIL_PAYMENTS = copy.deepcopy(django_settings.WAGTAIL_PAYMENTS)

    def write(self, **values: Any) -> None:
        self.settings.WAGTAIL_PAYMENTS = self.settings.WAGTAIL_PAYMENTS | values

    def stripe(self, **options: Any) -> None:
        self.write(GATEWAYS={"stripe": self.settings.WAGTAIL_PAYMENTS["GATEWAYS"]["stripe"] | options})

    def go_live(self, **options: Any) -> None:
        self.settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        self.stripe(**{"SECRET_KEY": LIVE_KEY} | options)

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.settings, name, value)

    def without(self, app: str) -> None:
        real = apps.is_installed
        self.patch.setattr(apps, "is_installed", lambda name: name != app and real(name))

    def without_seal(self) -> None:
        self.patch.setattr(seal, "IS_INSTALLED", False)

    def database(self, vendor: str, **written: Any) -> None:
        connection = connections["default"]
        self.patch.setattr(connection, "vendor", vendor)
        self.patch.setattr(connection, "settings_dict", connection.settings_dict | written)

    def django_is(self, *version: int) -> None:
        self.patch.setattr(django, "VERSION", version)

    def template(self, text: str) -> None:
        self.patch.setitem(engines.all()[0].engine.__dict__, "template_loaders", [_OneTemplate(text)])
        self.write(BASE_TEMPLATE="host.html")

    def storage(self, storage: Any) -> None:
        self.patch.setattr(keeping, "private_storage", lambda: storage)

    def said(self) -> list[django_checks.CheckMessage]:
        return [*checks.check_settings(), *checks.check_deployment()]

    def ids(self) -> set[str]:
        return {str(message.id).removeprefix("wagtail_payments.") for message in self.said()}


class _OneTemplate:
    """A template loader that knows one text, and a parent with a place for content."""

    def __init__(self, text: str) -> None:
        self.texts = {"host.html": text, "parent.html": "{% block content %}{% endblock %}"}

    def get_template(self, name: str, skip: Any = None) -> Any:
        engine = engines.all()[0].engine
        if name not in self.texts:
            raise django.template.TemplateDoesNotExist(name)
        return django.template.Template(self.texts[name], engine=engine)

    def reset(self) -> None:
        """Forget nothing."""


@pytest.fixture
def host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(settings, monkeypatch)


FIRING: list[tuple[str, str, Prepare]] = [
    ("E001", "modeladmin missing", lambda host: host.without("wagtail_modeladmin")),
    ("E001", "settings missing", lambda host: host.without("wagtail.contrib.settings")),
    ("E001", "tasks missing", lambda host: host.without("django_tasks")),
    (
        "E002",
        "postgres app missing",
        lambda host: (host.django_is(6, 0), host.database("postgresql"), host.without("django.contrib.postgres")),
    ),
    ("W003", "urls not included", lambda host: host.set(ROOT_URLCONF="wagtail.urls")),
    ("E004", "template missing", lambda host: host.write(BASE_TEMPLATE="no/such.html")),
    ("E004", "template broken", lambda host: host.template("{% block content %}{% nonsense %}")),
    ("E004", "template without content", lambda host: host.template("{% block main %}{% endblock %}")),
    ("W005", "no sender", lambda host: host.set(DEFAULT_FROM_EMAIL="webmaster@localhost")),
    ("W005", "empty sender", lambda host: host.set(DEFAULT_FROM_EMAIL="")),
    ("E010", "options no dictionary", lambda host: host.write(GATEWAYS={"stripe": "sk_test_1"})),
    ("E010", "unknown gateway", lambda host: host.write(GATEWAYS={"strip": {"SECRET_KEY": "x"}})),
    ("E010", "unknown option", lambda host: host.stripe(WEBHOOK_SECRET="whsec_1")),
    ("E010", "site gateways no dictionary", lambda host: host.write(SITE_GATEWAYS={"a.example": "sk_test_1"})),
    ("E011", "key missing", lambda host: host.write(GATEWAYS={"stripe": {"WEBHOOK_SECRETS": ["whsec_1"]}})),
    ("E011", "key blank", lambda host: host.stripe(SECRET_KEY=" ")),
    ("E011", "key None", lambda host: host.stripe(SECRET_KEY=None)),
    ("E011", "key of a site blank", lambda host: host.write(SITE_GATEWAYS={"a.example": {"stripe": {}}})),
    ("E012", "public key", lambda host: host.stripe(SECRET_KEY="pk_live_1")),
    ("E012", "placeholder", lambda host: host.stripe(SECRET_KEY="${STRIPE_KEY}")),
    ("E012", "broken key", lambda host: host.stripe(SECRET_KEY="sk_live_1 2")),
    ("E013", "blank secret", lambda host: host.stripe(WEBHOOK_SECRETS=[""])),
    ("E013", "blank secret as text", lambda host: host.stripe(WEBHOOK_SECRETS="")),
    ("E013", "one of two blank", lambda host: host.stripe(WEBHOOK_SECRETS=["whsec_1", None])),
    ("E013", "live key without secret", lambda host: host.go_live(WEBHOOK_SECRETS=[])),
    ("W014", "test key without secret", lambda host: host.stripe(WEBHOOK_SECRETS=[])),
    ("E015", "secret of something else", lambda host: host.stripe(WEBHOOK_SECRETS=["sk_test_1"])),
    ("E016", "live key with DEBUG", lambda host: (host.go_live(), host.set(DEBUG=True))),
    ("E016", "restricted live key", lambda host: (host.go_live(SECRET_KEY="rk_live_1"), host.set(DEBUG=True))),
    ("E017", "sandbox installed", lambda host: host.set(WAGTAIL_PAYMENTS_SANDBOX_ALLOW=False)),
    *[
        (
            "E017",
            f"API_BASE {base}",
            lambda host, base=base: (host.set(WAGTAIL_PAYMENTS_SANDBOX_ALLOW=False), host.stripe(API_BASE=base)),
        )
        for base in (
            "http://127.0.0.1:8001",
            "https://localhost:8001",
            "https://[::1]/",
            "https://10.0.0.1",
            "http://api.stripe.com",
        )
    ],
    ("E018", "session too short", lambda host: host.write(CHECKOUT_MINUTES=29)),
    ("E018", "session too long", lambda host: host.write(CHECKOUT_MINUTES=1441)),
    ("E019", "mail to the console", lambda host: (host.go_live(), host.set(EMAIL_BACKEND=_backend("console")))),
    ("E019", "mailer of Django 6.1", lambda host: (host.go_live(), host.set(MAILERS=_mailers("filebased")))),
    ("E030", "default mode", lambda host: host.database("sqlite", OPTIONS={})),
    ("E030", "deferred", lambda host: host.database("sqlite", OPTIONS={"transaction_mode": "deferred"})),
    ("W031", "atomic requests", lambda host: host.database("postgresql", ATOMIC_REQUESTS=True)),
    ("E032", "inside MEDIA_ROOT", lambda host: host.storage(PrivateFiles(f"{django_settings.MEDIA_ROOT}/documents"))),
    ("E032", "MEDIA_ROOT itself", lambda host: host.storage(FileSystemStorage())),
    ("E032", "inside STATIC_ROOT", lambda host: host.storage(PrivateFiles(django_settings.STATIC_ROOT))),
    (
        "E032",
        "inside STATICFILES_DIRS",
        lambda host: (host.set(STATICFILES_DIRS=[("a", "/srv/assets")]), host.storage(PrivateFiles("/srv/assets/x"))),
    ),
    ("E032", "served", lambda host: host.storage(FileSystemStorage("/srv/papers", base_url="/papers/"))),
    ("E032", "open bucket", lambda host: host.storage(_Bucket(querystring_auth=False))),
    (
        "E032",
        "the public storage",
        lambda host: host.set(STORAGES=dict.fromkeys(django_settings.STORAGES, django_settings.STORAGES["default"])),
    ),
    ("E033", "font missing", lambda host: host.write(PDF_FONTS=["/no/such.ttf"])),
    ("E034", "no certificate there", lambda host: host.write(SEAL={"CERTIFICATE": "/no/such.p12", "PASSWORD": "x"})),
    ("E034", "extra missing", lambda host: (host.write(SEAL={"CERTIFICATE": "/x"}), host.without_seal())),
    ("E040", "no dictionary", lambda host: host.set(WAGTAIL_PAYMENTS=["GATEWAYS"])),
    ("E041", "misspelled", lambda host: host.write(GATEWAY={})),
    ("E042", "keys too short", lambda host: host.write(LINK_KEYS={"a": "short"})),
    ("E042", "keys no text", lambda host: host.write(LEDGER_KEYS={"a": None})),
    ("W043", "keys derived", lambda host: host.write(LINK_KEYS={})),
    ("E044", "wrong kind", lambda host: host.write(CHECKOUT_MINUTES="60")),
    ("E044", "true is no number", lambda host: host.write(TRUSTED_PROXIES=True)),
    ("E044", "negative", lambda host: host.write(GATEWAY_TIMEOUT=-1.0)),
    ("E044", "keys no dictionary", lambda host: host.write(LINK_KEYS=["a secret of the links"])),
    ("E044", "one font", lambda host: host.write(PDF_FONTS="/font.ttf")),
]  # fmt: skip

SILENT: list[tuple[str, str, Prepare]] = [
    (
        "E002",
        "before Django 6.0",
        lambda host: (host.django_is(5, 2), host.database("postgresql"), host.without("django.contrib.postgres")),
    ),
    (
        "E002",
        "not on PostgreSQL",
        lambda host: (
            host.django_is(6, 1),
            host.database("mysql"),
            host.without("django.contrib.postgres"),
        ),
    ),
    ("E004", "content in the parent", lambda host: host.template('{% extends "parent.html" %}')),
    ("E004", "a parent chosen later", lambda host: host.template("{% extends parent %}")),
    ("E010", "a gateway of the host's own", lambda host: host.write(GATEWAYS={"mine": {"MAKER": "a.b", "X": 1}})),
    ("E011", "no gateway at all", lambda host: host.write(GATEWAYS={})),
    ("E012", "restricted key", lambda host: host.stripe(SECRET_KEY="rk_test_1")),
    ("E013", "live and complete", lambda host: host.go_live()),
    ("E013", "two secrets", lambda host: host.stripe(WEBHOOK_SECRETS=("whsec_1", "whsec_2"))),
    ("W014", "one secret as text", lambda host: host.stripe(WEBHOOK_SECRETS="whsec_1")),
    ("E016", "test key with DEBUG", lambda host: host.set(DEBUG=True)),
    ("E017", "while developing", lambda host: host.set(WAGTAIL_PAYMENTS_SANDBOX_ALLOW=False, DEBUG=True)),
    ("E018", "the shortest", lambda host: host.write(CHECKOUT_MINUTES=30)),
    ("E018", "the longest", lambda host: host.write(CHECKOUT_MINUTES=1440)),
    ("E019", "live by SMTP", lambda host: host.go_live()),
    ("E019", "test key, console", lambda host: host.set(EMAIL_BACKEND=_backend("console"))),
    ("E030", "immediate", lambda host: host.database("sqlite", OPTIONS={"transaction_mode": "immediate"})),
    ("E030", "not SQLite", lambda host: host.database("postgresql", OPTIONS={})),
    ("E032", "a folder apart", lambda host: host.storage(PrivateFiles("/srv/papers"))),
    ("E032", "a plain folder apart", lambda host: host.storage(FileSystemStorage("/srv/papers"))),
    ("E032", "a bucket that signs", lambda host: host.storage(_Bucket(querystring_auth=True))),
    ("E032", "in memory", lambda host: host.storage(InMemoryStorage())),
    ("E033", "a font that is there", lambda host: host.write(PDF_FONTS=(__file__,))),
]


def _backend(name: str) -> str:
    return f"django.core.mail.backends.{name}.EmailBackend"


def _mailers(name: str) -> dict[str, dict[str, str]]:
    return {"default": {"BACKEND": _backend(name)}}


class _Bucket:
    def __init__(self, querystring_auth: bool) -> None:
        self.querystring_auth = querystring_auth


@pytest.mark.parametrize(("check_id", "prepare"), [pytest.param(i, p, id=f"{i} {w}") for i, w, p in FIRING])
def test_the_mistake_is_named(host: Host, check_id: str, prepare: Prepare) -> None:
    assert check_id not in host.ids()
    prepare(host)
    said = {str(message.id).removeprefix("wagtail_payments."): message for message in host.said()}
    assert check_id in said
    assert str(said[check_id].hint).endswith(f" See {docs_link(str(said[check_id].id))}")
    assert not any(secret in str(said[check_id]) for secret in (LIVE_KEY, "whsec_of_the_tests", "a secret of"))


@pytest.mark.parametrize(("check_id", "prepare"), [pytest.param(i, p, id=f"{i} {w}") for i, w, p in SILENT])
def test_what_is_no_mistake_is_not_named(host: Host, check_id: str, prepare: Prepare) -> None:
    prepare(host)
    assert check_id not in host.ids()


def test_a_good_configuration_is_silent(host: Host) -> None:
    assert host.said() == []


def test_each_missing_app_is_named(host: Host) -> None:
    host.patch.setattr(apps, "is_installed", lambda name: False)
    named = [message.msg for message in host.said() if message.id == "wagtail_payments.E001"]
    assert any("wagtail_modeladmin" in message for message in named)
    assert len(named) == len(set(named)) > 5


def test_every_check_is_documented_and_every_section_is_a_check() -> None:
    numbers = set()
    for path in Path(checks.__file__).parent.glob("*.py"):
        text = path.read_text()
        for kind, letter in (("error", "E"), ("advice", "W")):
            numbers |= {f"{letter}{int(found):03}" for found in re.findall(rf"\b{kind}\(\s*(\d+),", text)}
    documented = set(re.findall(r"^### wagtail_payments\.([EW]\d{3})$", DOCS.read_text(), re.MULTILINE))
    assert numbers == documented == {check_id for check_id, _, _ in FIRING}


def test_the_checks_run_when_django_checks() -> None:
    registry = django_checks.registry.registry
    assert checks.check_settings in registry.get_checks()
    assert checks.check_deployment in registry.get_checks(include_deployment_checks=True)
    assert checks.check_deployment not in registry.get_checks()


def test_every_setting_has_a_kind() -> None:
    assert set(keys.KINDS) == conf.NAMES


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5) | st.just("stripe"), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(conf.NAMES)), JUNK)
def test_no_nonsense_makes_the_checks_fall_over(name: str, junk: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "WAGTAIL_PAYMENTS", {name: junk})
        checks.check_settings()
        checks.check_deployment()
