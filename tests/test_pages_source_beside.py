"""The panel of sources follows the markers of all answers, and only it is drawn again; the page follows what is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from ert_core.assistant import Assistant
from ert_core.settings import Settings
from ert_core.types import Message
from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.conftest import SURVEY_EN, WELL_FR
from tests.journeys import FIRST, answer, at_rest, button, error_words, filled_home, words

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
FILES = {"combe-noire.md": WELL_FR.encode(), "harbour-lane.txt": SURVEY_EN.encode()}
LOCALE = "fr-FR"
LAST = "How many electrodes were used?"
UNANSWERED = "Qui a payé le forage F2 ?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = filled_home(tmp_path_factory.mktemp("beside") / "home", FILES)
    engine = Assistant(Settings.load(home=home))
    conversation = engine.conversations.start(UNANSWERED)
    for question in (UNANSWERED, LAST):
        engine.conversations.add(conversation, Message("user", question))
    engine.close()
    with running_server(home) as running:
        yield running


@pytest.fixture
def frames() -> list[object]:
    """What the server sent to the page."""
    return []


@pytest.fixture
def visit(browser: Any, server: Server, frames: list[object]) -> Iterator[Visit]:
    """A conversation of two answers, each with a document of its own."""
    with visiting(browser, server, LOCALE) as opened:
        opened.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
        opened.open()
        for question, quoted in (
            ("Quelle est la profondeur du forage F2 ?", "48,5 m"),
            (LAST, "72 electrodes"),
        ):
            opened.ask(question)
            answer(opened).get_by_text(quoted).first.wait_for(timeout=FIRST)
            at_rest(opened)
        yield opened
        assert opened.foreign == []


def in_panel(visit: Visit, document: str) -> Any:
    """The heading of the panel that shows a source of the document."""
    return visit.page.get_by_test_id("stColumn").last.get_by_text(document).and_(visit.page.locator("strong"))


def comes_true(visit: Visit, state: Callable[[], bool]) -> bool:
    """Whether the page comes to be so: the browser draws, and scrolls, a moment later."""
    deadline = time.monotonic() + 20
    while not state():
        if time.monotonic() > deadline:
            return False
        visit.page.wait_for_timeout(100)
    return True


def comes_to(visit: Visit, expected: list[list[int]]) -> bool:
    """Whether the markers shown as open, of each answer, come to be these."""
    return comes_true(visit, lambda: pressed(visit) == expected)


def comes_between(visit: Visit, document: str, lower: float) -> bool:
    """Whether the name of that document in the panel comes to stand above `lower`, in pixels."""
    return comes_true(visit, lambda: bool(0 < in_panel(visit, document).bounding_box()["y"] < lower))


def pressed(visit: Visit) -> list[list[int]]:
    """Of each answer the markers shown as open."""
    return [
        [int(marker.inner_text()) for marker in shown.locator(".ert-marker[aria-pressed=true]").all()]
        for shown in visit.page.locator(".ert-answer").all()
    ]


def test_a_source_of_an_earlier_answer_is_shown_without_a_run_of_the_page(visit: Visit, frames: list[object]) -> None:
    in_panel(visit, "harbour-lane.txt").wait_for()
    assert comes_to(visit, [[], [1]])
    frames.clear()
    visit.page.locator(".ert-source").first.click()
    in_panel(visit, "combe-noire.md").wait_for()
    at_rest(visit)
    assert comes_to(visit, [[1], []])
    of_the_panel = len(frames)
    visit.page.get_by_text("English").click()  # a run of the page
    visit.page.get_by_role("button", name=words("en-GB", "source.close")).wait_for()
    at_rest(visit)
    assert comes_to(visit, [[1], []]) and in_panel(visit, "combe-noire.md").count() == 1, "it is still open"
    assert of_the_panel < (len(frames) - of_the_panel) / 2


def test_once_closed_a_marker_opens_it_again(visit: Visit) -> None:
    visit.page.locator(".ert-source").first.click()
    in_panel(visit, "combe-noire.md").wait_for()
    button(visit, LOCALE, "source.close").click()
    visit.page.get_by_test_id("stColumn").first.wait_for(state="detached")
    at_rest(visit)
    assert comes_to(visit, [[], []])
    visit.page.locator(".ert-answer").first.locator(".ert-marker").first.click()
    in_panel(visit, "combe-noire.md").wait_for()
    at_rest(visit)
    assert comes_to(visit, [[1], []])


def test_a_new_answer_shows_its_own_source(visit: Visit) -> None:
    visit.page.locator(".ert-source").first.click()
    in_panel(visit, "combe-noire.md").wait_for()
    visit.ask(LAST)
    in_panel(visit, "harbour-lane.txt").wait_for()
    at_rest(visit)
    assert comes_to(visit, [[], [], [1]])


def test_it_stays_in_sight_beside_a_long_conversation(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 450})
    first, last = visit.page.locator(".ert-source").first, visit.page.locator(".ert-source").last
    for source, document in ((first, "combe-noire.md"), (last, "harbour-lane.txt"), (first, "combe-noire.md")):
        source.scroll_into_view_if_needed()
        source.click()
        in_panel(visit, document).wait_for()
        at_rest(visit)
        assert comes_between(visit, document, 225), "in the upper half of the window"


def test_another_source_is_shown_from_its_top(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 450})
    panel = visit.page.locator(".st-key-source-panel")
    panel.evaluate("node => node.scrollTo(0, 9999)")
    assert panel.evaluate("node => node.scrollTop") > 0, "it is longer than the window"
    visit.page.locator(".ert-source").first.click()
    in_panel(visit, "combe-noire.md").wait_for()
    at_rest(visit)
    assert comes_to(visit, [[1], []])  # the page says so once it has scrolled
    assert panel.evaluate("node => node.scrollTop") == 0


def test_on_a_narrow_window_a_click_on_what_is_open_leads_to_it(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 700})
    source = visit.page.locator(".ert-source").last
    source.scroll_into_view_if_needed()
    assert in_panel(visit, "harbour-lane.txt").bounding_box()["y"] > 350, "it is open, and below"
    source.click()
    assert comes_between(visit, "harbour-lane.txt", 350)


def top_of(visit: Visit, said: str) -> float:
    """Where that text stands last, in pixels below the top of the window."""
    return float(visit.page.get_by_test_id("stMain").get_by_text(said).last.bounding_box()["y"])


def scroll_up(visit: Visit) -> None:
    """As a reader does: with the wheel, over the answers."""
    box = visit.page.get_by_test_id("stChatMessage").last.bounding_box()
    visit.page.mouse.move(box["x"] + 50, 150)
    visit.page.mouse.wheel(0, -9999)
    assert comes_true(visit, lambda: scrolled(visit) == 0)


def scrolled(visit: Visit) -> float:
    return float(visit.page.get_by_test_id("stMain").evaluate("main => main.scrollTop"))


def test_the_page_scrolls_to_a_new_question_and_to_what_refuses_one(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 500})
    scroll_up(visit)
    visit.ask("Jusqu'où descend le forage F2 ?")
    answer(visit).get_by_text("48,5 m").first.wait_for()
    at_rest(visit)
    assert comes_true(visit, lambda: 60 <= top_of(visit, "Jusqu'où descend") < 150), "its answer stands below it"
    scroll_up(visit)
    visit.ask("trop " * 2000)
    refusal, _ = error_words(LOCALE, "question_long", length=9999, limit=4000)
    visit.page.get_by_text(refusal).wait_for()
    at_rest(visit)
    assert comes_true(visit, lambda: 60 <= top_of(visit, refusal) < 340), "above the box, under a long question"


def grows(visit: Visit) -> None:
    """What stands below the last turn becomes longer, as a streamed answer does."""
    visit.page.get_by_test_id("stMainBlockContainer").evaluate(
        "block => { const more = document.createElement('div'); more.style.height = '700px'; block.append(more); }"
    )
    visit.page.wait_for_timeout(500)


@pytest.mark.parametrize("over", ["stChatMessage", "stChatInput"])
def test_a_conversation_opens_at_its_last_question_and_a_reader_is_left_in_peace(visit: Visit, over: str) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 500})
    visit.page.reload()
    button(visit, LOCALE, "message.again").nth(1).wait_for()
    at_rest(visit)
    assert comes_true(visit, lambda: 60 <= top_of(visit, LAST) < 150)
    grows(visit)
    assert comes_true(visit, lambda: 60 <= top_of(visit, LAST) < 100), "it is kept at the top"
    visit.page.get_by_test_id(over).last.hover()
    visit.page.mouse.wheel(0, -150)
    assert comes_true(visit, lambda: top_of(visit, LAST) >= 200), "scrolled by the reader"
    where = top_of(visit, LAST)
    grows(visit)
    assert abs(top_of(visit, LAST) - where) < 5


def test_a_question_without_an_answer_says_so_wherever_it_stands(visit: Visit) -> None:
    visit.page.get_by_test_id("stSidebar").get_by_role("button", name=UNANSWERED).click()
    visit.page.get_by_test_id("stMain").get_by_text(UNANSWERED).wait_for()
    at_rest(visit)
    expect(visit.page.get_by_text(words(LOCALE, "message.unanswered"))).to_have_count(2)  # itself, and the next one
    expect(visit.page.get_by_text(words(LOCALE, "message.files_missing"))).to_have_count(0)  # none came with them
    button(visit, LOCALE, "message.answer").click()  # there is one, for the last
    answer(visit).get_by_text("72 electrodes").first.wait_for()
    at_rest(visit)
    expect(visit.page.get_by_text(words(LOCALE, "message.unanswered"))).to_have_count(1)
