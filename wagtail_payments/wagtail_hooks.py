"""What Wagtail's admin plugs in: a list, nothing more."""

from __future__ import annotations

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from wagtail_payments.admin.books.papers import paper_path
from wagtail_payments.admin.books.shelf import register_books
from wagtail_payments.admin.bulk_guard import refuse_bulk_delete
from wagtail_payments.admin.group import PaymentsGroup
from wagtail_payments.admin.home import add_panels, add_summary_items
from wagtail_payments.admin.invoice_bulk import ExportInvoices, SendInvoices
from wagtail_payments.admin.invoice_bulk_remind import RemindInvoices
from wagtail_payments.admin.invoice_bulk_together import AskTogether
from wagtail_payments.admin.log_words import register_log_words
from wagtail_payments.admin.permissions import register_policies
from wagtail_payments.admin.reports import report_menu_item, report_paths
from wagtail_payments.admin.settings import register_settings

register_policies()
register_settings()
register_books()
register_snippet(PaymentsGroup)

hooks.register("register_admin_urls", lambda: [paper_path(), *report_paths()])
hooks.register("register_reports_menu_item", report_menu_item)
hooks.register("construct_homepage_summary_items", add_summary_items)
hooks.register("construct_homepage_panels", add_panels)
hooks.register("register_log_actions", register_log_words)
hooks.register("before_bulk_action", refuse_bulk_delete)
hooks.register("register_bulk_action", SendInvoices)
hooks.register("register_bulk_action", RemindInvoices)
hooks.register("register_bulk_action", AskTogether)
hooks.register("register_bulk_action", ExportInvoices)
