"""The same invoices and browsers as for the portal."""

from __future__ import annotations

from tests.portal.conftest import browser, issued

__all__ = ["browser", "issued"]
