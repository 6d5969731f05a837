"""The form of an invoice page in the admin."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm


class InvoicePageForm(WagtailAdminPageForm):
    """Allows one live counter per site and language, and says where the other one is."""

    def clean(self) -> dict[str, Any]:
        """Refuse to publish a second counter; drafts of one are welcome."""
        cleaned: dict[str, Any] = super().clean()
        invoice = cleaned.get("invoice", self.instance.invoice)
        if invoice is None and self._goes_live():
            self._refuse_second_counter()
        return cleaned

    def _goes_live(self) -> bool:
        stands = bool(self.instance.pk) and self.instance.live
        return stands or bool(self.data.get("action-publish"))

    def _refuse_second_counter(self) -> None:
        site = (self.parent_page or self.instance).get_site()
        if site is None:
            return
        others = type(self.instance).objects.live().descendant_of(site.root_page, inclusive=True)
        other = others.filter(invoice=None, locale=self.instance.locale_id).exclude(pk=self.instance.pk).first()
        if other is not None:
            message = _(
                "“%(title)s” already shows the invoices of this site in this language. "
                "Unpublish it first, or choose the one invoice that this page is for."
            )
            field = "invoice" if "invoice" in self.fields else None
            self.add_error(field, ValidationError(message, params={"title": other.title}))
