"""A real browser, and windows of the sizes that people have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here")
    # Playwright runs a loop of its own, in which Django would not let the tests touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def signed_in(chromium: Browser, url: str, client: Client, user: Any) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a window of the admin in which a user is signed in; all are closed at the end."""
    contexts = []
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}

    def open_window(size: Any = DESKTOP, **options: Any) -> Page:
        contexts.append(chromium.new_context(viewport=size, base_url=url, **options))
        contexts[-1].add_cookies([cookie])
        page: Page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(f"JavaScript failed: {error}"))
        return page

    yield open_window
    for context in contexts:
        context.close()
