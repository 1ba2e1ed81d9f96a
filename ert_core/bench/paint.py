"""The first paint of the page, in a browser where there is one."""

from __future__ import annotations

import shutil
import time

MOST_SECONDS = 90.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """The path of a browser to drive; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def first_paint(address: str, began: float, answered: float) -> float | None:
    """Seconds from `began` to the page's own text; None without a browser to drive.

    Both times by `time.perf_counter`, which all processes share. From `answered`, when the server did, until a browser
    is ready nothing is counted: a person's is open already. What the server does meanwhile is not counted, either.
    """
    found = find_browser()
    if found is None:
        return None
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:  # it comes with requirements-dev.txt
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        opening = time.perf_counter() - answered
        page.goto(address)
        page.wait_for_selector("h1", timeout=1000 * MOST_SECONDS)
        painted = time.perf_counter() - began - opening
        browser.close()
    return painted
