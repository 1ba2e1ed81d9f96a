"""Stop in each phase of an answer: what there was is kept, and it can be answered later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import LOCALES, NEEDS_CHROMIUM, REPOSITORY, SECOND_THOROUGHLY, Server, Visit, visiting
from tests.conftest import SURVEY_EN, WELL_FR
from tests.journeys import (
    FIRST,
    answer,
    ask_and_wait,
    at_rest,
    button,
    give_files,
    in_conversation,
    slowly_writing_server,
    words,
    written_answers,
)

pytestmark = NEEDS_CHROMIUM
QUESTIONS = {"fr-FR": "Quelle est la profondeur du forage F2 ?", "en-GB": "How many electrodes were used?"}
QUOTED = {"fr-FR": "48,5 m", "en-GB": "72 electrodes"}
FILES = {"combe-noire.md": WELL_FR.encode(), "harbour-lane.txt": SURVEY_EN.encode()}
# More for the model to read.
FILES |= {
    name: (REPOSITORY / "samples" / name).read_bytes()
    for name in ("protocole-de-terrain.md", "crew-safety-handbook.html")
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order: its model is not loaded at first."""
    with slowly_writing_server(tmp_path_factory.mktemp("stop"), FILES, 6000) as running:
        yield running


@pytest.fixture(params=SECOND_THOROUGHLY)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def visit(browser: Any, server: Server, locale: str) -> Iterator[Visit]:
    with visiting(browser, server, locale) as opened:
        opened.open()
        written_answers(opened, locale)
        yield opened
        assert opened.foreign == []


def stop_in_the_box(visit: Visit) -> None:
    visit.page.get_by_test_id("stChatInputStopButton").click()


def is_kept_as_stopped(visit: Visit, locale: str, *, wrote: bool) -> None:
    """At once and after a reload; what was written, if anything, is there both times."""
    kept = []
    for _ in range(2):
        visit.page.get_by_text(words(locale, "answer.cancelled")).wait_for(timeout=FIRST)
        button(visit, locale, "message.again").wait_for()
        at_rest(visit)
        if wrote:
            button(visit, locale, "answer.copy").wait_for()
        kept.append(" ".join(visit.page.locator(".ert-answer").all_inner_texts()))
        in_conversation(visit)
        visit.page.reload()
    assert kept[0] == kept[1] and bool(kept[0]) is wrote


def test_while_the_model_loads(browser: Any, server: Server) -> None:
    locale = LOCALES[0]
    with visiting(browser, server, locale) as visit:
        visit.open()
        written_answers(visit, locale)
        ask_and_wait(visit, locale, QUESTIONS[locale], "loading_model")
        stop_in_the_box(visit)
        is_kept_as_stopped(visit, locale, wrote=False)


def test_while_it_reads_the_sources_by_the_escape_key(visit: Visit, locale: str) -> None:
    ask_and_wait(visit, locale, QUESTIONS[locale], "reading_sources_share")
    visit.page.keyboard.press("Escape")
    is_kept_as_stopped(visit, locale, wrote=False)


@pytest.mark.parametrize("by", ["box", pytest.param("line", marks=pytest.mark.thorough)])
def test_while_it_writes_what_is_written_is_kept(visit: Visit, locale: str, by: str) -> None:
    ask_and_wait(visit, locale, QUESTIONS[locale], "writing")
    if by == "box":
        stop_in_the_box(visit)
    else:
        visit.page.locator("[class*='st-key-stop-'] button").click()  # its name holds the key that does the same
    is_kept_as_stopped(visit, locale, wrote=True)
    visit.page.get_by_text(words(locale, "answer.cancelled")).wait_for()
    assert visit.page.get_by_text(words(locale, "answer.length")).count() == 0, "it was not at its end"


def test_while_the_files_of_a_question_are_added_it_waits_for_a_click(visit: Visit, locale: str) -> None:
    long = "\n\n".join(f"Sounding {n} of {locale} was made at a depth of {n + 3} m in clay." for n in range(3000))
    give_files(visit, {f"long-{locale}.txt": long.encode()}, in_box=True)
    visit.page.get_by_test_id("stChatInput").get_by_text(f"long-{locale}.txt").wait_for()
    ask_and_wait(visit, locale, QUESTIONS[locale], "adding_files_share")
    stop_in_the_box(visit)
    at_rest(visit)
    in_conversation(visit)
    button(visit, locale, "message.answer").wait_for(timeout=FIRST)
    visit.page.get_by_text(words(locale, "message.unanswered")).wait_for()
    visit.page.get_by_text(words(locale, "message.files_missing")).wait_for()
    assert visit.page.get_by_test_id("stChatMessage").count() == 1, "the question stays, and nothing was searched"
    visit.page.get_by_text(words(locale, "mode.quotes"), exact=True).click()
    visit.page.get_by_text(words(locale, "chat.model", model="")).wait_for(state="detached")
    button(visit, locale, "message.answer").click()
    answer(visit).get_by_text(QUOTED[locale]).first.wait_for(timeout=FIRST)
    at_rest(visit)
    visit.page.get_by_text(words(locale, "message.files_missing")).wait_for()  # its answer was made without them
    assert visit.page.get_by_text(words(locale, "answer.cancelled")).count() == 0
    visit.open("documents").get_by_text(words(locale, "documents.list", count=len(FILES))).wait_for()
