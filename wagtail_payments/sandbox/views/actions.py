"""What the dashboard's buttons do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from wagtail_payments.sandbox import paying
from wagtail_payments.sandbox.amounts import decimals
from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.permission import only_where_allowed
from wagtail_payments.sandbox.resources import disputes, refunds, sessions
from wagtail_payments.sandbox.resources.lookup import found
from wagtail_payments.sandbox.rules import RefundEnding
from wagtail_payments.sandbox.running import current

_MOST_DAYS = 400
_SWITCHES = ("twice", "late", "out_of_order", "lost")


@only_where_allowed
@csrf_protect
@require_POST
def act(request: HttpRequest, verb: str) -> HttpResponse:
    """Do what one button says, then show its page again."""
    action = _ACTIONS.get(verb)
    if action is None:
        raise Http404("The dashboard has no such button.")
    back = reverse(f"wagtail_payments_sandbox:{action.page}")
    try:
        action.run(current(), request.POST)
    except Refused as refusal:
        facts = {"refusal": str(refusal), "back": back, "page": action.page}
        return render(request, "wagtail_payments_sandbox/refused.html", facts, status=409)
    return HttpResponseRedirect(f"{back}?done={verb}")


def _refund(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        intent = found(world, "payment_intent", form.get("id", ""))
        amount = _minor_units(form.get("amount", ""), intent["currency"])
        refunds.create(world, {"payment_intent": intent["id"], "amount": str(amount)})


def _minor_units(typed: str, currency: str) -> int:
    """An amount as people type it, with a point or a comma."""
    try:
        amount = Decimal(typed.replace(",", ".").replace(" ", "")).scaleb(decimals(currency))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Refused(_("Type an amount, like 12.50."))
    if amount != amount.to_integral_value():
        raise Refused(_("The amount has too many decimals."))
    return int(amount)


def _fail_refund(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        refund = found(world, refunds.KIND, form.get("id", ""))
        if refund["status"] not in ("pending", "succeeded"):
            raise Refused(_("This refund has already failed."))
        refunds.fail(world, refund)


def _dispute(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        disputes.open_for(world, found(world, "charge", form.get("id", "")))


def _inquire(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        disputes.open_for(world, found(world, "charge", form.get("id", "")), reason="general", inquiry=True)


def _return_debit(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        disputes.return_debit(world, found(world, "charge", form.get("id", "")))


def _escalate(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        disputes.escalate(world, found(world, disputes.KIND, form.get("id", "")))


def _answer_dispute(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        disputes.answer(world, found(world, disputes.KIND, form.get("id", "")))


def _close_dispute(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        dispute = found(world, disputes.KIND, form.get("id", ""))
        disputes.close(world, dispute, won=form.get("ending") == "won")


def _expire(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        sessions.expire(world, {}, form.get("id", ""))


def _settle(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working() as world:
        session = found(world, sessions.KIND, form.get("id", ""))
        intent = found(world, "payment_intent", session["payment_intent"] or "")
        paying.settle_as(world, intent, paid=form.get("ending") == "paid")


def _resend(sandbox: Sandbox, form: QueryDict) -> None:
    with sandbox.working():
        sandbox.outbox.resend(form.get("id", ""))


def _switches(sandbox: Sandbox, form: QueryDict) -> None:
    for name in _SWITCHES:
        setattr(sandbox.outbox.switches, name, 1.0 if form.get(name) else 0.0)
    ending = form.get("refund_ending", "")
    if ending in set(RefundEnding):
        sandbox.rules.refund_ending = RefundEnding(ending)


def _forward(sandbox: Sandbox, form: QueryDict) -> None:
    typed = form.get("days", "")
    days = int(typed) if typed.isascii() and typed.isdigit() else 0
    if not 1 <= days <= _MOST_DAYS:
        raise Refused(_("Type a number of days from 1 to %(most)s.") % {"most": _MOST_DAYS})
    sandbox.bring_forward(timedelta(days=days))


def _reset(sandbox: Sandbox, form: QueryDict) -> None:
    sandbox.reset()


@dataclass(frozen=True, slots=True)
class _Action:
    """A button: what it does and the page it stands on."""

    run: Callable[[Sandbox, QueryDict], None]
    page: str


_ACTIONS = {
    "refund": _Action(_refund, "payments"),
    "fail_refund": _Action(_fail_refund, "payments"),
    "dispute": _Action(_dispute, "payments"),
    "inquire": _Action(_inquire, "payments"),
    "return_debit": _Action(_return_debit, "payments"),
    "escalate": _Action(_escalate, "payments"),
    "answer_dispute": _Action(_answer_dispute, "payments"),
    "close_dispute": _Action(_close_dispute, "payments"),
    "expire": _Action(_expire, "sessions"),
    "settle": _Action(_settle, "sessions"),
    "resend": _Action(_resend, "events"),
    "switches": _Action(_switches, "behaviour"),
    "forward": _Action(_forward, "behaviour"),
    "reset": _Action(_reset, "behaviour"),
}
