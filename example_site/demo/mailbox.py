"""A page that shows every e-mail the example site sent, read from the files that Django wrote."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

SEPARATOR = b"-" * 79
ON_TOP = '<base target="_top">'  # links leave the frame


def _files() -> list[Path]:
    """The newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    return sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)


def _read(file: Path) -> EmailMessage:
    content = file.read_bytes().rpartition(SEPARATOR)[0]
    parsed = message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)  # noqa: S101 - what policy.default makes
    return parsed


def _find(key: str) -> EmailMessage:
    for file in _files():
        if file.stem == key:
            return _read(file)
    raise Http404


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def index(request: HttpRequest) -> HttpResponse:
    """List every e-mail."""
    mails = [{"key": file.stem, "mail": _read(file)} for file in _files()]
    return render(request, "demo/mailbox.html", {"mails": mails})


def message(request: HttpRequest, key: str) -> HttpResponse:
    """Show one e-mail: as HTML in a frame that runs nothing, and as text."""
    mail = _find(key)
    html = _body(mail, "html")
    attachments = [part.get_filename() for part in mail.iter_attachments()]
    context = {
        "key": key,
        "mail": mail,
        "html": f"{ON_TOP}{html}" if html else "",
        "text": _body(mail, "plain"),
        "attachments": attachments,
    }
    return render(request, "demo/mail.html", context)


def attachment(request: HttpRequest, key: str, part: int) -> HttpResponse:
    """Give one attachment."""
    attachments = list(_find(key).iter_attachments())
    if part >= len(attachments):
        raise Http404
    chosen = attachments[part]
    response = HttpResponse(chosen.get_payload(decode=True), content_type=chosen.get_content_type())
    response["Content-Disposition"] = f'inline; filename="{chosen.get_filename()}"'
    return response
