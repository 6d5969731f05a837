"""The drawing process: reads HTML from its input and answers with PDF bytes, one document after the other.

It knows nothing of Django. It reads the fonts and what stands inline in the HTML, nothing else: no
network, no other file, no other program. Whatever goes wrong with a document is an answer, not an end.
"""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from pypdf import PdfReader
from reportlab import rl_config
from reportlab.pdfbase import ttfonts
from svglib import fonts as svg_fonts
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.default import DEFAULT_CSS

from wagtail_payments.printing import frames

try:
    import resource
except ImportError:  # there is none on Windows
    resource = None  # type: ignore[assignment]

MOST_MEMORY = 1024 * 1024 * 1024  # address space; 1000 lines take about 160 MB of it
GRACE = 5  # seconds after which a process that lost its master ends itself
PAGE_COUNT = re.compile(r"<pdf:pagecount\s*/?>(?:</pdf:pagecount>)?", re.IGNORECASE)

RULE = "@font-face { font-family: %(family)s; font-weight: %(weight)s; src: url('%(path)s') }\n"

# Bullets and typewriter text come in fonts that can't be embedded.
STEADY_CSS = """
ul { list-style-type: none }
ul li::before { content: '• ' }
pre, code, kbd, samp, tt { font-family: %(families)s }
html { font-family: %(families)s }
"""

FIVE_DIGITS = re.compile(r"<([0-9A-F]{5,6})>$", re.MULTILINE)
_reportlabs_unicode_map = ttfonts.makeToUnicodeCMap

FORBIDDEN = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto", "subprocess.Popen", "os.exec", "os.system"}
)


def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    """Stop whatever would leave this process: an audit hook, behind the renderer's own policy."""
    if event in FORBIDDEN:
        raise PermissionError(event)


def _unicode_map(fontname: str, subset: Sequence[int]) -> str:
    """What a reader copies from the page. ReportLab writes five digits for 𠮷 or 😀 where the format wants UTF-16."""
    written: str = _reportlabs_unicode_map(fontname, subset)
    return FIVE_DIGITS.sub(lambda found: f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>", written)


def confine() -> None:
    """Give up what drawing does not need, for good."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    socket.setdefaulttimeout(1)
    sys.addaudithook(refuse)


def style_sheet(faces: list[Mapping[str, str]]) -> str:
    """Return the CSS under every document: the given faces, in the order they are tried for a character."""
    rules = [RULE % {**face, "path": _quoted(face["path"])} for face in faces]
    families = ", ".join(dict.fromkeys(face["family"] for face in faces))
    return f"{DEFAULT_CSS}{''.join(rules)}{STEADY_CSS % {'families': families}}"


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace("'", "\\'")


class Drawer:
    """Draws documents with a fixed set of fonts."""

    def __init__(self, faces: list[Mapping[str, str]], seconds: float) -> None:
        self.css = style_sheet(faces)
        self.seconds = seconds
        first, *others = [Path(face["path"]) for face in faces]
        self.policy = ResourceAccessPolicy.server(
            first.parent, extra_roots=tuple(others), allow_remote=False, max_render_seconds=seconds
        )
        for face in faces:
            svg_fonts.register_font(face["family"], face["path"], face["weight"])

    def draw(self, html: str, epoch: int, *, many_pages: bool) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and what the renderer had to say.

        Counting pages lays the whole document out twice. Where one page is likely, "1" is tried first.
        """
        os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
        if not many_pages:
            content, answer = self._once(PAGE_COUNT.sub("1", html))
            if answer["pages"] == 1:
                return content, answer
        return self._once(html)

    def _once(self, html: str) -> tuple[bytes, dict[str, Any]]:
        target = io.BytesIO()
        context = pisa.pisaDocument(html, target, default_css=self.css, resource_policy=self.policy)
        said = [str(entry[2])[:300] for entry in context.log[:20]]
        answer = {"ok": not context.err, "warnings": context.warn, "said": said, "pages": pages(target.getvalue())}
        return target.getvalue(), answer


def pages(content: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(PdfReader(io.BytesIO(content)).pages)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request until the other side goes away."""
    options = frames.read_json(requests)
    drawer = Drawer(options["faces"], options["seconds"])
    confine()
    frames.write_json(answers, {"ready": True})
    while True:
        try:
            request = frames.read_json(requests)
        except frames.Broken:
            return
        content, answer = _answer(drawer, request)
        frames.write_json(answers, answer)
        frames.write(answers, content)


def _answer(drawer: Drawer, request: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    _set_alarm(drawer.seconds + GRACE)
    try:
        return drawer.draw(request["html"], request["epoch"], many_pages=request["many_pages"])
    except (Exception, RecursionError, MemoryError) as error:  # the renderer raises dozens of kinds
        return b"", {"ok": False, "warnings": 0, "said": [f"{type(error).__name__}: {error}"[:300]], "pages": 0}
    finally:
        _set_alarm(0)


def _set_alarm(seconds: float) -> None:
    """A process whose master was killed must not go on drawing for ever."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def main() -> None:
    """Serve on standard input and output; whatever is printed by mistake goes nowhere."""
    logging.disable(logging.CRITICAL)
    rl_config.invariant = 1
    ttfonts.makeToUnicodeCMap = _unicode_map
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
