"""Signing in three steps, each a page that works without JavaScript: who and what, the code, the signature at last.

A signed cookie says which code this browser asked for, so that nobody else goes on with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core import signing as cookies
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wagtail_payments import ports
from wagtail_payments.actions import billing, signatures, signing
from wagtail_payments.actions.quote_papers import ChoiceRefused
from wagtail_payments.actions.quotes import QuoteRefused
from wagtail_payments.actions.signatures import ChoicesChanged, NotProven, WordsMissing
from wagtail_payments.actions.signing import Signer
from wagtail_payments.conf import settings
from wagtail_payments.core.evidence import text_digest
from wagtail_payments.core.lifecycle import QuoteStatus
from wagtail_payments.mail.addresses import AddressRefused
from wagtail_payments.portal import access, answers, limits, places, visitors
from wagtail_payments.portal.messages import Message, message_of
from wagtail_payments.portal.pay_form import problems_of
from wagtail_payments.portal.quote_answers import drawn
from wagtail_payments.portal.quote_choices import MARK, ChoiceForm
from wagtail_payments.portal.quotes import final_of, quote_of
from wagtail_payments.portal.signer_form import CodeForm, SignerForm, WordsForm
from wagtail_payments.records.agreements import Agreement, SigningCode
from wagtail_payments.records.links import Link
from wagtail_payments.records.quotes import Quote

NAME = "wps-"
PAY_ON_SIGNATURE = "pay_on_signature"
MOST_CODES, MOST_TRIES = 8, 40  # per document and hour


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at the desk where a quote is signed, and the code that this browser asked for, if it did."""

    request: HttpRequest
    link: Link
    quote: Quote
    now: datetime
    code: SigningCode | None

    @property
    def is_open(self) -> bool:
        """Can the quote still be signed?"""
        return self.quote.status_on(self.quote.seller.today(self.now)) is QuoteStatus.SENT

    def to(self, step: str, said: str = "") -> places.SeeOther:
        """Go on to another step."""
        url = reverse(f"wagtail_payments:{step}", args=[self.link.public_id])
        return places.SeeOther(f"{url}?said={said}" if said else url)

    def away(self) -> places.SeeOther:
        """Go back to the quote, which says how it stands."""
        return places.told(self.request, self.link, "unsignable")


