"""Text of documents in the page: exactly as written, nothing made of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ert_core.assistant import Assistant
from ert_core.settings import Settings
from ert_core.types import Answer, Message
from tests.browser import NEEDS_CHROMIUM, REPOSITORY, running_server, visiting
from tests.journeys import FIRST
from tests.test_statements import STATEMENTS, TEXT

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
SYMBOLS = (
    "The Zanzibar sheet lists the symbols a -> b, x >= 5 -- ~= 7 <- 8 <-> 9 <= 10 :smile: :streamlit: $x^2$ "
    ":material/home: :material_home: :red[no] www.example.org https://example.org/a me@example.org "
    "<b>bold</b> ![i](http://127.0.0.1:9/i.png)"
)
AUTHORS = "The Quibell inversion was written by Loke [2] and Barker [7]"


def visible(element: Any) -> str:
    return str(element.inner_text()).replace("\u2060", "").replace("\u200b", "")


def test_document_text_is_shown_as_written(browser: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = [tmp_path / "symbols -- sheet.txt", tmp_path / "authors.txt"]
    for file, text in zip(files, (SYMBOLS, AUTHORS), strict=True):
        file.write_text(f"{text}\n", encoding="utf-8")
    command = [sys.executable, "-m", "ert_core", "ingest", *map(str, files), "--home", str(home)]
    subprocess.run(command, cwd=REPOSITORY, check=True, timeout=120, capture_output=True)
    with running_server(home) as server, visiting(browser, server) as visit:
        visit.open()
        visit.ask("What does the Zanzibar sheet list?\n\n    indented -> line")
        answer = visit.page.get_by_test_id("stChatMessage").nth(1)
        answer.locator(".ert-marker").first.wait_for(timeout=FIRST)
        assert visible(answer.locator("p", has_text="Zanzibar").first) == f"{SYMBOLS}1"
        answer.get_by_role("button", name="symbols").wait_for()
        marked = visit.page.locator(".stMarkdownColoredBackground").first
        marked.wait_for()
        shown = visible(visit.page.get_by_test_id("stApp"))
        assert shown.count("symbols -- sheet.txt") >= 2, "the source's name below the answer and beside it"
        assert visible(marked) == SYMBOLS
        question = visit.page.get_by_test_id("stChatMessage").first.get_by_test_id("stMarkdownContainer").first
        assert [line for line in visible(question).splitlines() if line] == [
            "What does the Zanzibar sheet list?",
            "indented -> line",
        ]
        made = visit.page.get_by_test_id("stChatMessage").locator("img, a, b, pre, code, ul, ol, h1, .katex")
        assert made.count() == 0
        assert answer.locator(".ert-marker").count() == 1  # and a marker is made where one is meant

        visit.ask("Who wrote the Quibell inversion?")
        quote = visit.page.get_by_test_id("stChatMessage").nth(3).locator("p", has_text="Loke").first
        quote.wait_for()
        assert visible(quote) == f"{AUTHORS}1"
        assert quote.locator(".ert-marker").all_inner_texts() == ["1"]

        visit.ask("Qui a peint la Joconde [1] :smile: ?")
        refusal = visit.page.get_by_test_id("stChatMessage").nth(5).locator("p", has_text="ne semblent pas").first
        refusal.wait_for()
        assert "symbols -- sheet.txt" in visible(refusal), "the nearest passages are named as their documents are"
        assert refusal.locator(".ert-marker").count() == 0
        assert visit.foreign == []


def test_the_page_sets_statements_off_and_explains_the_colours(browser: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    engine = Assistant(Settings.load(home=home))
    conversation = engine.conversations.start("How long?")
    engine.conversations.add(conversation, Message("user", "How long?"))
    answer = Answer(TEXT, "written", "en", statements=STATEMENTS, timings={"total": 1.0})
    engine.conversations.add(conversation, Message("assistant", TEXT, answer))
    engine.close()
    with running_server(home) as server, visiting(browser, server, locale="en-GB") as visit:
        visit.page.goto(f"{server.url}/?c={conversation}")
        message = visit.page.get_by_test_id("stChatMessage").nth(1)
        message.wait_for()
        message.locator(".ert-marker").first.wait_for()
        assert message.locator(".ert-marker").all_inner_texts() == ["1", "2"]
        marked = message.locator("span.ert-unverified, .ert-number").all_inner_texts()
        assert [m.strip() for m in marked] == ["It is -> $", "9", "$ wide."]
        assert message.locator(".katex").count() == 0
        message.get_by_text("2 of 3 statements verified").wait_for()
