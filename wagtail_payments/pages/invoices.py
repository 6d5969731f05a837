"""The invoice page: the counter at which customers open their documents, or the page of one invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.models import PageViewRestriction

from wagtail_payments import ports
from wagtail_payments.conf import settings
from wagtail_payments.pages import choosers, sample
from wagtail_payments.pages.forms import InvoicePageForm
from wagtail_payments.pages.panels import InvoiceRecordPanel
from wagtail_payments.pages.revisions import without_missing
from wagtail_payments.portal import access, answers, documents, payment_requests
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link

choosers.register()
RICH_TEXT = ["bold", "italic", "link", "ol", "ul"]


class InvoicePageMixin(RoutablePageMixin, models.Model):
    """All that an invoice page does; mix it in before your own base page.

    Without an invoice it is the counter of its site and language: it shows whatever document's link was opened.
    With one it is the page of that invoice, for whoever opened its link and for staff. Override
    ``document_context`` to give your template more.
    """

    shows_payment_documents = True

    invoice = models.OneToOneField(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(app_label)s_%(class)s",
        help_text=_("Leave empty for the page on which every invoice of this site is shown."),
    )
    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT)
    note = RichTextField(_("note below the document"), blank=True, features=RICH_TEXT)

    subpage_types: list[str] = []
    page_description = _("Where customers open, read and pay their invoices, in the design of your site.")
    exclude_fields_in_copy = ["invoice"]
    base_form_class = InvoicePageForm
    payment_panels = [
        FieldPanel("introduction"),
        FieldPanel("note"),
        MultiFieldPanel(
            [FieldPanel("invoice", permission=access.PERMISSIONS["invoice"]), InvoiceRecordPanel()],
            heading=_("A page for one invoice"),
        ),
    ]

    class Meta:
        abstract = True

    @path("")  # type: ignore[untyped-decorator]
    def show(self, request: HttpRequest) -> HttpResponse:
        """Show the invoice that the page is bound to; the bare counter explains itself."""
        if self.invoice is not None:
            return answers.private(self._show_bound)(request, self.invoice)
        words = TemplateResponse(request, self.get_template(request), self.document_context(request))
        return answers.sealed(request, words)

    @path("<str:public_id>/")  # type: ignore[untyped-decorator]
    def show_opened(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show, at the counter, a document whose link was opened in this browser."""
        return answers.private(self._show_opened)(request, public_id)

    def _show_opened(self, request: HttpRequest, public_id: str) -> HttpResponse:
        if self.invoice_id:
            raise Http404
        link = access.opened(request, public_id, ports.now())
        if link.payment_request is not None:
            return payment_requests.show(request, link, page=self)
        return documents.show(request, link, page=self)

    def _show_bound(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        link = access.link_of(invoice.document) if invoice.document else None
        if link is not None and access.may_open(request, link, ports.now()):
            return documents.show(request, link, page=self)
        if link is None:
            return documents.show_draft(request, invoice, page=self)
        raise Http404

    def url_for(self, request: HttpRequest, link: Link) -> str:
        """Return the address at which this page shows the document of ``link``."""
        own: str = self.get_url(request) or ""
        return own if self.invoice_id else own + self.reverse_subpage("show_opened", args=[link.public_id])

    def document_context(self, request: HttpRequest, **shown: Any) -> dict[str, Any]:
        """Return what the template gets: Wagtail's own context, the base template and what is shown."""
        context: dict[str, Any] = self.get_context(request)
        return context | {"base_template": settings.BASE_TEMPLATE} | shown

    def get_template(self, request: HttpRequest, *args: Any, **options: Any) -> list[str]:
        """Return the page type's own template and, where it has none, ours."""
        return [self.template, "wagtail_payments/pages/invoice_page.html"]

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """What an editor can look at: the page, and for a counter also the page with a document on it."""
        modes = [("", _("The page"))]
        return modes if self.invoice_id else [("document", _("With a sample invoice")), *modes]

    @property
    def default_preview_mode(self) -> str:
        """What an editor sees first."""
        return "" if self.invoice_id else "document"

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Draw the page as it is being edited; a sample stands for the documents of customers."""
        if mode_name == "document" and not self.invoice_id:
            seller = sample.seller_of(self.get_site())
            invented = sample.sample(seller, self.locale.language_code)
            return answers.sealed(request, documents.show_sample(request, invented, seller, page=self))
        return self.show(request)

    def save(self, *args: Any, **options: Any) -> None:
        """Save; an alias never has the key, and a bound page is kept out of every public list."""
        if self.alias_of_id:
            self.invoice = None
        was_bound = bool(self.pk) and type(self).objects.filter(pk=self.pk, invoice__isnull=False).exists()
        super().save(*args, **options)
        if was_bound or self.invoice_id:
            self._keep_out_of_lists()

    save.alters_data = True  # type: ignore[attr-defined]

    def _keep_out_of_lists(self) -> None:
        """Wagtail's own mark for "not public" takes a page out of the API, the sitemap and the host's lists.

        For groups, and there is none: a page for whoever is logged in would still be listed to them.
        """
        marks = PageViewRestriction.objects.filter(page_id=self.pk)
        if not self.invoice_id:
            marks.filter(restriction_type=PageViewRestriction.GROUPS, groups=None).delete()
        elif not marks.exists():
            PageViewRestriction.objects.create(page_id=self.pk, restriction_type=PageViewRestriction.GROUPS)

    def get_view_restrictions(self) -> Any:
        """Who holds the link needs no account: a bound page asks for the link, which is stricter than its mark."""
        asked = super().get_view_restrictions()
        return asked.exclude(page_id=self.pk) if self.invoice_id else asked

    @classmethod
    def get_indexed_objects(cls) -> Any:
        """Nothing of an invoice page is found by search."""
        return cls.objects.none()

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """No invoice page stands in the sitemap."""
        return []

    @classmethod
    def from_serializable_data(cls, data: Mapping[str, Any], *args: Any, **options: Any) -> Any:
        """Read a revision; the invoice it names may be a draft that was deleted since."""
        return super().from_serializable_data(without_missing(data, "invoice", Invoice), *args, **options)
