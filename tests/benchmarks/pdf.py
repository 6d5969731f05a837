"""PDFs per second: our press, with its process and policy, beside plain xhtml2pdf drawing the same HTML here.

Run: ``python tests/benchmarks/pdf.py [rounds]``. The rounds alternate, so that a busy machine slows both alike;
the best round of each is compared, since load can only add to it.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

import _stage
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from tests.printing import samples
from wagtail_payments.core.snapshot import Document
from wagtail_payments.printing import fonts, pdf, worker
from wagtail_payments.printing.html import render_html
from wagtail_payments.printing.paper import Paper

PER_ROUND = 10


def per_second(draw: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(PER_ROUND):
        draw()
    return PER_ROUND / (time.perf_counter() - began)


def plain(source: str, css: str, policy: ResourceAccessPolicy) -> bytes:
    target = io.BytesIO()
    pisa.CreatePDF(source, target, default_css=css, resource_policy=policy)
    return target.getvalue()


def compare(name: str, document: Document, rounds: int) -> None:
    paper = Paper(document, samples.PAY_URL, "", samples.logo_png())
    source, css = render_html(paper), worker.style_sheet([asdict(face) for face in fonts.faces()])
    policy = ResourceAccessPolicy.server(fonts.SHIPPED, allow_remote=False)
    contenders = {
        "ours, from the document": lambda: pdf.render_issued(paper),
        "plain xhtml2pdf, from HTML": lambda: plain(source, css, policy),
    }
    best = dict.fromkeys(contenders, 0.0)
    for _ in range(rounds):
        for contender, draw in contenders.items():
            best[contender] = max(best[contender], per_second(draw))
    ours, theirs = best.values()
    print(f"{name}: {ours:.1f} PDFs/s, plain xhtml2pdf {theirs:.1f} PDFs/s, ratio {ours / theirs:.2f}")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _stage.show_machine()
    compare("one page, 3 lines", samples.document(), rounds)
    compare("three pages, 70 lines", samples.long_invoice(), max(1, rounds // 2))


if __name__ == "__main__":
    main()
