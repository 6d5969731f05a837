"""What hypothesis draws documents from."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from wagtail_payments.core.tax import EXEMPTION_REASONS, VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput

currencies = st.sampled_from(["EUR", "JPY", "TND"])
percents = st.decimals(min_value=0, max_value=100, places=2)
rates = st.sampled_from([Decimal(text) for text in ("20", "10", "5.5", "2.1", "8.5", "0.9")])
charged = rates.map(lambda rate: VatGroup(VatCategory.STANDARD, rate))
exempt = st.sampled_from(sorted(EXEMPTION_REASONS.values(), key=lambda reason: reason.code)).map(
    lambda reason: VatGroup(reason.category, Decimal(0), reason.code)
)
vat_groups = st.one_of(charged, charged, exempt)
discounts = st.one_of(st.just(Discount()), percents.map(Discount))


def lines(includes_vat: st.SearchStrategy[bool]) -> st.SearchStrategy[list[LineInput]]:
    """Draw the lines of one document."""
    line = st.builds(
        LineInput,
        quantity=st.decimals(min_value=Decimal("0.0001"), max_value=1000, places=4),
        unit_price=st.decimals(min_value=0, max_value=10_000, places=6),
        vat=vat_groups,
        price_includes_vat=includes_vat,
        discount=discounts,
    )
    return st.lists(line, min_size=1, max_size=12)


any_lines = lines(st.booleans())
gross_lines = lines(st.just(True))
net_lines = lines(st.just(False))
