"""Quotes in the admin: one viewset for the list, the editor, the desk and the verbs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from wagtail_payments.admin import quote_answers as answers
from wagtail_payments.admin import quote_editor as editor
from wagtail_payments.admin import quote_papers as papers
from wagtail_payments.admin import quote_verbs as verbs
from wagtail_payments.admin.drafts import DraftDeleteView, DraftViewSet
from wagtail_payments.admin.places import QUOTES
from wagtail_payments.admin.quote_billing import BillView
from wagtail_payments.admin.quote_desk import DeskView
from wagtail_payments.admin.quote_forms import quote_edit_handler
from wagtail_payments.admin.quote_list import QuoteFilterSet, QuoteIndexView
from wagtail_payments.records.quotes import Quote


class QuoteViewSet(DraftViewSet):
    """Everything about quotes."""

    model = Quote
    icon = "form"
    menu_name = "payments-quotes"
    menu_label = _("Quotes")
    url_namespace = QUOTES
    url_prefix = "payments/quotes"
    index_view_class = QuoteIndexView
    add_view_class = editor.QuoteCreateView
    edit_view_class = editor.QuoteEditView
    delete_view_class = DraftDeleteView
    index_template_name = "wagtail_payments/admin/quotes/index.html"
    index_results_template_name = "wagtail_payments/admin/quotes/index_results.html"
    filterset_class = QuoteFilterSet

    @cached_property
    def edit_handler(self) -> Any:
        """The panels of the editor."""
        return quote_edit_handler()

    def get_urlpatterns(self) -> list[URLPattern]:
        """Wagtail's views, and ours."""
        return [*super().get_urlpatterns(), *verb_urls()]


def verb_urls() -> list[URLPattern]:
    """Return the verbs, each a view of its own."""
    return [
        path("desk/<int:pk>/", DeskView.as_view(), name="desk"),
        path("review/<int:pk>/", verbs.ReviewView.as_view(), name="review"),
        path("compose/<int:pk>/", verbs.ComposeView.as_view(), name="compose"),
        path("revise/<int:pk>/", verbs.ReviseView.as_view(), name="revise"),
        path("duplicate/<int:pk>/", verbs.DuplicateView.as_view(), name="duplicate"),
        path("accept/<int:pk>/", answers.AcceptView.as_view(), name="accept"),
        path("decline/<int:pk>/", answers.DeclineView.as_view(), name="decline"),
        path("cancel/<int:pk>/", answers.CancelView.as_view(), name="cancel"),
        path("answer/<int:pk>/", answers.AnswerView.as_view(), name="answer"),
        path("bill/<int:pk>/<int:step>/", BillView.as_view(), name="bill"),
        path("pdf/<int:pk>/", papers.PdfView.as_view(), name="pdf"),
        path("attachment/<int:pk>/<int:attachment_pk>/", papers.AttachmentView.as_view(), name="attachment"),
        path("proof/<int:pk>/", papers.ProofView.as_view(), name="proof"),
        path("signed/<int:pk>/", papers.SignedView.as_view(), name="signed"),
        path("evidence/<int:pk>/", papers.EvidenceView.as_view(), name="evidence"),
        path("link/<int:pk>/", verbs.LinkView.as_view(), name="link"),
        path("link/<int:pk>/renew/", verbs.RenewLinkView.as_view(), name="link_renew"),
        path("link/<int:pk>/revoke/", verbs.RevokeLinkView.as_view(), name="link_revoke"),
    ]