def _desk(request: HttpRequest, public_id: str) -> Desk:
    """Raises ``Http404`` for whoever has not opened the link in this browser; staff may look, and not sign."""
    now = ports.now()
    link = access.opened_here(request, public_id, now)
    quote = quote_of(link)
    return Desk(request, link, quote, now, _code_of(request, link, quote))


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def sign(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask what was chosen and who signs; then a code leaves."""
    desk = _desk(request, public_id)
    with translation.override(desk.quote.language):
        if not desk.is_open:
            return desk.away()
        return _begin(desk) if request.method == "POST" else _ask(desk, *_forms(desk))


def _forms(desk: Desk) -> tuple[SignerForm, ChoiceForm]:
    """What was typed before stands in the fields again."""
    sent, code, customer = desk.request.GET, desk.code, desk.quote.customer
    known = {"name": customer.contact_name or (customer.name if customer.is_consumer else "")}
    if code is not None:
        known = {"name": code.name, "role": code.role, "email": code.email}
    chosen = {int(pk): Decimal(quantity) for pk, quantity in code.chosen.items()} if code else None
    return SignerForm(initial=known), ChoiceForm(desk.quote, sent, chosen)


def _ask(desk: Desk, form: SignerForm, choices: ChoiceForm, status: int = 200) -> HttpResponse:
    told = {
        "form": form,
        "choices": choices if choices.lines else None,
        "mark": MARK,
        "problems": [*choices.problems(), *problems_of(form)],
        "message": message_of(desk.request),
    }
    return drawn(desk.request, desk.link, desk.quote, "sign", told, status)


def _begin(desk: Desk) -> HttpResponse:
    form, choices = SignerForm(desk.request.POST), ChoiceForm(desk.quote, desk.request.POST)
    fine = form.is_valid()
    if not (choices.is_valid() or not choices.is_bound) or not fine:
        return _ask(desk, form, choices, 422)
    if not limits.allows(desk.request, "sign", desk.link, desk.now, most=MOST_CODES):
        form.add_error(None, _("You have asked for several codes in a short time. Wait an hour, please."))
        return _ask(desk, form, choices, 429)
    said = form.cleaned_data
    signer, trace = Signer(said["name"], said["role"], said["email"]), visitors.trace_of(desk.request)
    try:
        chosen = choices.chosen()
        row = signing.begin(quote_id=desk.quote.pk, signer=signer, chosen=chosen, now=desk.now, trace=trace)
    except ChoiceRefused as refused:
        form.add_error(None, str(refused))
        return _ask(desk, form, choices, 422)
    except QuoteRefused:
        return desk.away()
    return _with_cookie(desk, desk.to("sign_code"), row)


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def code(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for the code from the letter; a new one can be sent."""
    desk = _desk(request, public_id)
    with translation.override(desk.quote.language):
        if not desk.is_open:
            return desk.away()
        if desk.code is None:
            return desk.to("sign")
        if request.method != "POST":
            return _ask_code(desk, CodeForm())
        return _send_again(desk, desk.code) if "again" in request.POST else _prove(desk, desk.code)


def _ask_code(desk: Desk, form: CodeForm, status: int = 200, message: Message | None = None) -> HttpResponse:
    told = {"form": form, "code": desk.code, "message": message or message_of(desk.request)}
    return drawn(desk.request, desk.link, desk.quote, "sign_code", told, status)


def _prove(desk: Desk, row: SigningCode) -> HttpResponse:
    form = CodeForm(desk.request.POST)
    if not form.is_valid():
        return _ask_code(desk, form, 422)
    if not limits.allows(desk.request, "prove", desk.link, desk.now, most=MOST_TRIES):
        form.add_error("code", _("That was many tries in a short time. Wait an hour, please."))
        return _ask_code(desk, form, 429)
    typed, trace = form.cleaned_data["code"], visitors.trace_of(desk.request)
    if signing.prove(quote_id=desk.quote.pk, code_id=row.pk, typed=typed, now=desk.now, trace=trace):
        return desk.to("sign_confirm")
    form.add_error(
        "code",
        _("This code does not work. Check it, or have a new one sent: each works for ten minutes and a few tries."),
    )
    return _ask_code(desk, form, 422)


def _send_again(desk: Desk, row: SigningCode) -> HttpResponse:
    if not limits.allows(desk.request, "sign", desk.link, desk.now, most=MOST_CODES):
        return desk.to("sign_code", "many_codes")
    signer, chosen = Signer(row.name, row.role, row.email), {int(pk): Decimal(q) for pk, q in row.chosen.items()}
    try:
        trace = visitors.trace_of(desk.request)
        fresh = signing.begin(quote_id=desk.quote.pk, signer=signer, chosen=chosen, now=desk.now, trace=trace)
    except (QuoteRefused, ChoiceRefused, AddressRefused):
        return desk.away()
    return _with_cookie(desk, desk.to("sign_code", "code_sent"), fresh)


@require_http_methods(["GET", "HEAD", "POST"])
@answers.private
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the final version with the sentence of consent, and sign it: the last step."""
    desk = _desk(request, public_id)
    with translation.override(desk.quote.language):
        if desk.code is None:
            return desk.to("sign")
        if request.method == "POST":
            return _sign(desk, desk.code)
        return _show_final(desk, desk.code, None) if desk.is_open else desk.away()


def _show_final(
    desk: Desk, row: SigningCode, form: WordsForm | None, status: int = 200, message: Message | None = None
) -> HttpResponse:
    try:
        what = signatures.final(quote=desk.quote, code_id=row.pk, now=desk.now)
    except (NotProven, ChoiceRefused):
        return desk.to("sign", "prove_again")
    told = {
        "shown": final_of(desk.link, desk.quote, what.document),
        "what": what,
        "form": form or WordsForm(words=what.words),
        "terms_sha256": text_digest(what.document.terms) if what.document.terms else "",
        "is_order": what.document.customer.kind == "consumer",
        "message": message,
    }
    return drawn(desk.request, desk.link, desk.quote, "sign_confirm", told, status)


def _sign(desk: Desk, row: SigningCode) -> HttpResponse:
    sent = desk.request.POST
    shown, typed = sent.get("shown", ""), sent.get("typed", "")
    trace = visitors.trace_of(desk.request)
    try:
        agreement = signatures.sign(
            quote_id=desk.quote.pk, code_id=row.pk, shown=shown, typed=typed, now=desk.now, trace=trace
        )
    except WordsMissing as missing:
        form = WordsForm(sent, words=missing.words)
        form.add_error("typed", _("Write “%(words)s” to sign.") % {"words": missing.words})
        return _show_final(desk, row, form, 422)
    except ChoicesChanged as changed:
        return _show_final(desk, row, None, 409, Message("soon", "alert", str(changed), is_error=True))
    except NotProven:
        return desk.to("sign", "prove_again")
    except (QuoteRefused, ChoiceRefused):
        return desk.away()
    return _signed(desk, agreement)


def _signed(desk: Desk, agreement: Agreement) -> HttpResponse:
    """What comes after the signature: what is to be paid at once, or the quote, which says that it is signed."""
    if desk.quote.seller.quote_rule == PAY_ON_SIGNATURE:
        invoice = billing.bill_at_signature(quote=agreement.quote, now=desk.now)
        link = access.link_of(invoice.document) if invoice is not None and invoice.document is not None else None
        if link is not None:
            response = places.told(desk.request, link, "signed_to_pay")
            access.grant(desk.request, response, link, desk.now)
            return response
    return places.told(desk.request, desk.link, "signed")


def _code_of(request: HttpRequest, link: Link, quote: Quote) -> SigningCode | None:
    try:
        pk = _signer(link).unsign(request.COOKIES.get(_cookie_name(request, link), ""))
    except cookies.BadSignature:
        return None
    return SigningCode.objects.filter(pk=pk, quote=quote).first()


def _with_cookie(desk: Desk, response: places.SeeOther, row: SigningCode) -> HttpResponse:
    response.set_cookie(
        _cookie_name(desk.request, desk.link),
        _signer(desk.link).sign(str(row.pk)),
        secure=desk.request.is_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _cookie_name(request: HttpRequest, link: Link) -> str:
    return f"{'__Host-' if request.is_secure() else ''}{NAME}{link.public_id}"


def _signer(link: Link) -> cookies.Signer:
    keys: list[bytes | str] = [key.secret for key in settings.LINK_KEYS]
    return cookies.Signer(key=keys[0], fallback_keys=keys[1:], salt=f"wagtail_payments.signing.{link.public_id}")
