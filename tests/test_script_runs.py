"""A run that was stopped knows what stopped it: a click, another page, or a browser that left; Stop stops its work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting

pytestmark = NEEDS_CHROMIUM
# A run that answers goes on until it is stopped, and writes down what stopped it.
SCRIPT = """
import ert_core
import pathlib, threading, time
import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from ert_core.ui.script_runs import back_in_chat, begin_run, is_in_chat, session_id, stopped_by_button

def say(said):
    with pathlib.Path(__file__).with_name("said.txt").open("a") as file:
        print(said, file=file)

begin_run(chat=not (st.session_state.get("elsewhere") or st.query_params.get("elsewhere")))
slowly = lambda: time.sleep(1.5)
st.button("Again", on_click=slowly)
st.button("Elsewhere", key="elsewhere", on_click=slowly)
st.button("Ends", on_click=lambda: slowly() or st.stop())
asked = st.chat_input("Ask", submit_mode="stop")
session = session_id()
if asked and st.query_params.get("late"):
    place = st.caption("Not at work yet")
    time.sleep(2)
try:
    stopped = threading.Event()
    with stopped_by_button(session, stopped.set):
        place = st.empty()
        while asked and not stopped.is_set():
            place.caption(str(time.time()))
            time.sleep(0.1)
except StopException:
    say(f"{back_in_chat(session)} {is_in_chat(session)}{' stopped' * stopped.is_set()}")
    raise
if stopped.is_set():
    more = threading.Event()
    with stopped_by_button(session, more.set):
        say("stopped" + " twice" * more.is_set())
st.caption(f"To the end of {asked}")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("runs")
    script = home / "script.py"
    script.write_text(SCRIPT)
    with running_server(home, script=script) as server:
        yield server


@pytest.fixture
def said(server: Server) -> Iterator[Path]:
    file = server.log.with_name("said.txt")
    file.write_text("")
    yield file


def answering(visit: Visit, path: str = "") -> Any:
    visit.open(path)
    visit.ask("?")
    visit.page.get_by_test_id("stChatInputStopButton").wait_for()
    return visit.page


def comes(said: Path, *texts: str) -> bool:
    """Whether one of these comes, and nothing else."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not said.read_text():
        time.sleep(0.05)
    return said.read_text() in [f"{text}\n" for text in texts]


@pytest.mark.parametrize(
    ("click", "told"),
    [("Again", "True True"), ("Elsewhere", "False False"), ("Ends", "True True")],
    ids=["the chat", "another page", "the chat, and ends before it begins"],
)
def test_a_click_is_told_however_long_its_run_takes_to_begin(
    browser: Any, server: Server, said: Path, click: str, told: str
) -> None:
    with visiting(browser, server) as visit:
        answering(visit).get_by_role("button", name=click).click()
        assert comes(said, told)


@pytest.mark.parametrize("path", ["", "?late=1"], ids=["at work", "before the work"])
def test_the_stop_button_stops_the_work_and_not_the_run(browser: Any, server: Server, said: Path, path: str) -> None:
    with visiting(browser, server) as visit:
        page = answering(visit, path)
        if path:
            page.get_by_text("Not at work yet").wait_for()
        page.get_by_test_id("stChatInputStopButton").click()
        page.get_by_test_id("stChatInputStopButton").wait_for(state="detached")
        page.get_by_text("To the end of ?").wait_for()
        assert comes(said, "stopped")


def test_on_another_page_the_stop_button_ends_the_run(browser: Any, server: Server, said: Path) -> None:
    with visiting(browser, server) as visit:
        page = answering(visit, "?elsewhere=1&late=1")
        page.get_by_text("Not at work yet").wait_for()
        page.get_by_test_id("stChatInputStopButton").click()
        page.get_by_test_id("stChatInputStopButton").wait_for(state="detached")
        page.locator("[data-test-script-state=notRunning]").wait_for()
        assert comes(said, "False False"), "the run ended in the midst of its work, which nobody stopped"
        expect(page.get_by_text("To the end of ?")).to_have_count(0)


def test_a_click_right_after_the_stop_button_undoes_nothing(browser: Any, server: Server, said: Path) -> None:
    with visiting(browser, server) as visit:
        answering(visit).evaluate(
            """async () => {
              document.querySelector("[data-testid=stChatInputStopButton]").click();
              await new Promise((resolve) => setTimeout(resolve, 30));  // else the two may be sent the other way round
              [...document.querySelectorAll("button")].find((button) => button.innerText === "Again").click();
            }"""
        )
        assert comes(said, "stopped", "True True stopped")  # at the click the work may have seen the stop, or not yet


def test_a_reload_is_told_from_both(browser: Any, server: Server, said: Path) -> None:
    with visiting(browser, server) as visit:
        answering(visit).reload()
        assert comes(said, "False False")
