"""What is drawn: a frozen document, with the link, the watermark and the logo that go with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wagtail_payments.core import snapshot
from wagtail_payments.core.snapshot import Document

# Raised when the same paper would be drawn differently: a preview kept from before is then not shown.
RENDERER = "1"


@dataclass(frozen=True, slots=True)
class Paper:
    """All that a rendition needs beyond the document.

    ``pay_url`` is printed as a link and as text ("" for none). ``watermark`` is "", "draft", "test",
    "copy" or "proforma", written in the document's language. ``logo`` is a PNG as ``logo.to_rgb_png`` makes it,
    or empty. ``signed`` stands on a signed quote where a hand would sign.
    """

    document: Document
    pay_url: str = ""
    watermark: str = ""
    logo: bytes = b""
    signed: tuple[str, ...] = ()

    def key(self) -> str:
        """Return a digest of everything that is drawn: equal papers, and only they, have equal keys."""
        parts = (RENDERER, snapshot.to_text(self.document), self.pay_url, self.watermark, *self.signed)
        whole = hashlib.sha256(b"".join(hashlib.sha256(part.encode()).digest() for part in parts))
        whole.update(self.logo)
        return whole.hexdigest()
