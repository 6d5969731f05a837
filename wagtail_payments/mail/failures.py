"""What went wrong while sending: in plain words, and whether trying again makes sense."""

from __future__ import annotations

import smtplib
import socket
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_payments.mail.envelopes import Unsendable

# After these the mail server surely has not taken the letter.
_SURELY_NOT_SENT = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    ConnectionRefusedError,
    socket.gaierror,
    ValueError,  # a header or an address that can't be written
)
_FOR_EVER = 500  # RFC 5321: 5xx answers are final


@dataclass(frozen=True, slots=True)
class Failure:
    """``for_good``: another try can't help. ``surely_not_sent``: the letter did not leave."""

    words: str
    for_good: bool
    surely_not_sent: bool


def before_sending(error: Exception) -> Failure:
    """Return what it means that the e-mail could not even be put together."""
    if isinstance(error, Unsendable):
        return Failure(str(error), for_good=True, surely_not_sent=True)
    if isinstance(error, OSError):
        return Failure(_("A file that goes with the letter could not be read."), False, surely_not_sent=True)
    return Failure(_unclear(), isinstance(error, ValueError), surely_not_sent=True)


def while_sending(error: Exception) -> Failure:
    """Return what an error of the mail backend means."""
    return Failure(_words(error), _is_for_good(error), isinstance(error, _SURELY_NOT_SENT))


def _is_for_good(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _FOR_EVER for code, _answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= _FOR_EVER
    return isinstance(error, ValueError)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _("The mail server refused the address: %(addresses)s.") % {"addresses": ", ".join(error.recipients)}
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("The mail server did not accept the site's user name and password.")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _("The mail server does not let the site send as %(address)s.") % {"address": error.sender}
    if isinstance(error, smtplib.SMTPResponseException):
        return _("The mail server answered: %(answer)s") % {"answer": _decoded(error.smtp_error)}
    if isinstance(error, OSError):  # connections, names, time-outs and all of smtplib
        return _("The mail server could not be reached.")
    return _unclear()


def _unclear() -> str:
    return _("Sending did not work; the site's log has the details.")


def _decoded(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
