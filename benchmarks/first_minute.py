"""Seconds of the first minute: from an empty ERT, by two clicks, to an answer with its source beside it.

    python benchmarks/first_minute.py [--times 5]

In each language and so many times: a new data directory, a new server, a new browser window; a click on the samples,
a click on the first question that is suggested, then what the quote is marked in, text or page, stands beside the
answer. Counted from the first click, to what is seen. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser import LOCALES, launched_chromium, running_server, visiting
from tests.journeys import FIRST, answer, button

ASKED = 20  # seconds


def first_minute(browser: Any, locale: str) -> float:
    """Seconds from the first click, on an empty data directory."""
    with tempfile.TemporaryDirectory() as base:
        home = Path(base, "home")
        (home / "compiled").mkdir(parents=True)  # its own: nothing is taken from another run
        with running_server(home) as server, visiting(browser, server, locale) as visit:
            page = visit.open()
            samples = button(visit, locale, "samples.add")
            samples.wait_for()
            page.locator("[data-test-script-state=notRunning]").wait_for()
            began = time.perf_counter()
            samples.click()
            page.locator("[class*='st-key-suggested-'] button").first.click(timeout=FIRST)
            answer(visit).locator(".ert-source").first.wait_for(timeout=FIRST)
            panel = page.locator(".st-key-source-panel")
            panel.locator(".stMarkdownColoredBackground, [data-testid=stImage] img").first.wait_for(timeout=FIRST)
            return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    taken: dict[str, list[float]] = {locale: [] for locale in LOCALES}
    with launched_chromium() as browser:
        for _ in range(options.times):
            for locale in LOCALES:
                taken[locale].append(first_minute(browser, locale))
    print("| from nothing to an answer with its source, two clicks | median, s | least and most | asked |")
    print("|---|---|---|---|")
    for locale, seconds in taken.items():
        spread = f"{min(seconds):.1f}, {max(seconds):.1f}"
        print(f"| {locale}, {len(seconds)} times | {statistics.median(seconds):.1f} | {spread} | < {ASKED} |")
    print(f"\nLoad average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
