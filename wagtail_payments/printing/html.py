"""A paper as HTML, by templates that a host may override, ready for the drawing process."""

from __future__ import annotations

import base64
import contextlib
import io
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import pgettext
from PIL import Image

from wagtail_payments.core.snapshot import Kind, Look
from wagtail_payments.printing import fonts, qr
from wagtail_payments.printing.layout import layout
from wagtail_payments.printing.paper import Paper
from wagtail_payments.printing.rows import asked_first
from wagtail_payments.printing.sheet import Sheet, sheet

TEMPLATES = {kind: f"wagtail_payments/print/{kind}.html" for kind in Kind}
PAGES = {"A4": (210, 297), "Letter": (216, 279)}  # millimetres
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LOGO_BOX = (50, 18)  # millimetres


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside the HTML, with its size on paper in millimetres."""

    uri: str
    width: int
    height: int


def render_html(paper: Paper) -> str:
    """Return the HTML of a paper in its document's language.

    The template is ``wagtail_payments/print/<kind>.html``; its context holds ``sheet``, ``layout`` and what is below.
    """
    document = fonts.cleaned(paper.document)
    with translation.override(document.language):
        page = sheet(document)
        context = {
            "sheet": page,
            "page": _page(document.look),
            "colour": _colour(document.look),
            "layout": layout(page),
            "logo": logo(paper.logo),
            "watermark": _watermark(paper.watermark, _page(document.look)),
            "transfer_code": _transfer_code(page, asked_first(document), document.currency),
            "pay_url": "" if page.is_settled else paper.pay_url,
            "pay_link": "" if page.is_settled else allowed_link(paper.pay_url),
            "signed": paper.signed,
            "mail_link": f"mailto:{page.seller.email}" if EMAIL.fullmatch(page.seller.email) else "",
            "web_link": allowed_link(page.seller.website),
        }
        return render_to_string(TEMPLATES[Kind(document.kind)], context)


def allowed_link(url: str) -> str:
    """Return the address if a printed link may lead there, else nothing: the web only, HTTP on this machine only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    return ""


def logo(png: bytes) -> Picture | None:
    """Return a logo fitted into its box on the page; nothing for none, or for one that is damaged."""
    if not png:
        return None
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            width, height = picture.size
    except (OSError, SyntaxError, ValueError):
        return None
    scale = min(LOGO_BOX[0] / width, LOGO_BOX[1] / height)
    return Picture(_data_uri("image/png", png), max(1, round(width * scale)), max(1, round(height * scale)))


def _page(look: Look) -> dict[str, object]:
    size = look.page_size if look.page_size in PAGES else "A4"
    width, height = PAGES[size]
    return {"size": size.lower(), "width": width, "height": height}


def _colour(look: Look) -> str:
    """Whatever is no colour would be read as more CSS."""
    return look.colour if COLOUR.fullmatch(look.colour) else Look().colour


def _watermarks() -> dict[str, str]:
    return {
        "draft": pgettext("watermark", "Draft"),
        "test": pgettext("watermark", "Test"),
        "copy": pgettext("watermark", "Copy"),
        "proforma": pgettext("watermark", "Pro forma"),
    }


def _watermark(kind: str, page: dict[str, object]) -> Picture | None:
    """A word across the page, as a drawing that lies under the text."""
    word = _watermarks().get(kind, "").upper()
    if not word:
        return None
    if fonts.missing(word):
        word = kind.upper()
    width, height = PAGES["Letter" if page["size"] == "letter" else "A4"]
    size = min(48, 290 // len(word))
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}mm" height="{height}mm">'
        f'<text x="{width // 2}" y="{height // 2 + size // 3}" transform="rotate(-52 {width // 2} {height // 2})" '
        f'text-anchor="middle" font-family="Body" font-weight="bold" font-size="{size}" fill="#ededed">'
        f"{escape(word)}</text></svg>"
    )
    return Picture(_data_uri("image/svg+xml", drawing.encode()), width, height)


def _transfer_code(page: Sheet, due: int, currency: str) -> str:
    """The code for a banking app, where the facts allow one; never on a draft, which has no reference yet."""
    if page.transfer is None or not page.number:
        return ""
    with contextlib.suppress(qr.NoTransferCode):
        payload = qr.epc_payload(
            name=page.transfer.holder,
            iban=page.transfer.iban,
            bic=page.transfer.bic,
            amount=due,
            currency=currency,
            text=page.transfer.reference,
        )
        return _data_uri("image/png", qr.epc_qr_png(payload))
    return ""


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
