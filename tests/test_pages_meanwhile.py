"""While an answer is being written: other conversations, the source beside it, a second tab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import LOCALES, NEEDS_CHROMIUM, REPOSITORY, Server, Visit, visiting
from tests.conftest import WELL_FR
from tests.journeys import (
    FIRST,
    answer,
    ask_and_wait,
    at_rest,
    button,
    error_words,
    give_files,
    in_conversation,
    slowly_writing_server,
    words,
    written_answers,
)

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
REPORT = "landfill-report-wexmoor-hollow.pdf"
ALARM = "What is the alarm level at MW2?"
DEPTHS = {"fr-FR": "Quelle est la profondeur du forage F2 ?", "en-GB": "How deep is the borehole F2?"}
# Another one that the documents answer: it will be written about for as long.
AGAIN = {"fr-FR": "Jusqu'où descend le forage F2 ?", "en-GB": "What depth does the borehole F2 reach?"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order: it answers with quotes at first."""
    files = {"combe-noire.md": WELL_FR.encode(), REPORT: (REPOSITORY / "samples" / REPORT).read_bytes()}
    with slowly_writing_server(tmp_path_factory.mktemp("meanwhile"), files, 400, waiting=1) as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server, locale: str) -> Iterator[Visit]:
    with visiting(browser, server, locale) as opened:
        opened.open()
        opened.page.get_by_text(words(locale, "mode.quotes"), exact=True).click()
        opened.page.get_by_text(words(locale, "chat.model", model="")).wait_for(state="detached")
        yield opened
        assert opened.foreign == []


def quoted(visit: Visit) -> str:
    """A conversation with an answer in quotes, and its page 3 beside it; its address."""
    visit.ask(ALARM)
    answer(visit).get_by_text("1,200").first.wait_for(timeout=FIRST)
    visit.page.get_by_test_id("stImage").wait_for()
    at_rest(visit)
    return in_conversation(visit)


def writing(visit: Visit, locale: str) -> Any:
    """The line that says that the answer is being written."""
    return visit.page.get_by_text(words(locale, "step.writing"))


def written_words(visit: Visit) -> str:
    """The last answer, without its button."""
    return str(answer(visit).inner_text()).rsplit("\n", 1)[0]


def line_of(visit: Visit, title: str) -> Any:
    """A conversation of the sidebar."""
    return visit.page.get_by_test_id("stSidebar").get_by_role("button", name=title)


def is_whole(visit: Visit, locale: str, answers: int) -> None:
    """The answer reached its end: nobody stopped it."""
    button(visit, locale, "message.again").nth(answers - 1).wait_for(timeout=2 * FIRST)
    at_rest(visit)
    assert visit.page.get_by_text(words(locale, "answer.cancelled")).count() == 0
    button(visit, locale, "answer.copy").nth(answers - 1).wait_for()  # something was written


def test_an_answer_goes_on_beside_another_conversation_and_a_new_one(visit: Visit, locale: str) -> None:
    quoted(visit)
    written_answers(visit, locale)
    button(visit, locale, "chat.new").click()
    visit.page.get_by_text(words(locale, "chat.title")).wait_for()
    ask_and_wait(visit, locale, DEPTHS[locale], "writing")
    left = in_conversation(visit)
    line_of(visit, ALARM).first.click()
    answer(visit).get_by_text("1,200").first.wait_for()
    writing(visit, locale).wait_for(state="detached")
    button(visit, locale, "chat.new").click()
    visit.page.get_by_text(words(locale, "chat.title")).wait_for()
    at_rest(visit)
    line_of(visit, DEPTHS[locale]).first.click()
    visit.page.wait_for_url(left)
    is_whole(visit, locale, 1)


