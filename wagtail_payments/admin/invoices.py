"""Invoices in the admin: one viewset for the list, the editor, the desk and the verbs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin import advances
from wagtail_payments.admin import deposits as asking
from wagtail_payments.admin import invoice_applying as applying
from wagtail_payments.admin import invoice_correct as correcting
from wagtail_payments.admin import invoice_editor as editor
from wagtail_payments.admin import invoice_issue as issuing
from wagtail_payments.admin import invoice_links as linking
from wagtail_payments.admin import invoice_promise as promising
from wagtail_payments.admin import invoice_refund as refunding
from wagtail_payments.admin import invoice_reminders as reminding
from wagtail_payments.admin import invoice_revise as revising
from wagtail_payments.admin import invoice_together as joining
from wagtail_payments.admin.drafts import TEMPLATES, DraftViewSet
from wagtail_payments.admin.invoice_desk import DeskView
from wagtail_payments.admin.invoice_list import InvoiceFilterSet, InvoiceIndexView
from wagtail_payments.admin.invoice_panels import invoice_edit_handler
from wagtail_payments.admin.invoice_payment import PayView
from wagtail_payments.admin.invoice_refresh import RefreshView
from wagtail_payments.admin.invoice_write_off import RecoverView, WriteOffView
from wagtail_payments.admin.places import INVOICES
from wagtail_payments.admin.proformas import ProformaPdfView, ProformaView
from wagtail_payments.records.invoices import Invoice


class InvoiceViewSet(DraftViewSet):
    """Everything about invoices."""

    model = Invoice
    icon = "doc-full"
    menu_name = "payments-invoices"
    menu_label = _("Invoices")
    url_namespace = INVOICES
    url_prefix = "payments/invoices"
    index_view_class = InvoiceIndexView
    add_view_class = editor.InvoiceCreateView
    edit_view_class = editor.InvoiceEditView
    delete_view_class = editor.InvoiceDeleteView
    index_template_name = f"{TEMPLATES}/index.html"
    index_results_template_name = f"{TEMPLATES}/index_results.html"
    filterset_class = InvoiceFilterSet
    list_export = InvoiceIndexView.list_export
    export_filename = "invoices"

    @cached_property
    def edit_handler(self) -> Any:
        """The panels of the editor."""
        return invoice_edit_handler()

    def get_urlpatterns(self) -> list[URLPattern]:
        """Wagtail's views, and ours."""
        return [*super().get_urlpatterns(), *verb_urls(), *deposit_urls(), *link_urls()]


def verb_urls() -> list[URLPattern]:
    """Return the verbs, each a view of its own."""
    return [
        path("desk/<int:pk>/", DeskView.as_view(), name="desk"),
        path("review/<int:pk>/", issuing.ReviewView.as_view(), name="review"),
        path("issue/<int:pk>/", issuing.IssueView.as_view(), name="issue"),
        path("compose/<int:pk>/", issuing.ComposeView.as_view(), name="compose"),
        path("send-test/<int:pk>/", issuing.SendTestView.as_view(), name="send_test"),
        path("pay/<int:pk>/", PayView.as_view(), name="pay"),
        path("promise/<int:pk>/", promising.PromiseView.as_view(), name="promise"),
        path("promise/<int:pk>/withdraw/", promising.WithdrawPromiseView.as_view(), name="promise_withdraw"),
        path("credit/<int:pk>/", refunding.CreditView.as_view(), name="credit"),
        path("refund/<int:pk>/", refunding.RefundView.as_view(), name="refund"),
        path("overpayment/<int:pk>/<int:payment_pk>/", refunding.OverpaymentView.as_view(), name="overpayment"),
        path("refund-credit/<int:pk>/<int:note_pk>/", refunding.RefundCreditView.as_view(), name="refund_credit"),
        path("write-off/<int:pk>/", WriteOffView.as_view(), name="write_off"),
        path("recover/<int:pk>/", RecoverView.as_view(), name="recover"),
        path("use-credit/<int:pk>/<int:note_pk>/", applying.UseCreditView.as_view(), name="use_credit"),
        path("use-money/<int:pk>/<int:payment_pk>/", applying.UseMoneyView.as_view(), name="use_money"),
        path("correct/<int:pk>/", correcting.CorrectView.as_view(), name="correct"),
        path("reissue/<int:pk>/", correcting.ReissueView.as_view(), name="reissue"),
        path("corrective/<int:pk>/", correcting.CorrectiveView.as_view(), name="corrective"),
        path("revise/<int:pk>/", revising.ReviseView.as_view(), name="revise"),
        path("added/<int:pk>/<int:attachment_pk>/", revising.AddedView.as_view(), name="added"),
        path("remind/<int:pk>/", reminding.RemindView.as_view(), name="remind"),
        path("mute/<int:pk>/", reminding.MuteView.as_view(), name="mute"),
        path("duplicate/<int:pk>/", linking.DuplicateView.as_view(), name="duplicate"),
        path("pdf/<int:pk>/", linking.PdfView.as_view(), name="pdf"),
        path("attachment/<int:pk>/<int:attachment_pk>/", linking.AttachmentView.as_view(), name="attachment"),
        path("refresh/<int:pk>/<int:attempt_pk>/", RefreshView.as_view(), name="refresh"),
    ]


def deposit_urls() -> list[URLPattern]:
    """Return what is asked for before an invoice: deposits and pro formas."""
    return [
        path("deposits/<int:pk>/", asking.DepositsView.as_view(), name="deposits"),
        path("deposits/<int:pk>/ask/", asking.AskView.as_view(), name="deposit_ask"),
        path("deposits/<int:pk>/<int:deposit_pk>/", asking.DecideView.as_view(), name="deposit_decide"),
        path("deposits/<int:pk>/<int:deposit_pk>/take/", advances.TakeView.as_view(), name="deposit_take"),
        path("deposits/<int:pk>/<int:deposit_pk>/let-go/", advances.LetGoView.as_view(), name="deposit_let_go"),
        path("deposit/new/", advances.NewDepositView.as_view(), name="deposit_new"),
        path("proforma/<int:pk>/", ProformaView.as_view(), name="proforma"),
        path("proforma/<int:pk>/<int:proforma_pk>/", ProformaPdfView.as_view(), name="proforma_pdf"),
    ]


def link_urls() -> list[URLPattern]:
    """Return the links of an invoice, its own and those to pay it with others."""
    return [
        path("link/<int:pk>/", linking.LinkView.as_view(), name="link"),
        path("link/<int:pk>/renew/", linking.RenewLinkView.as_view(), name="link_renew"),
        path("link/<int:pk>/revoke/", linking.RevokeLinkView.as_view(), name="link_revoke"),
        path("together/<int:pk>/<int:request_pk>/", joining.TogetherView.as_view(), name="together"),
        path("together/<int:pk>/<int:request_pk>/renew/", joining.RenewTogetherView.as_view(), name="together_renew"),
        path("together/<int:pk>/<int:request_pk>/end/", joining.RevokeTogetherView.as_view(), name="together_revoke"),
    ]
