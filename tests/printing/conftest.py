from __future__ import annotations

from collections.abc import Iterator

import pytest

from wagtail_payments.printing import press


@pytest.fixture(autouse=True, scope="module")
def _no_process_is_left() -> Iterator[None]:
    yield
    press.press.close()
