"""A document on a page: at the app's own address, or in a page of the site."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wagtail_payments import ports
from wagtail_payments.actions import invoices, papers
from wagtail_payments.conf import settings
from wagtail_payments.core.plans import PlanProblem
from wagtail_payments.core.snapshot import Document, Kind
from wagtail_payments.core.totals import CannotAddUp, DiscountTooLarge, MixedPriceBasis
from wagtail_payments.portal import access, answers, logos, quotes, shown, visitors
from wagtail_payments.portal.forms import QuestionForm
from wagtail_payments.portal.messages import message_of
from wagtail_payments.portal.pay_form import PayForm
from wagtail_payments.portal.plan_form import PlanForm
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link
from wagtail_payments.records.sellers import Seller

TEMPLATE = "wagtail_payments/document.html"
SAMPLE_OFFERS = ("Stripe",)


@require_safe
@answers.private
def document(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a document whose link was opened in this browser."""
    return show(request, access.link_to(request, public_id, ports.now()))


def show(
    request: HttpRequest,
    link: Link,
    *,
    page: Any = None,
    question: QuestionForm | None = None,
    pay: PayForm | None = None,
    plan: PlanForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show an issued document in its own language, within ``page`` where there is one.

    ``question``, ``pay`` and ``plan`` are the forms as they were sent, where one needs another look.
    """
    paper = access.paper_of(link)
    with translation.override(paper.language):
        told = {
            "shown": _shown(request, link, pay, plan),
            "icon_url": logos.icon_of(paper.seller),
            "question": question or QuestionForm(),
            "message": message_of(request),
            "by_staff": visitors.is_staff(request),
        }
        return _drawn(request, page, told, status)


def _shown(request: HttpRequest, link: Link, pay: PayForm | None, plan: PlanForm | None) -> shown.Shown:
    if access.paper_of(link).kind == Kind.QUOTE:
        return quotes.page_of(link, ports.now(), request.GET)
    return shown.of_link(link, ports.now(), pay=pay, plan=plan)


def show_draft(request: HttpRequest, invoice: Invoice, *, page: Any = None) -> HttpResponse:
    """Show a draft to staff as the customer would see it; raises ``Http404`` for everyone else."""
    if not visitors.may(request, access.PERMISSIONS["invoice"]):
        raise Http404
    try:
        return show_unissued(request, invoice, page=page)
    except CannotAddUp as problem:
        return not_drawable(request, problem)


def show_unissued(request: HttpRequest, invoice: Invoice, *, page: Any = None) -> HttpResponse:
    """Show an invoice as it stands in a form, saved or not.

    Raises ``CannotAddUp`` or ``ObjectDoesNotExist`` where there is nothing to show yet.
    """
    with translation.override(invoice.language):
        drafted = papers.document_of(invoice=invoice, now=ports.now())
        providers = shown.providers_of(invoice.site, invoices.mode_of(invoice.site))
        return _show_document(request, drafted, invoice.seller, providers, page)


def show_sample(request: HttpRequest, invented: Document, seller: Seller, *, page: Any = None) -> HttpResponse:
    """Show an invented document in the place of a customer's, for an editor who works on the page."""
    with translation.override(invented.language):
        return _show_document(request, invented, seller, SAMPLE_OFFERS, page)


def not_drawable(request: HttpRequest, problem: Exception | None = None) -> HttpResponse:
    """Say in words why there is nothing to preview yet."""
    context = {"base_template": settings.BASE_TEMPLATE, "sentence": _what_to_do(problem)}
    return TemplateResponse(request, "wagtail_payments/portal/nothing_to_preview.html", context).render()


def _what_to_do(problem: Exception | None) -> str:
    match problem:
        case DiscountTooLarge():
            return _("A discount is larger than what it reduces. Lower it to see the invoice.")
        case MixedPriceBasis():
            return _(
                "A discount by amount needs prices that are all with or all without VAT. Give a percentage instead."
            )
        case PlanProblem():
            return _("The parts of the billing plan do not come to the total. Correct them to see the quote.")
        case CannotAddUp():
            return _("These amounts are too large to add up. Please check quantities and prices.")
        case _:
            return _("Choose a customer and write a line, then the invoice is shown here.")


def _show_document(request: HttpRequest, written: Document, seller: Seller, providers: Any, page: Any) -> HttpResponse:
    told = {"shown": shown.of_draft(written, seller, providers), "question": QuestionForm()}
    return _drawn(request, page, told, 200)


def _drawn(request: HttpRequest, page: Any, told: dict[str, Any], status: int) -> HttpResponse:
    """Render at once: a response rendered later would speak the visitor's language and not the document's."""
    if page is None:
        template, context = TEMPLATE, {"base_template": settings.BASE_TEMPLATE} | told
    else:
        template, context = page.get_template(request), page.document_context(request, **told)
    response = TemplateResponse(request, template, context, status=status).render()
    response["Content-Language"] = translation.get_language()
    return response
