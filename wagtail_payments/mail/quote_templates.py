"""The built-in words of letters about quotes, in the order in which a quote may need them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import templates, vocabulary
from wagtail_payments.mail.templates import MARKS, Said, Template

# The kinds of letter of which the words stand here.
KINDS = ("quote", "quote_answer", "signing_code", "quote_signed", "withdrawal")


def _quote(opening: str) -> Said:
    paragraphs = [
        _("Hello {{ customer }},"),
        opening,
        _("It is valid until {{ valid_until }}. You can read and answer it online, without an account:"),
        "#LINK",
        _("Do you have a question? Simply reply to this e-mail."),
        _("Kind regards") + "\n{{ seller }}",
    ]
    return Said(_("Quote {{ number }} from {{ seller }}: {{ amount }}"), templates.joined(*paragraphs))


def _first() -> Said:
    return _quote(_("Here is your quote {{ number }} of {{ amount }}."))


def _changed() -> Said:
    return _quote(_("Here is the new version of your quote: {{ number }}, {{ amount }}. It replaces the one before."))


def _said(subject: str, *texts: str) -> Said:
    return Said(subject % MARKS, templates.joined(*(text % MARKS for text in texts)))


def _answer() -> Said:
    return _said(_("Your question about quote %(number)s"), "{{ answer }}", "{{ you_asked }}")


def _code() -> Said:
    return _said(
        _("Your code to sign quote %(number)s"),
        _("Your code to sign quote %(number)s from %(seller)s is:"),
        "{{ code }}",
        _("It works for %(minutes)s minutes, once."),
        _("You asked for no code? Then somebody mistyped an address: you need do nothing."),
    )


def _signed() -> Said:
    return _said(
        _("Your signed quote %(number)s from %(seller)s"),
        _("You have signed quote %(number)s from %(seller)s: %(amount)s. Thank you!"),
        _("The signed quote is attached, with the certificate of your signature. Keep it."),
    )


def _withdrawn() -> Said:
    return _said(
        _("Your withdrawal from quote %(number)s has arrived"),
        _("%(seller)s has received your withdrawal. Keep this letter: it is your proof."),
        "{{ statement }}",
        _("What you have paid is sent back within 14 days at most."),
    )


_NUMBER = (gettext_lazy("Quote"), "number")
_SUBJECT = (gettext_lazy("Subject"), "title")
_FACTS = (
    _NUMBER,
    _SUBJECT,
    (gettext_lazy("Total"), "amount"),
    (gettext_lazy("Valid until"), "valid_until"),
)
QUOTE = templates.register(
    Template(
        "quote",
        gettext_lazy("Quote"),
        gettext_lazy("With a quote. An editor can change the words before sending."),
        vocabulary.QUOTE,
        _first,
        lambda: _("See the quote"),
        _FACTS,
    )
)
QUOTE_CHANGED = templates.register(
    Template(
        "quote_changed",
        gettext_lazy("Quote, new version"),
        gettext_lazy("With a quote that replaces an earlier one. An editor can change the words before sending."),
        vocabulary.QUOTE,
        _changed,
        lambda: _("See the quote"),
        _FACTS,
        "quote",
    )
)
QUOTE_ANSWER = templates.register(
    Template(
        "quote_answer",
        gettext_lazy("Answer to a question about a quote"),
        gettext_lazy("When you answer a question that was asked on the quote’s page."),
        vocabulary.QUOTE_ANSWER,
        _answer,
        lambda: _("See the quote"),
        _FACTS,
        needed=["answer"],
    )
)
SIGNING_CODE = templates.register(
    Template(
        "signing_code",
        gettext_lazy("Code to sign a quote"),
        gettext_lazy("To whoever is about to sign, to prove their address."),
        vocabulary.SIGNING_CODE,
        _code,
        lambda: "",
        needed=["code"],
    )
)
QUOTE_SIGNED = templates.register(
    Template(
        "quote_signed",
        gettext_lazy("Signed quote"),
        gettext_lazy("To whoever signed, with the signed quote and its certificate."),
        vocabulary.QUOTE_SIGNED,
        _signed,
        lambda: _("See the quote"),
        (
            _NUMBER,
            _SUBJECT,
            (gettext_lazy("Agreed total"), "amount"),
            (gettext_lazy("Signed by"), "name"),
            (gettext_lazy("Signed on"), "signed_on"),
        ),
    )
)
# C. conso. D221-5: the content, date and time; the table below has the last two, whatever is written above it.
WITHDRAWAL = templates.register(
    Template(
        "withdrawal",
        gettext_lazy("Withdrawal confirmed"),
        gettext_lazy("At once, when a consumer withdraws. The table with date and time always stands below."),
        vocabulary.WITHDRAWAL,
        _withdrawn,
        lambda: "",
        (_NUMBER, (gettext_lazy("Withdrawn by"), "name"), (gettext_lazy("Received on"), "received_on")),
        needed=["statement"],
    )
)
