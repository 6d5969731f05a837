"""Every setting of the package: one typed, documented property each, read when it is used.

A host writes one dictionary, ``WAGTAIL_PAYMENTS = {...}``, whose keys are the names below.
Secrets and code paths stand in the settings; words and identity are edited in the admin.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings as django_settings
from django.utils.encoding import force_bytes

NAME = "WAGTAIL_PAYMENTS"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret with the name it is remembered by, so that it can be rotated."""

    id: str
    secret: bytes


class Settings:
    """The host's decisions; see ``docs/settings.md``."""

    @property
    def given(self) -> Mapping[str, Any]:
        """What the host wrote, as it is."""
        return getattr(django_settings, NAME, {})

    def _get(self, name: str, default: Value) -> Value:
        value: Value = self.given.get(name, default)
        return value

    @property
    def GATEWAYS(self) -> Mapping[str, Mapping[str, Any]]:
        """Gateways by slug, each a dictionary of its options; empty means payment by transfer only."""
        return self._get("GATEWAYS", {})

    @property
    def SITE_GATEWAYS(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Gateways of single sites, by host name; a site named here does not use ``GATEWAYS``."""
        return self._get("SITE_GATEWAYS", {})

    def gateways_for(self, hostname: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the gateways of the site with that host name."""
        return self.SITE_GATEWAYS.get(hostname, self.GATEWAYS)

    @property
    def BASE_TEMPLATE(self) -> str:
        """The template that public pages extend: it has a ``content`` block, perhaps ``title`` and ``extra_css``."""
        return self._get("BASE_TEMPLATE", "wagtail_payments/bare.html")

    @property
    def DOCUMENT_ROOT(self) -> Path:
        """Where PDFs and attachments are kept when ``STORAGES`` has no ``wagtail_payments`` entry; never public."""
        default = Path(getattr(django_settings, "BASE_DIR", Path.cwd())) / "payments-documents"
        return Path(self._get("DOCUMENT_ROOT", default))

    @property
    def LINK_KEYS(self) -> Sequence[Key]:
        """Secrets that customers' links are made with, the current one first; default: from ``SECRET_KEY``."""
        return self._keys("LINK_KEYS")

    @property
    def LEDGER_KEYS(self) -> Sequence[Key]:
        """Secrets that seal the books, the current one first, older ones to verify; default: from ``SECRET_KEY``."""
        return self._keys("LEDGER_KEYS")

    def _keys(self, name: str) -> Sequence[Key]:
        given: Mapping[str, str] = self._get(name, {})
        if given:
            return [Key(key_id, secret.encode()) for key_id, secret in given.items()]
        secrets = [django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS]
        return [_derived(name, secret) for secret in secrets]

    @property
    def CHECKOUT_MINUTES(self) -> int:
        """How long a payment session stays open: 30 minutes to 24 hours."""
        return self._get("CHECKOUT_MINUTES", 60)

    @property
    def GATEWAY_TIMEOUT(self) -> float:
        """Seconds to wait for an answer of a payment provider."""
        return self._get("GATEWAY_TIMEOUT", 10)

    @property
    def WEBHOOK_TOLERANCE(self) -> int:
        """Seconds that the timestamp of a signed message may differ from our clock, either way."""
        return self._get("WEBHOOK_TOLERANCE", 300)

    @property
    def WEBHOOK_MAX_BYTES(self) -> int:
        """The largest message that is read at all."""
        return self._get("WEBHOOK_MAX_BYTES", 512 * 1024)

    @property
    def PDF_FONTS(self) -> Sequence[str]:
        """Paths of further TrueType fonts, tried in order for characters that DejaVu Sans lacks."""
        return self._get("PDF_FONTS", ())

    @property
    def PDF_TIMEOUT(self) -> float:
        """Seconds after which a rendering is stopped."""
        return self._get("PDF_TIMEOUT", 20)

    @property
    def PDF_RECYCLE_AFTER(self) -> int:
        """How many documents a rendering process makes before it is replaced."""
        return self._get("PDF_RECYCLE_AFTER", 200)

    @property
    def SEAL(self) -> Mapping[str, str]:
        """The certificate that seals signed copies, ``CERTIFICATE`` (a PKCS #12 file) and ``PASSWORD``; empty: none."""
        return self._get("SEAL", {})

    @property
    def ATTACHMENT_MAX_BYTES(self) -> int:
        """The largest file an editor may attach."""
        return self._get("ATTACHMENT_MAX_BYTES", 10 * 1024 * 1024)

    @property
    def TRUSTED_PROXIES(self) -> int:
        """How many reverse proxies of yours stand before the site; 0 means ``REMOTE_ADDR`` is the visitor."""
        return self._get("TRUSTED_PROXIES", 0)

    @property
    def HEARTBEAT_MINUTES(self) -> int:
        """After how many minutes without ``payments_run`` the admin shows a warning."""
        return self._get("HEARTBEAT_MINUTES", 30)


def _derived(purpose: str, secret: str | bytes) -> Key:
    """A key of its own for each purpose, so that one secret never signs two kinds of thing."""
    material = hmac.new(force_bytes(secret), f"wagtail_payments.{purpose}".encode(), hashlib.sha256).digest()
    return Key("django-" + hashlib.sha256(material).hexdigest()[:8], material)


settings = Settings()

NAMES: frozenset[str] = frozenset(name for name in vars(Settings) if name.isupper())
