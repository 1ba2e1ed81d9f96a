"""The first minute on a telephone and in the dark: from nothing to an answer with its source, in two clicks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import NEEDS_CHROMIUM, SECOND_THOROUGHLY, Server, Visit, running_server, visiting
from tests.journeys import FIRST, answer, at_rest, button, in_conversation, words

pytestmark = NEEDS_CHROMIUM
NARROW = {"width": 390, "height": 844}
QUESTIONS = {"fr-FR": "Quelle est l'erreur admise pour R = 1,648 Ω ?", "en-GB": "What is the alarm level at MW2?"}


@pytest.fixture(scope="module", params=SECOND_THOROUGHLY)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, locale: str) -> Iterator[Server]:
    """A server that the tests in one language share, in order: empty at first."""
    with running_server(tmp_path_factory.mktemp("narrow") / "home") as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server, locale: str) -> Iterator[Visit]:
    with visiting(browser, server, locale, color_scheme="dark") as opened:
        opened.page.set_viewport_size(NARROW)
        opened.open()
        yield opened
        assert opened.foreign == []


def fits(visit: Visit) -> None:
    """The page is dark, and nothing of it is beside the window."""
    visit.page.locator("[data-test-script-state=notRunning]").wait_for()
    wide, window = visit.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert wide <= window == NARROW["width"]
    main = visit.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth"), "nor does its middle scroll sideways"
    colour = visit.page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    assert colour == "rgb(18, 24, 29)"


def test_from_nothing_to_an_answer_with_its_source(visit: Visit, locale: str) -> None:
    visit.page.get_by_text(words(locale, "chat.welcome_empty")).wait_for()
    fits(visit)
    button(visit, locale, "samples.add").click()
    suggested = visit.page.locator("[class*='st-key-suggested-'] button").first
    suggested.wait_for(timeout=FIRST)  # there is something to ask
    fits(visit)
    suggested.click()
    answer(visit).locator(".ert-marker").first.wait_for(timeout=FIRST)
    at_rest(visit)
    fits(visit)
    assert visit.page.get_by_text(words(locale, "answer.not_in_documents")[:40]).count() == 0


def test_the_source_is_opened_and_closed(visit: Visit, locale: str) -> None:
    visit.ask(QUESTIONS[locale])
    marker = answer(visit).locator(".ert-marker").first
    marker.wait_for(timeout=FIRST)
    at_rest(visit)
    picture = visit.page.get_by_test_id("stImage").locator("img").first
    picture.wait_for()
    fits(visit)
    button(visit, locale, "source.close").click()
    picture.wait_for(state="detached")
    fits(visit)
    marker.click()
    picture.wait_for()
    visit.page.get_by_text(words(locale, "source.page_of", page=3, pages=3)).wait_for()
    expect(picture).to_be_in_viewport()
    shown = picture.bounding_box()
    assert shown["width"] <= NARROW["width"] and 0 < shown["y"] < NARROW["height"], "where one looks"
    fits(visit)


def test_a_conversation_is_chosen_in_the_sidebar(visit: Visit, locale: str) -> None:
    sidebar = visit.page.get_by_test_id("stSidebar")
    line = sidebar.get_by_role("button", name=QUESTIONS[locale], exact=True)
    assert not line.or_(sidebar.get_by_role("button")).first.is_visible() or sidebar.bounding_box()["x"] < 0
    visit.page.get_by_test_id("stExpandSidebarButton").click()
    line.first.click()
    in_conversation(visit)
    answer(visit).locator(".ert-marker").first.wait_for()
    answer(visit).get_by_text(re.compile(r"1[.,]?648|1[.,]?200")).first.wait_for()
    fits(visit)


@pytest.mark.parametrize("path", ["documents", "quality", "monitor", "settings"])
def test_no_page_is_wider_than_the_window(visit: Visit, path: str) -> None:
    visit.open(path).get_by_role("heading").first.wait_for()
    fits(visit)