def test_the_source_can_be_read_while_the_next_answer_is_written(visit: Visit, locale: str) -> None:
    quoted(visit)
    written_answers(visit, locale)
    ask_and_wait(visit, locale, DEPTHS[locale], "writing")
    visit.page.get_by_text(words(locale, "source.page_of", page=3, pages=3)).wait_for()
    button(visit, locale, "source.previous").click()
    visit.page.get_by_text(words(locale, "source.page_of", page=2, pages=3)).wait_for()
    writing(visit, locale).wait_for()  # the click draws it anew
    button(visit, locale, "source.zoom_in").click()
    button(visit, locale, "source.down").wait_for()  # a part of the page is shown
    writing(visit, locale).wait_for()
    is_whole(visit, locale, 2)


def test_a_second_tab_sees_it_written_and_stops_it(browser: Any, server: Server, visit: Visit, locale: str) -> None:
    there = next(other for other in LOCALES if other != locale)
    written_answers(visit, locale)
    ask_and_wait(visit, locale, DEPTHS[locale], "writing")
    with visiting(browser, server, there) as tab:
        tab.page.goto(in_conversation(visit))
        writing(tab, there).wait_for()
        assert writing(visit, locale).is_visible()
        tab.page.locator("[class*='st-key-stop-'] button").click()  # its own box has none: it did not ask
        tab.page.get_by_text(words(there, "answer.cancelled")).wait_for()
        kept = written_words(tab)
    visit.page.get_by_text(words(locale, "answer.cancelled")).wait_for()
    at_rest(visit)
    assert written_words(visit) == kept


def ask_anew(visit: Visit, locale: str, question: str) -> None:
    """In a conversation of its own."""
    button(visit, locale, "chat.new").click()
    visit.page.get_by_text(words(locale, "chat.title")).wait_for()
    at_rest(visit)
    visit.ask(question)


def is_waiting(visit: Visit, locale: str) -> None:
    visit.page.get_by_text(words(locale, "step.waiting", position=1)).wait_for()


def with_another_waiting(visit: Visit, locale: str) -> str:
    """An answer is being written, and the question shown waits for its turn; the address of the former."""
    written_answers(visit, locale)
    ask_and_wait(visit, locale, DEPTHS[locale], "writing")
    first = in_conversation(visit)
    ask_anew(visit, locale, AGAIN[locale])
    is_waiting(visit, locale)
    return first


def stop_the_first(visit: Visit, locale: str, address: str) -> None:
    """The answer that is being written, in the conversation at that address."""
    line_of(visit, DEPTHS[locale]).first.click()
    visit.page.wait_for_url(address)
    visit.page.locator("[class*='st-key-stop-'] button").click()
    visit.page.get_by_text(words(locale, "answer.cancelled")).wait_for()


def test_a_question_stopped_in_the_queue_is_answered_later(visit: Visit, locale: str) -> None:
    first = with_another_waiting(visit, locale)
    second = in_conversation(visit)
    visit.page.get_by_test_id("stChatInputStopButton").click()
    visit.page.get_by_text(words(locale, "message.unanswered")).wait_for()
    at_rest(visit)
    visit.page.reload()
    visit.page.get_by_text(words(locale, "message.unanswered")).wait_for()
    expect(visit.page.get_by_test_id("stChatMessage")).to_have_text([re.compile(re.escape(AGAIN[locale]))])
    stop_the_first(visit, locale, first)
    visit.page.goto(second)
    button(visit, locale, "message.answer").click()
    writing(visit, locale).wait_for()
    expect(button(visit, locale, "message.answer")).to_have_count(0)
    expect(visit.page.get_by_text(words(locale, "message.unanswered"))).to_have_count(0)
    is_whole(visit, locale, 1)


def test_a_full_queue_says_so_and_takes_the_question_later(visit: Visit, locale: str) -> None:
    first = with_another_waiting(visit, locale)
    ask_anew(visit, locale, "C?")
    for said in (*error_words(locale, "queue_full", waiting=1), "C?"):  # the question is not lost
        visit.page.get_by_test_id("stMain").get_by_text(said).first.wait_for()
    stop_the_first(visit, locale, first)
    ask_anew(visit, locale, "C?")
    is_waiting(visit, locale)


