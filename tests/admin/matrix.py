"""Every URL of ours in the admin, with who may ask for it and who may post to it.

A new URL without a row fails ``test_permissions.py``. Permissions are code names, joined by ``&`` where all are
needed; ``NOBODY`` means that no one may, not even a superuser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

from tests.admin.business import Business

NOBODY = "nobody"
MISSING = 987_654


@dataclass(frozen=True)
class Row:
    """One URL: the permissions for GET and POST, and the names of the records in its path.

    ``foreign`` names a record that exists but belongs elsewhere: it must look as if it were missing.
    """

    get: str
    post: str = NOBODY
    of: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    query: str = ""

    @property
    def see(self) -> str:
        """The permission to see such records at all: who has it may learn which ones exist."""
        first = (self.post if self.get == NOBODY else self.get).split("&")[0]
        return f"view_{first.split('_', 1)[1]}"


def _book(model: str, record: str, verb: str = "", permission: str = "") -> dict[str, Row]:
    name = f"wagtail_payments_book_{model}"
    rows = {
        f"{name}_index": Row(f"view_{model}"),
        f"{name}_results": Row(f"view_{model}"),
        f"{name}_inspect": Row(f"view_{model}", of={"instance_pk": record}),
    }
    return rows | ({f"{name}_{verb}": Row(NOBODY, permission, {"pk": record})} if verb else {})


def _viewset(namespace: str, model: str, record: str, listing: str) -> dict[str, Row]:
    of = {"pk": record}
    rows = {
        f"{listing}": Row(f"view_{model}"),
        f"{listing}_results": Row(f"view_{model}"),
        "add": Row(f"add_{model}", f"add_{model}"),
        "edit": Row(f"change_{model}", f"change_{model}", of),
        "delete": Row(f"delete_{model}", f"delete_{model}", {"pk": f"fresh_{record}"}),
        "history": Row(f"change_{model}", of=of),
        "history_results": Row(f"change_{model}", of=of),
        "usage": Row(f"change_{model}", of=of),
    }
    return {f"{namespace}:{name}": row for name, row in rows.items()}


def _chooser(namespace: str, model: str, record: str, *, creates: bool = False) -> dict[str, Row]:
    rows = {
        "choose": Row(f"view_{model}"),
        "choose_results": Row(f"view_{model}"),
        "chosen": Row(f"view_{model}", of={"pk": record}),
        "chosen_multiple": Row(f"view_{model}", query="id={pk}"),
    }
    if creates:
        rows["create"] = Row(f"add_{model}", f"add_{model}")
    return {f"{namespace}:{name}": row for name, row in rows.items()}


def _invoice_verbs() -> dict[str, Row]:
    draft, issued = {"pk": "draft"}, {"pk": "invoice"}
    together = {"pk": "invoice", "request_pk": "payment_request"}
    elsewhere = together | {"pk": "other_invoice"}
    see = "view_invoice"
    rows = {
        "history": Row("history_invoice", of=issued),
        "history_results": Row("history_invoice", of=issued),
        "preview_on_add": Row("add_invoice", "add_invoice"),
        "preview_on_edit": Row("change_invoice", "change_invoice", draft),
        "new_totals": Row(NOBODY, "add_invoice"),
        "totals": Row(NOBODY, "change_invoice", draft),
        "item": Row("change_invoice", "change_invoice", {"pk": "item"}),
        "customer": Row("change_invoice", "change_invoice", {"pk": "customer"}),
        "desk": Row(see, of=issued),
        "review": Row(see, of=draft),
        "issue": Row(NOBODY, f"{see}&issue_invoice", draft),
        "compose": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", issued),
        "send_test": Row(NOBODY, f"{see}&issue_invoice", issued),
        "pay": Row(f"{see}&record_payment", f"{see}&record_payment", issued),
        "promise": Row(f"{see}&record_payment", f"{see}&record_payment", issued),
        "promise_withdraw": Row(f"{see}&record_payment", f"{see}&record_payment", issued),
        "credit": Row(f"{see}&make_refund", f"{see}&make_refund", issued),
        "refund": Row(f"{see}&make_refund", f"{see}&make_refund", issued),
        "overpayment": Row(
            f"{see}&make_refund",
            f"{see}&make_refund",
            {"pk": "invoice", "payment_pk": "payment"},
            {"pk": "invoice", "payment_pk": "other_payment"},
        ),
        "refund_credit": Row(
            f"{see}&make_refund",
            f"{see}&make_refund",
            {"pk": "invoice", "note_pk": "credit_note"},
            {"pk": "other_invoice", "note_pk": "credit_note"},
        ),
        "write_off": Row(f"{see}&writeoff_invoice", f"{see}&writeoff_invoice", issued),
        "recover": Row(f"{see}&writeoff_invoice", f"{see}&writeoff_invoice", issued),
        "use_credit": Row(
            NOBODY,
            f"{see}&record_payment",
            {"pk": "invoice", "note_pk": "credit_note"},
            {"pk": "other_invoice", "note_pk": "credit_note"},
        ),
        "use_money": Row(
            NOBODY,
            f"{see}&record_payment",
            {"pk": "invoice", "payment_pk": "payment"},
            {"pk": "invoice", "payment_pk": "other_payment"},
        ),
        "correct": Row(f"{see}&add_invoice", of=issued),
        "reissue": Row(f"{see}&make_refund&add_invoice", f"{see}&make_refund&add_invoice", issued),
        "corrective": Row(f"{see}&make_refund&add_invoice", f"{see}&make_refund&add_invoice", issued),
        "revise": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", issued),
        "added": Row(
            see,
            of={"pk": "invoice", "attachment_pk": "added"},
            foreign={"pk": "other_invoice", "attachment_pk": "added"},
        ),
        "remind": Row(f"{see}&send_reminder", f"{see}&send_reminder", issued),
        "mute": Row(f"{see}&send_reminder", f"{see}&send_reminder", issued),
        "deposits": Row(see, of=draft),
        "deposit_ask": Row(f"{see}&add_invoice", f"{see}&add_invoice", draft),
        "deposit_decide": Row(
            NOBODY,
            f"{see}&issue_invoice",
            {"pk": "contract", "deposit_pk": "deposit"},
            {"pk": "other_invoice", "deposit_pk": "deposit"},
        ),
        "deposit_take": Row(
            NOBODY,
            f"{see}&change_invoice",
            {"pk": "contract", "deposit_pk": "deposit"},
            {"pk": "other_invoice", "deposit_pk": "deposit"},
        ),
        "deposit_let_go": Row(
            NOBODY,
            f"{see}&change_invoice",
            {"pk": "contract", "deposit_pk": "deposit"},
            {"pk": "other_invoice", "deposit_pk": "deposit"},
        ),
        "deposit_new": Row("add_invoice", "add_invoice"),
        "proforma": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", draft),
        "proforma_pdf": Row(
            see,
            of={"pk": "contract", "proforma_pk": "proforma"},
            foreign={"pk": "other_invoice", "proforma_pk": "proforma"},
        ),
        "duplicate": Row("add_invoice", "add_invoice", issued),
        "pdf": Row(see, of=issued),
        "attachment": Row(
            see,
            of={"pk": "invoice", "attachment_pk": "attachment"},
            foreign={"pk": "other_invoice", "attachment_pk": "attachment"},
        ),
        "refresh": Row(
            NOBODY,
            see,
            {"pk": "invoice", "attempt_pk": "attempt"},
            {"pk": "other_invoice", "attempt_pk": "attempt"},
        ),
        "link": Row(f"{see}&issue_invoice", of=issued),
        "link_renew": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", issued),
        "link_revoke": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", issued),
        "together": Row(f"{see}&issue_invoice", of=together, foreign=elsewhere),
        "together_renew": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", together, elsewhere),
        "together_revoke": Row(f"{see}&issue_invoice", f"{see}&issue_invoice", together, elsewhere),
    }
    return {f"wagtail_payments_invoice:{name}": row for name, row in rows.items()}


def _seller_letters() -> dict[str, Row]:
    changes, of = "change_seller", {"pk": "seller"}
    words = {"pk": "seller", "key": "words_key", "language": "words_language"}
    foreign = words | {"key": "other_words_key"}
    rows = {
        "reminders": Row(changes, changes, of),
        "words": Row(changes, of=of),
        "words_open": Row(changes),
        "words_edit": Row(changes, changes, words, foreign),
        "words_preview": Row(NOBODY, changes, words, foreign),
        "words_restore": Row(changes, changes, words, foreign),
    }
    return {f"wagtail_payments_seller:{name}": row for name, row in rows.items()}


def _event_verbs() -> dict[str, Row]:
    see, of = "view_event", {"pk": "event"}
    rows = {
        "desk": Row(see, of=of),
        "new_page": Row(see, see, of),  # who may add no page is led back to the desk
        "cancel": Row(f"{see}&cancel_event", f"{see}&cancel_event", of),
        "announce": Row(f"{see}&write_event", f"{see}&write_event", of),
        "retry": Row(
            NOBODY,
            f"{see}&cancel_registration",
            {"pk": "event", "cancellation_pk": "cancellation"},
            {"pk": "other_event", "cancellation_pk": "cancellation"},
        ),
        "attendees": Row(f"{see}&view_registration", of=of),
        "print": Row(f"{see}&view_registration", of=of),
        "write": Row(f"{see}&write_event", f"{see}&write_event", of),
    }
    return {f"wagtail_payments_event:{name}": row for name, row in rows.items()}


def _quote_verbs() -> dict[str, Row]:
    draft, sent = {"pk": "draft_quote"}, {"pk": "quote"}
    see, sends = "view_quote", "view_quote&send_quote"
    rows = {
        "history": Row("history_quote", of=sent),
        "history_results": Row("history_quote", of=sent),
        "preview_on_add": Row("add_quote", "add_quote"),
        "preview_on_edit": Row("change_quote", "change_quote", draft),
        "new_totals": Row(NOBODY, "add_quote"),
        "totals": Row(NOBODY, "change_quote", draft),
        "item": Row("change_quote", "change_quote", {"pk": "item"}),
        "customer": Row("change_quote", "change_quote", {"pk": "customer"}),
        "desk": Row(see, of=sent),
        "review": Row(see, of=draft),
        "compose": Row(sends, sends, sent),
        "revise": Row("add_quote", "add_quote", sent),
        "duplicate": Row("add_quote", "add_quote", sent),
        "accept": Row(sends, sends, sent),
        "decline": Row(sends, sends, sent),
        "cancel": Row(sends, sends, sent),
        "bill": Row(f"{see}&add_invoice", f"{see}&add_invoice", {"pk": "accepted_quote", "step": "first_step"}),
        "answer": Row(sends, sends, sent),
        "pdf": Row(see, of=sent),
        "attachment": Row(
            see,
            of={"pk": "quote", "attachment_pk": "quote_attachment"},
            foreign={"pk": "accepted_quote", "attachment_pk": "quote_attachment"},
        ),
        "proof": Row(see, of={"pk": "accepted_quote"}, foreign={"pk": "quote"}),
        "signed": Row(see, of={"pk": "signed_quote"}, foreign={"pk": "accepted_quote"}),
        "evidence": Row(see, of=sent),
        "link": Row(sends, of=sent),
        "link_renew": Row(sends, sends, sent),
        "link_revoke": Row(sends, sends, sent),
    }
    return {f"wagtail_payments_quote:{name}": row for name, row in rows.items()}


def _registration_verbs() -> dict[str, Row]:
    see, of, name = "view_registration", {"pk": "registration"}, "wagtail_payments_book_registration"
    changes = f"{see}&change_registration"
    return {
        f"{name}_cancel": Row(f"{see}&cancel_registration", f"{see}&cancel_registration", of),
        f"{name}_attendee": Row(
            changes,
            changes,
            {"pk": "registration", "seat_pk": "seat"},
            {"pk": "other_registration", "seat_pk": "seat"},
        ),
        f"{name}_answers": Row(changes, changes, of),
        f"{name}_confirm": Row(NOBODY, changes, of),
        f"{name}_renew": Row(NOBODY, changes, of),
    }


ROWS: dict[str, Row] = {
    **_book("creditnote", "credit_note"),
    **_book("payment", "payment"),
    **_book("refund", "refund"),
    **_book("dispute", "dispute"),
    **_book("entry", "entry"),
    **_book("webhookdelivery", "delivery", "retry", "retry_webhookdelivery"),
    **_book("letter", "letter", "resend", "resend_letter"),
    **_book("reminder", "reminder", "send", "send_reminder"),
    "wagtail_payments_book_reminder_arrived": Row(NOBODY, "send_reminder", {"pk": "reminder"}),
    **_book("alert", "alert", "settle", "change_alert"),
    "wagtail_payments_paper": Row("view_payment", of={"pk": "receipt"}),
    "wagtail_payments_receipts_ledger": Row("view_entry"),
    "wagtail_payments_receipts_ledger_results": Row("view_entry"),
    **_book("registration", "registration"),
    **_registration_verbs(),
    **_viewset("wagtail_payments_event", "event", "event", "list"),
    **_event_verbs(),
    **_chooser("wagtailsnippetchoosers_wagtail_payments_event", "event", "event"),
    **_viewset("wagtail_payments_invoice", "invoice", "draft", "list"),
    **_invoice_verbs(),
    **_viewset("wagtail_payments_quote", "quote", "draft_quote", "list"),
    **_quote_verbs(),
    **_chooser("wagtailsnippetchoosers_wagtail_payments_quote", "quote", "quote"),
    **_viewset("wagtail_payments_customer", "customer", "customer", "list"),
    **_viewset("wagtail_payments_catalogue", "catalogueitem", "item", "list"),
    **_chooser("wagtailsnippetchoosers_wagtail_payments_invoice", "invoice", "invoice"),
    **_chooser("wagtailsnippetchoosers_wagtail_payments_customer", "customer", "customer", creates=True),
    **_chooser("wagtailsnippetchoosers_wagtail_payments_catalogueitem", "catalogueitem", "item"),
    **_chooser("wagtail_payments_invoice_chooser", "invoice", "invoice"),
    **{
        name: row
        for name, row in _viewset("wagtail_payments_seller", "seller", "seller", "index").items()
        if not name.endswith(":usage")
    },
    "wagtail_payments_seller:open": Row("view_seller"),
    **_seller_letters(),
}


def our_urls() -> Iterator[tuple[str, str]]:
    """Yield the name and the path of every URL of ours in the admin."""
    for path, name, pattern in _walk(get_resolver().url_patterns):
        module = getattr(pattern.callback, "view_class", pattern.callback).__module__
        if path.startswith("admin/") and ("payments" in path + name or module.startswith("wagtail_payments")):
            yield name, path


def _walk(
    patterns: list[URLPattern | URLResolver], path: str = "", name: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        inner = path + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield inner, name + (pattern.name or ""), pattern
        else:
            yield from _walk(pattern.url_patterns, inner, name + (f"{pattern.namespace}:" if pattern.namespace else ""))


def keys(business: Business) -> dict[str, int]:
    """Return the keys of the records that the rows name."""
    return {
        "invoice": business.invoice.pk,
        "draft": business.draft.pk,
        "customer": business.invoice.customer_id,
        "payment": business.payment.pk,
        "credit_note": business.credit_note.pk,
        "refund": business.refund.pk,
        "dispute": business.dispute.pk,
        "entry": business.entry.pk,
        "letter": business.letter.pk,
        "delivery": business.delivery.pk,
        "alert": business.alert.pk,
        "receipt": business.receipt.pk,
        "seller": business.invoice.seller_id,
    }
