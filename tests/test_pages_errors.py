"""What a person is told when something is wrong: what happened and what to do, in their language, never a traceback."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ert_core.assistant import Assistant
from ert_core.database import DATABASE_FILE
from ert_core.schema import SCHEMA_VERSION
from ert_core.settings import Settings
from tests.browser import NEEDS_CHROMIUM, SECOND_THOROUGHLY, Server, Visit, running_server, visiting
from tests.conftest import WELL_FR
from tests.journeys import FIRST, answer, error_words, filled_home, replaced, words
from tests.tiny_model import build_tiny_model

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.parametrize("locale", SECOND_THOROUGHLY)]
DEPTH = "Quelle est la profondeur du forage F2 ?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without documents."""
    with running_server(tmp_path_factory.mktemp("errors") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a language model that the tests break."""
    return build_tiny_model(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def asked(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a document, and with the language model."""
    home = filled_home(tmp_path_factory.mktemp("asked") / "home", {"combe-noire.md": WELL_FR.encode()})
    with running_server(home, ERT_LLM=str(model), ERT_ANSWER_MODE="written") as running:
        yield running


def told(visit: Visit, *sentences: str) -> None:
    for sentence in sentences:
        visit.page.get_by_test_id("stAlert").get_by_text(sentence).first.wait_for(timeout=FIRST)


def test_a_question_without_documents_or_too_long(browser: Any, server: Server, locale: str) -> None:
    with visiting(browser, server, locale) as visit:
        visit.open()
        visit.ask(DEPTH)
        told(visit, *error_words(locale, "no_documents"))
        visit.page.get_by_text(DEPTH).wait_for()  # it is not lost
        visit.ask("profondeur " * 600)
        told(visit, *error_words(locale, "question_long", length=6599, limit=4000))


def test_a_folder_that_is_not_there(browser: Any, server: Server, locale: str) -> None:
    with visiting(browser, server, locale) as visit:
        page = visit.open("documents")
        page.locator(".st-key-folders summary").click()
        page.get_by_label(words(locale, "library.folder_path")).fill("/nowhere/at/all")
        page.locator(".st-key-follow-yes button").click()
        told(visit, *error_words(locale, "folder_missing", path="/nowhere/at/all"))


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("model.safetensors", None, "model_pickle_only"),
        ("model.safetensors", b"torn", "model_damaged"),
        ("config.json", None, "model_no_config"),
        ("tokenizer.json", None, "model_no_tokenizer"),
    ],
)
def test_a_model_that_cannot_be_used_gives_quotes_and_says_why(
    browser: Any, asked: Server, model: Path, tmp_path: Path, locale: str, file: str, content: bytes | None, code: str
) -> None:
    sound = shutil.copytree(model, tmp_path / "sound")
    (model / "pytorch_model.bin").write_bytes(b"anything")
    (model / file).unlink() if content is None else (model / file).write_bytes(content)
    try:
        with visiting(browser, asked, locale) as visit:
            visit.open()
            visit.ask(DEPTH)
            answer(visit).get_by_text("48,5 m").first.wait_for(timeout=FIRST)
            values = {"path": model, "file": model / file, "reason": "header"}
            told(visit, " ".join(error_words("fr-FR", code, **values)))  # in the language of the question
    finally:
        shutil.copytree(sound, model, dirs_exist_ok=True)


def test_a_model_whose_folder_has_gone_gives_quotes_and_says_why(
    browser: Any, asked: Server, model: Path, tmp_path: Path, locale: str
) -> None:
    away = model.rename(tmp_path / "away")
    try:
        with visiting(browser, asked, locale) as visit:
            visit.open()
            visit.ask(DEPTH)
            answer(visit).get_by_text("48,5 m").first.wait_for(timeout=FIRST)
            told(visit, " ".join(error_words("fr-FR", "model_folder_missing", path=model)))
    finally:
        away.rename(model)


def test_a_data_directory_that_cannot_be_written(browser: Any, tmp_path: Path, locale: str) -> None:
    forbidden = "/proc/ert"  # not even root may make it
    with running_server(tmp_path, ERT_HOME=forbidden) as server, visiting(browser, server, locale) as visit:
        for path in ("", "documents", "quality", "monitor", "settings"):
            visit.open(path)
            told(visit, *error_words(locale, "home_unusable", path=forbidden, reason="No such file or directory"))


def test_a_server_that_has_stopped(browser: Any, tmp_path: Path, locale: str) -> None:
    with running_server(tmp_path) as server, visiting(browser, server, locale) as visit:
        visit.open().get_by_test_id("stChatInputTextArea").wait_for()
        port = int(server.url.rpartition(":")[2])
        server.kill()
        lost = visit.page.get_by_role("heading", name=words(locale, "connection.lost"))
        lost.wait_for()
        assert replaced(lost) == words(locale, "connection.lost")
        remedy = replaced(visit.page.get_by_text("Streamlit server is not responding"))
        assert remedy == words(locale, "connection.restart")
        engine = Assistant(Settings.load(home=tmp_path))
        engine.conversations.start("Meanwhile")
        engine.close()
        with running_server(tmp_path, port=port) as again:
            visit.page.get_by_text("Meanwhile").wait_for()  # without a click
            again.kill()
        lost.wait_for()
        with running_server(tmp_path, port=port):
            lost.wait_for(state="detached")
            visit.ask("profondeur " * 600)  # at once, before the page has been run
            told(visit, *error_words(locale, "question_long", length=6599, limit=4000))
        visit.forgive("net::ERR_", "WebSocket connection", "status of 503")
        visit.forgive("No response received", "server is not responding")


def test_a_page_that_is_not_there(browser: Any, server: Server, locale: str) -> None:
    with visiting(browser, server, locale) as visit:
        visit.open("documentz")
        told_in_dialog = visit.page.get_by_role("heading", name=words(locale, "connection.no_page"))
        told_in_dialog.wait_for()
        assert replaced(told_in_dialog) == words(locale, "connection.no_page")
        assert replaced(visit.page.get_by_text("does not seem to exist")) == words(locale, "connection.instead")
        visit.page.get_by_text(words(locale, "chat.welcome_empty")).wait_for()  # and it is there
        visit.forgive("documentz", "main page")


def test_a_database_of_a_newer_ert(browser: Any, tmp_path: Path, locale: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / DATABASE_FILE)) as database, database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with running_server(home) as server, visiting(browser, server, locale) as visit:
        for path in ("", "documents", "quality", "monitor", "settings"):
            visit.open(path)
            told(visit, *error_words(locale, "database_newer", path=home / DATABASE_FILE))


def test_a_database_that_is_something_else(browser: Any, tmp_path: Path, locale: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / DATABASE_FILE).write_bytes(b"not a database at all" * 200)
    with running_server(home) as server, visiting(browser, server, locale) as visit:
        visit.open()
        values = {"path": home / DATABASE_FILE, "reason": "file is not a database"}
        told(visit, *error_words(locale, "database_damaged", **values))
