"""Nothing keeps people out: axe-core finds no serious or critical violation on any page, in both languages and themes.

What Streamlit would break and ERT could not mend would be listed here, by rule and selector; so far there is nothing.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ert_core.database import DATABASE_FILE
from tests.axe import Finding, findings, script_path
from tests.browser import LOCALES, NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.conftest import SURVEY_EN
from tests.journeys import FIRST

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.thorough,
    pytest.mark.skipif(
        script_path() is None and not os.environ.get("ERT_REQUIRE_BROWSER"),
        reason="no axe-core: install requirements-dev.txt to look at the pages' accessibility",
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order: empty at first."""
    with running_server(tmp_path_factory.mktemp("accessibility") / "home") as running:
        yield running


def in_both_themes(visit: Visit) -> list[str]:
    """What axe finds on the page, light and dark."""
    found = []
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        visit.page.locator("[data-test-script-state=notRunning]").wait_for()
        visit.page.wait_for_timeout(500)  # colours change over a while
        found += [f"{scheme}: {finding}" for finding in findings(visit.page)]
    return found


def test_axe_finds_what_keeps_people_out_and_nothing_else(browser: Any) -> None:
    page = browser.new_page()
    good = "<html lang=en><title>T</title><main><h1>A</h1><button>Send</button><p style='color:#000'>words</p></main>"
    page.set_content(good)
    assert findings(page) == []
    page.set_content(good.replace("Send", "").replace("#000", "#ccc"))
    found: list[Finding] = findings(page)
    assert {f.rule for f in found} == {"button-name", "color-contrast"}
    page.close()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("path", ["", "documents", "quality", "settings"])
def test_an_empty_page_is_open_to_all(browser: Any, server: Server, path: str, locale: str) -> None:
    with visiting(browser, server, locale) as visit:
        visit.open(path).get_by_test_id("stHeading").first.wait_for()
        assert in_both_themes(visit) == []


def test_an_answer_and_its_documents_are_open_to_all(browser: Any, server: Server, tmp_path: Path) -> None:
    (tmp_path / "harbour-lane.txt").write_text(SURVEY_EN, encoding="utf-8")
    with visiting(browser, server, "en-GB") as visit:
        visit.open("documents").locator("input[type=file]").set_input_files(tmp_path / "harbour-lane.txt")
        visit.page.get_by_text("added: 1").wait_for(timeout=FIRST)
        visit.open()
        visit.ask("How many electrodes were used?")
        visit.page.get_by_text("quote verified").first.wait_for()
        visit.page.wait_for_url(re.compile(r"\?c="))
        conversation = visit.page.url.removeprefix(f"{server.url}/")
    with closing(sqlite3.connect(server.log.parent / DATABASE_FILE)) as database:
        (document,) = database.execute("SELECT id FROM documents").fetchone()
    for locale in LOCALES:
        with visiting(browser, server, locale) as visit:
            visit.open(conversation).locator(".stMarkdownColoredBackground").first.wait_for()  # the source is open
            assert in_both_themes(visit) == []
            visit.open("documents").get_by_test_id("stDataFrame").wait_for()
            assert in_both_themes(visit) == []
            visit.open(f"document?d={document}").get_by_text("Harbour", exact=False).first.wait_for()
            assert in_both_themes(visit) == []


def test_a_change_of_a_setting_and_a_model_are_open_to_all(browser: Any, server: Server) -> None:
    with visiting(browser, server, "en-GB") as visit:
        page = visit.open("settings")
        page.get_by_text("Fine tuning").wait_for()
        page.get_by_role("combobox", name="Model").click()  # first: the list closes when the page scrolls
        page.get_by_role("option", name="Qwen3 0.6B").click()
        page.get_by_role("button", name="Download").wait_for()
        page.get_by_text("Quiet, 25%").click()
        page.get_by_role("button", name="Undo").wait_for()
        assert in_both_themes(visit) == []
