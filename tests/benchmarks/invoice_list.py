"""The admin's list of invoices at 100 and at 10,000 invoices: time, queries, and how the one compares with the other.

Run: ``python tests/benchmarks/invoice_list.py [rounds]``.
"""

from __future__ import annotations

import sys
from urllib.parse import urlencode

import _filling
import _pages
from django.urls import reverse

FEW, MANY = 100, 10_000
VIEWS = {
    "first page": {},
    "page 3": {"p": "3"},
    "status: overdue": {"status": "overdue"},
    "status: partly paid": {"status": "partly_paid"},
    "sorted by what is due": {"ordering": "-due"},
    "search by name": {"q": "customer 7"},
}


def urls() -> dict[str, str]:
    place = reverse("wagtail_payments_invoice:list")
    return {name: f"{place}?{urlencode(query)}" for name, query in VIEWS.items()}


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _pages.compare("invoices", FEW, MANY, fill=_filling.fill, urls=urls, rounds=rounds)
