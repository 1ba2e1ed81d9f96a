"""How the pages look: the present conversation stands out, the source's buttons keep to one line, a telephone's width
is enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from ert_core.assistant import Assistant
from ert_core.settings import Settings
from ert_core.types import Source
from tests.browser import NEEDS_CHROMIUM, REPOSITORY, Server, Visit, running_server, visiting

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
REPORT = REPOSITORY / "samples" / "landfill-report-wexmoor-hollow.pdf"
ALARM, THICK = "What is the alarm level at MW2?", "How thick is the waste at Wexmoor Hollow?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one report, and two conversations about it."""
    home = tmp_path_factory.mktemp("look") / "home"
    engine = Assistant(Settings.load(home=home))
    for _ in engine.ingest([Source(REPORT.name, path=REPORT)]):
        pass
    for question in (ALARM, THICK):
        for _ in engine.ask(question, mode="quotes", conversation_id=engine.conversations.start(question)):
            pass
    engine.close()
    with running_server(home) as running:
        yield running


def present(visit: Visit) -> Any:
    """The conversations that the list shows as the present one."""
    return expect(visit.page.locator("[class*='st-key-line-'] strong"))


def test_one_conversation_of_the_list_stands_out_and_back_leads_back(browser: Any, server: Server) -> None:
    with visiting(browser, server, "en-GB") as visit:
        sidebar = visit.open().get_by_test_id("stSidebar")
        sidebar.get_by_role("button", name=ALARM).wait_for()
        present(visit).to_have_count(0)  # a new conversation is none of them
        sidebar.get_by_role("button", name=ALARM).click()
        visit.page.locator(".ert-answer").get_by_text("1,200").first.wait_for()
        present(visit).to_have_text([ALARM])
        sidebar.get_by_role("button", name=THICK).click()
        visit.page.locator(".ert-answer").get_by_text("mean thickness").first.wait_for()
        present(visit).to_have_text([THICK])
        visit.page.go_back()
        visit.page.locator(".ert-answer").get_by_text("1,200").first.wait_for()
        present(visit).to_have_text([ALARM])


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("fr-FR", ["Précédente", "Suivante", "Réduire", "Agrandir", "Page entière", "Revoir la citation"]),
        ("en-GB", ["Previous", "Next", "Zoom out", "Zoom in", "Whole page", "Back to the quote"]),
    ],
)
def test_the_buttons_of_a_page_have_names_and_one_line(
    browser: Any, server: Server, locale: str, names: list[str]
) -> None:
    with visiting(browser, server, locale) as visit:
        visit.open().get_by_test_id("stSidebar").get_by_role("button", name=ALARM).click()
        visit.page.get_by_test_id("stImage").locator("img").wait_for()
        visit.page.locator("[data-test-script-state=notRunning]").wait_for()
        boxes = [visit.page.get_by_role("button", name=name, exact=True).bounding_box() for name in names]
        assert len({box["y"] for box in boxes}) == 1, "they keep to one line"
        assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes), "they can be hit"
        assert not visit.page.get_by_test_id("stMain").get_by_role("button", name=re.compile(" icon$")).count()


@pytest.mark.parametrize("path", ["", "documents", "quality", "monitor", "settings"])
def test_no_page_scrolls_sideways_on_a_telephone(browser: Any, server: Server, path: str) -> None:
    with visiting(browser, server) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 844})
        visit.open(path).get_by_test_id("stHeading").first.wait_for()
        visit.page.locator("[data-test-script-state=notRunning]").wait_for()
        assert visit.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390
