"""Room in all the quotas at once, or none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wagtail_payments.core.capacity import Availability, Quota

sizes = st.one_of(st.none(), st.integers(0, 20))


def test_the_narrowest_quota_decides() -> None:
    available = Availability(Quota(10, 6), {1: Quota(3, 1), 2: Quota(None, 5)})
    assert available.left(1) == 2
    assert available.left(2) == 4


def test_without_a_size_there_is_always_room() -> None:
    available = Availability(Quota(None, 999), {1: Quota(None, 999)})
    assert available.left(1) is None
    assert available.shortage({1: 10_000}) == {}


def test_a_size_lowered_below_what_is_sold_shows_how_many_are_over() -> None:
    quota = Quota(10, 13)
    assert (quota.left, quota.over) == (0, 3)
    assert Quota(None, 13).over == 0


def test_types_that_fit_each_alone_can_be_too_many_together() -> None:
    available = Availability(Quota(5, 2), {1: Quota(None, 1), 2: Quota(None, 1)})
    assert available.shortage({1: 2, 2: 1}) == {}
    assert available.shortage({1: 2, 2: 2}) == {1: 3, 2: 3}


@given(sizes, st.integers(0, 30), sizes, st.integers(0, 30), st.integers(1, 30))
def test_what_fits_never_goes_beyond_a_size(
    size: int | None, taken: int, type_size: int | None, of_type: int, wanted: int
) -> None:
    available = Availability(Quota(size, taken), {1: Quota(type_size, min(of_type, taken))})
    short = available.shortage({1: wanted})
    if short:
        assert short[1] < wanted
    else:
        assert size is None or taken + wanted <= size
        assert type_size is None or min(of_type, taken) + wanted <= type_size
