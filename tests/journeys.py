"""Steps that journeys through the pages share, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ert_core.assistant import Assistant
from ert_core.locale import text
from ert_core.settings import Settings
from ert_core.types import Source
from ert_core.worker import MAX_WAITING
from tests.browser import Server, Visit, running_server
from tests.conftest import add
from tests.tiny_model import build_tiny_model

# The first use of the models loads them.
FIRST = 180_000
# Streamlit with a queue in which this many questions wait at most, for those that fill it.
_SHORT_QUEUE = """import sys, ert_core
from ert_core.worker import Worker
Worker.__init__.__defaults__ = ({waiting},)
from streamlit.web.cli import main
sys.argv[0] = "streamlit"
main()"""


def filled_home(home: Path, files: Mapping[str, bytes]) -> Path:
    """A data directory that holds `files`."""
    engine = Assistant(Settings.load(home=home))
    reports = add(engine, *(Source(name, content) for name, content in files.items()))
    engine.close()
    assert all(report.status == "added" for report in reports), reports
    return home


def words(locale: str, key: str, /, **values: object) -> str:
    """A text as it is read on a page of that locale; Markdown's stars left out."""
    return text(key, locale[:2], **values).replace("**", "")


def error_words(locale: str, code: str, **values: object) -> tuple[str, str]:
    """The message and the remedy of an error."""
    return words(locale, f"error.{code}.message", **values), words(locale, f"error.{code}.remedy", **values)


def button(visit: Visit, locale: str, key: str, **values: object) -> Any:
    """The button that is called exactly so."""
    return visit.page.get_by_role("button", name=words(locale, key, **values), exact=True)


def give_files(visit: Visit, files: Mapping[str, bytes], *, in_box: bool = False) -> None:
    """Drop files on the page, or on its question box."""
    place = visit.page.get_by_test_id("stChatInput") if in_box else visit.page.get_by_test_id("stFileUploader").first
    payload = [{"name": n, "mimeType": "application/octet-stream", "buffer": c} for n, c in files.items()]
    place.locator("input[type=file]").set_input_files(payload)
    if in_box:  # it takes no question before they have arrived
        place.locator("[data-testid=stChatInputSubmitButton]:enabled").wait_for()


def answer(visit: Visit) -> Any:
    """The last answer."""
    return visit.page.locator(".ert-answer").last


def replaced(words_of: Any) -> str:
    """What stands in the page in place of Streamlit's own words."""
    assert words_of.evaluate("e => getComputedStyle(e).fontSize") == "0px"
    return str(words_of.evaluate("e => getComputedStyle(e, '::after').content")).strip('"')


def at_rest(visit: Visit) -> None:
    """Once no answer is being made any more."""
    visit.page.get_by_test_id("stChatInputStopButton").wait_for(state="detached")
    visit.page.locator("[data-test-script-state=notRunning]").wait_for()


def in_conversation(visit: Visit) -> str:
    """The address of the conversation shown."""
    visit.page.wait_for_url(re.compile(r"[?&]c=[0-9a-f]{32}"))
    return str(visit.page.url)


@contextmanager
def slowly_writing_server(
    folder: Path, files: Mapping[str, bytes], longest: int, waiting: int = MAX_WAITING
) -> Iterator[Server]:
    """A server that holds `files`, with a model of random weights: each phase of its answers can be met.

    `longest`: the tokens of each answer; `waiting`: how many questions may wait. The words of `files` are long for the
    model, which reads letter by letter.
    """
    model = build_tiny_model(folder / "model", layers=24, hidden=256, context=8192)
    # Without 8-bit copies: compiled code would have written it all before anybody acts.
    slow = {"ERT_CPU_BUDGET": "50", "ERT_INT8_DECODING": "0", "ERT_MAX_NEW_TOKENS_CPU": str(longest)}
    home = filled_home(folder / "home", files)
    command = ("-c", _SHORT_QUEUE.format(waiting=waiting))
    with running_server(home, command=command, ERT_LLM=str(model), **slow) as server:
        yield server


def written_answers(visit: Visit, locale: str) -> None:
    """Choose in the sidebar that a model writes."""
    at_rest(visit)  # while the page is drawn anew, the choice may stand there twice
    visit.page.get_by_text(words(locale, "mode.written"), exact=True).click()
    visit.page.get_by_text(words(locale, "chat.model", model="")).wait_for()
    at_rest(visit)


def ask_and_wait(visit: Visit, locale: str, question: str, step: str) -> None:
    """Ask, and wait until the answer is at that step."""
    visit.ask(question)
    visit.page.get_by_text(words(locale, f"step.{step}", percent="")).first.wait_for(timeout=FIRST)