def test_another_conversation_does_not_wait_for_the_files_of_a_question(visit: Visit, locale: str) -> None:
    long = "\n\n".join(f"Sounding {n} of {locale} was made at a depth of {n + 3} m in clay." for n in range(3000))
    give_files(visit, {f"soundings-{locale}.txt": long.encode()}, in_box=True)
    visit.page.get_by_test_id("stChatInput").get_by_text(f"soundings-{locale}.txt").wait_for()
    ask_and_wait(visit, locale, AGAIN[locale], "adding_files_share")
    first = in_conversation(visit)
    ask_anew(visit, locale, ALARM)
    answer(visit).get_by_text("1,200").first.wait_for(timeout=FIRST)
    at_rest(visit)
    line_of(visit, AGAIN[locale]).first.click()
    visit.page.wait_for_url(first)
    visit.page.get_by_text(words(locale, "step.adding_files_share", percent="")).wait_for()  # it went on meanwhile
    visit.page.locator("[class*='st-key-stop-'] button").click()
    visit.page.get_by_text(words(locale, "message.files_missing")).wait_for()


def test_the_files_of_a_question_wait_for_the_answer_at_hand_and_say_so(visit: Visit, locale: str) -> None:
    written_answers(visit, locale)
    ask_and_wait(visit, locale, DEPTHS[locale], "writing")
    first = in_conversation(visit)
    button(visit, locale, "chat.new").click()
    visit.page.get_by_text(words(locale, "chat.title")).wait_for()
    at_rest(visit)
    later = f"later-{locale}.txt"
    give_files(visit, {later: f"The probe of {locale} was calibrated at 21 degrees.".encode()}, in_box=True)
    visit.page.get_by_test_id("stChatInput").get_by_text(later).wait_for()
    visit.ask(AGAIN[locale])
    is_waiting(visit, locale)
    visit.page.get_by_test_id("stChatInputStopButton").click()
    visit.page.get_by_text(words(locale, "message.files_missing")).wait_for()
    stop_the_first(visit, locale, first)


def test_files_that_are_added_meanwhile_are_paused_at_once(visit: Visit, locale: str) -> None:
    written_answers(visit, locale)
    long = "\n\n".join(f"Line {n} of the register, entered in {locale}." for n in range(20_000))
    broken, register = f"broken-{locale}.pdf", f"register-{locale}.txt"
    give_files(visit, {broken: b"%PDF-1.7", register: long.encode()}, in_box=True)
    visit.page.get_by_test_id("stChatInputSubmitButton").click()
    button(visit, locale, "ingest.pause").wait_for()
    visit.page.get_by_test_id("stProgress").get_by_text(register).wait_for()  # the other one has been refused by now
    ask_and_wait(visit, locale, DEPTHS[locale], "writing")
    expect(visit.page.locator("[class*='st-key-suggested-']")).to_have_count(0)  # not under the answer
    button(visit, locale, "ingest.pause").click()
    button(visit, locale, "ingest.resume").wait_for()
    writing(visit, locale).wait_for()  # not after the answer
    visit.page.locator("[class*='st-key-cancel-'] button").click()
    told = visit.page.get_by_text(words(locale, "ingest.cancelled"))
    told.wait_for()
    expect(button(visit, locale, "ingest.resume")).to_have_count(0)
    writing(visit, locale).wait_for()
    is_whole(visit, locale, 1)
    told.wait_for()  # it has ended by now: what became of each file can be read
    failed = visit.page.get_by_test_id("stMain").get_by_role("listitem").get_by_text(broken)
    failed.wait_for()
    button(visit, locale, "chat.new").click()
    failed.wait_for()
    at_rest(visit)
    ask_and_wait(visit, locale, AGAIN[locale], "writing")
    expect(told.or_(failed)).to_have_count(0)  # nor does it stand under the answer
    visit.page.get_by_test_id("stChatInputStopButton").click()
    visit.page.get_by_text(words(locale, "answer.cancelled")).wait_for()
