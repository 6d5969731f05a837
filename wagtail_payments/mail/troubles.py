"""Letters that did not arrive, shown to the editors."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter


def tell_editors(letter: Letter, words: str, *, recipient: str = "", now: datetime) -> None:
    """Show that a letter did not arrive and why; what was settled is shown again when it happens again."""
    with translation.override(letter.seller.language):
        text = _("“%(subject)s” to %(recipients)s: %(words)s") % {
            "subject": letter.subject,
            "recipients": recipient or ", ".join(letter.to) or _("nobody"),
            "words": words,
        }
    about = hashlib.sha256(recipient.lower().encode()).hexdigest()[:16] if recipient else "all"
    shown = {
        "kind": "letter",
        "text": text[:500],
        "raised_at": now,
        "settled_at": None,
        "invoice": _invoice_of(letter),
    }
    Alert.objects.update_or_create(raised_once=f"letter:{letter.pk}:{about}", defaults=shown)


def _invoice_of(letter: Letter) -> Invoice | None:
    """What an editor would open to see whom it concerns."""
    if letter.document is None and letter.registration is not None:
        return letter.registration.invoice
    return getattr(letter.document, "invoice", None)
