"""A closed tab, or another page, ends the computing of an answer; a reload does not lose it."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from ert_core.assistant import Assistant
from ert_core.settings import Settings
from tests.browser import NEEDS_CHROMIUM, Server, running_server, visiting
from tests.journeys import FIRST
from tests.tiny_model import VOCABULARY_TEXTS, build_tiny_model

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
TEXT = "Le forage F2 atteint 42 mètres de profondeur. L'argile y est humide et sa résistivité est faible. " * 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = tmp_path_factory.mktemp("leaving")
    model = build_tiny_model(
        home / "model", vocabulary_texts=[*VOCABULARY_TEXTS, TEXT], layers=24, hidden=256, context=8192
    )
    # Long answers, without 8-bit copies: compiled code would have written them before anybody has left.
    slow = {"ERT_CPU_BUDGET": "50", "ERT_INT8_DECODING": "0", "ERT_MAX_NEW_TOKENS_CPU": "6000"}
    with running_server(
        home / "data", ERT_LLM=str(model), ERT_ANSWER_MODE="written", ERT_LANGUAGE="fr", **slow
    ) as server:
        yield server


def comes_to(server: Server, *, compute: bool, seconds: float = 8.0) -> bool:
    """Whether it computes, or rests, at some moment within `seconds`: a budget pauses, a stop takes a moment."""
    deadline = time.monotonic() + seconds
    while computing(server) != compute:
        if time.monotonic() > deadline:
            return False
    return True


def computing(server: Server, seconds: float = 0.5) -> bool:
    """Whether the server uses more than a tenth of a core."""
    process = psutil.Process(server.process.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return sum(process.cpu_times()[:2]) - before > 0.1 * seconds


def ask(visit: Any, question: str) -> None:
    visit.ask(question)
    visit.page.get_by_text("Rédaction…").wait_for()


def test_leaving_ends_the_computing_and_coming_back_goes_on(browser: Any, server: Server, tmp_path: Path) -> None:
    (tmp_path / "forage.txt").write_text(TEXT, encoding="utf-8")
    with visiting(browser, server) as visit:
        visit.open("documents")
        visit.page.locator("input[type=file]").set_input_files(str(tmp_path / "forage.txt"))
        visit.page.get_by_test_id("stAlert").wait_for(timeout=FIRST)
        visit.page.get_by_role("link", name="Discussion").click()
        ask(visit, "Quelle est la profondeur du forage F2 ?")
        address = visit.page.url
        visit.page.get_by_role("link", name="Documents").click()
        visit.page.wait_for_timeout(3000)  # a browser that is back at once finds its answer still being written
        assert comes_to(server, compute=False), "another page: nothing is written for nobody"
        visit.page.goto(address)
        visit.page.get_by_text("Réponse interrompue.").wait_for()
        ask(visit, "Et l'argile ?")
        visit.page.get_by_text("English").click()
        visit.page.get_by_text("Writing…").wait_for()
        visit.page.wait_for_timeout(1500)
        assert comes_to(server, compute=True), "a click on the page does not stop it"
        visit.page.reload()
        visit.page.get_by_text("Writing…").wait_for()
        assert comes_to(server, compute=True), "nor does a reload"
        address = visit.page.url
    assert comes_to(server, compute=False), "a closed tab"
    with visiting(browser, server) as visit:
        visit.page.goto(address)
        visit.page.get_by_text("Writing…").wait_for()
        assert comes_to(server, compute=True), "opened again soon after"
    time.sleep(11.5)
    with visiting(browser, server) as visit:
        visit.page.goto(address)
        visit.page.get_by_text("Answer stopped.").first.wait_for()
        visit.page.get_by_text("Et l'argile ?").first.wait_for()


def test_ctrl_c_ends_the_server_with_a_word_and_what_was_written_is_kept(browser: Any, server: Server) -> None:
    with visiting(browser, server) as visit:
        visit.open()
        ask(visit, "Quelle est la résistivité de l'argile ?")
        conversation = visit.page.url.partition("c=")[2].partition("&")[0]
        visit.page.locator("[data-testid=stChatMessage]").last.get_by_test_id("stMarkdown").first.wait_for()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(30) == 0, "it is no error"
    said = server.log.read_text(encoding="utf-8")
    assert said.rstrip().endswith("ERT s'arrête…") and "Aborted" not in said and "Traceback" not in said
    engine = Assistant(Settings.load(home=server.log.parent))
    answer = engine.conversations.messages(conversation)[-1].answer
    engine.close()
    assert answer is not None and answer.finish_reason == "cancelled"
