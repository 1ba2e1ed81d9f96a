"""Conversations in the pages: asked, edited, answered again, named, found, deleted with a way back, exported; and the
source beside the answer, marked where the words stand."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import expect

from ert_core.database import DATABASE_FILE
from ert_core.row_checks import OF_CONVERSATION, add_functions
from tests.browser import NEEDS_CHROMIUM, REPOSITORY, Server, Visit, running_server, visiting
from tests.conftest import SURVEY_EN, WELL_FR
from tests.journeys import filled_home, give_files

pytestmark = NEEDS_CHROMIUM
SAMPLES = REPOSITORY / "samples"
DEPTH, FLOW = "Quelle est la profondeur du forage F2 ?", "Quel a été le débit d'essai ?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    names = ("principes-de-la-tomographie.pdf", "landfill-report-wexmoor-hollow.pdf")
    files = {name: (SAMPLES / name).read_bytes() for name in names}
    files |= {"combe-noire.md": WELL_FR.encode(), "harbour-lane.txt": SURVEY_EN.encode()}
    with running_server(filled_home(tmp_path_factory.mktemp("conversations") / "home", files)) as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as opened:
        yield opened
        assert opened.foreign == [] and opened.errors == []
        assert "Traceback" not in opened.text()


def asked(visit: Visit, question: str, shown: str) -> None:
    """A question in a new conversation, answered and at rest."""
    visit.open()
    visit.ask(question)
    visit.page.locator(".ert-answer").get_by_text(shown).first.wait_for()
    visit.page.wait_for_url(re.compile(r"\?c=[0-9a-f]{32}"))
    at_rest(visit)


def at_rest(visit: Visit) -> None:
    """Once the actions of the last answer are there, nothing runs any more."""
    visit.page.get_by_role("button", name=re.compile("Répondre à nouveau|Answer again")).last.wait_for()
    visit.page.get_by_test_id("stChatInputStopButton").wait_for(state="detached")


def difference(served: bytes, document: Path, page: int) -> np.ndarray:
    """Where a picture of a page differs from the page as pdfium draws it: bool, shape (height, width)."""
    shown = Image.open(io.BytesIO(served)).convert("RGB")
    with pypdfium2.PdfDocument(document) as pdf:
        plain = pdf[page - 1].render(scale=shown.width / pdf[page - 1].get_width()).to_pil().convert("RGB")
    plain = plain.resize(shown.size)
    return np.abs(np.asarray(shown, dtype=int) - np.asarray(plain, dtype=int)).sum(axis=2) > 60


def words_at(document: Path, page: int, words: str, size: tuple[int, int]) -> np.ndarray:
    """Where pdfium finds some words on a page, for a picture of `size` (width, height)."""
    mask = np.zeros((size[1], size[0]), dtype=bool)
    with pypdfium2.PdfDocument(document) as pdf:
        text = pdf[page - 1].get_textpage()
        index, count = text.search(words).get_next()
        scale, height = size[0] / pdf[page - 1].get_width(), pdf[page - 1].get_height()
        for n in range(text.count_rects(index, count)):
            left, bottom, right, top = text.get_rect(n)
            rows = slice(round((height - top) * scale), round((height - bottom) * scale))
            mask[rows, round(left * scale) : round(right * scale)] = True
    return mask


@pytest.mark.parametrize(
    ("locale", "question", "file", "words"),
    [
        (
            "fr-FR",
            "Quelle est l'erreur admise pour R = 1,648 Ω ?",
            "principes-de-la-tomographie.pdf",
            "l’erreur admise",
        ),
        ("en-GB", "What is the alarm level at MW2?", "landfill-report-wexmoor-hollow.pdf", "the alarm level is 1,200"),
    ],
)
def test_a_marker_opens_page_3_with_the_words_marked(
    browser: Any, server: Server, locale: str, question: str, file: str, words: str
) -> None:
    with visiting(browser, server, locale) as visit:
        visit.open()
        visit.ask(question)
        marker = visit.page.locator(".ert-answer p", has_text=words).locator(".ert-marker").first
        marker.wait_for()
        at_rest(visit)
        marker.click()
        visit.page.get_by_text(re.compile("Page 3 (sur|of) 3")).wait_for()
        picture = visit.page.get_by_test_id("stImage").locator("img").first
        picture.wait_for()
        served = visit.page.request.get(visit.page.evaluate("node => node.src", picture.element_handle())).body()
        marked = difference(served, SAMPLES / file, 3)
        there = words_at(SAMPLES / file, 3, words, (marked.shape[1], marked.shape[0]))
        assert there.any() and marked[there].mean() > 0.5, "the words are marked"
        assert marked.mean() < 0.1, "and not all of the page"
        assert visit.foreign == []


def test_a_question_is_edited_and_both_versions_are_kept(visit: Visit) -> None:
    asked(visit, DEPTH, "48,5 m")
    visit.page.get_by_role("button", name="Modifier").click()
    visit.page.get_by_role("textbox", name="Votre question modifiée").fill(FLOW)
    visit.page.get_by_role("button", name="Poser").click()
    visit.page.locator(".ert-answer").get_by_text("14 m³/h").first.wait_for()
    visit.page.get_by_text("2 sur 2").wait_for()
    assert DEPTH not in visit.page.get_by_test_id("stMain").inner_text()
    at_rest(visit)
    visit.page.locator("[class*='st-key-message-earlier'] button").first.click()
    visit.page.get_by_text("1 sur 2").wait_for()
    visit.page.locator(".ert-answer").get_by_text("48,5 m").first.wait_for()


def test_a_question_that_was_left_without_an_answer_can_be_answered(visit: Visit, server: Server) -> None:
    home = server.log.parent
    asked(visit, DEPTH, "48,5 m")
    with (
        closing(sqlite3.connect(home / DATABASE_FILE)) as database,
        database,
    ):  # as a stop before its first word leaves it
        (last,) = database.execute("SELECT max(id) FROM messages").fetchone()
        add_functions(database)
        database.execute("UPDATE conversations SET head = head - 1 WHERE head = ?", (last,))
        database.execute(f"UPDATE conversations SET checksum = checksum({OF_CONVERSATION})")
        database.execute("DELETE FROM messages WHERE id = ?", (last,))
    visit.page.reload()
    visit.page.get_by_role("button", name="Répondre", exact=True).click()
    visit.page.locator(".ert-answer").get_by_text("48,5 m").first.wait_for()


def test_an_answer_is_made_again_and_rated_with_a_word(visit: Visit, server: Server, browser: Any) -> None:
    asked(visit, DEPTH, "48,5 m")
    visit.page.get_by_role("button", name="Répondre à nouveau").click()
    visit.page.get_by_text("2 sur 2").wait_for()
    at_rest(visit)
    visit.page.get_by_test_id("stFeedback").get_by_role("button").or_(
        visit.page.get_by_test_id("stFeedback").get_by_role("radio")
    ).last.click()
    visit.page.get_by_role("button", name="Un mot sur cette réponse").click()
    box = visit.page.get_by_role("textbox", name="Un mot sur cette réponse")
    box.fill("trop court")
    box.press("Enter")
    visit.page.get_by_text("Merci, c'est noté.").wait_for()
    with visiting(browser, server) as other:
        other.page.goto(visit.page.url)
        other.page.get_by_role("button", name="Un mot sur cette réponse").click()
        expect(other.page.get_by_role("textbox", name="Un mot sur cette réponse")).to_have_value("trop court")


def test_conversations_are_found_named_deleted_and_brought_back(visit: Visit) -> None:
    asked(visit, FLOW, "14 m³/h")
    sidebar = visit.page.get_by_test_id("stSidebar")
    search = sidebar.get_by_role("textbox", name="Chercher dans les discussions")
    search.fill("electrodes")
    search.press("Enter")
    sidebar.get_by_text("Aucune discussion ne contient ces mots.").wait_for()
    search.fill("DEBIT")
    search.press("Enter")
    line = sidebar.get_by_role("button", name=FLOW).first
    line.wait_for()
    name = visit.page.get_by_role("textbox", name="Nouveau nom")
    for typed, save in (
        ("Essai", lambda: name.press("Enter")),
        ("Essai du puits", visit.page.get_by_role("button", name="Enregistrer").click),
    ):
        sidebar.get_by_role("button", name="Actions", exact=True).first.click()
        visit.page.get_by_text("Renommer", exact=True).click()
        name.fill(typed)
        save()
        sidebar.get_by_role("button", name=typed, exact=True).wait_for()
    sidebar.get_by_test_id("stMenuButton").first.get_by_role("button").click()
    visit.page.get_by_text("Supprimer", exact=True).click()
    visit.page.get_by_text("Discussion supprimée : Essai du puits").wait_for()
    visit.page.get_by_text("Que voulez-vous savoir").wait_for()
    sidebar.get_by_role("button", name="Annuler").click()
    sidebar.get_by_role("button", name="Essai du puits").click()
    visit.page.locator(".ert-answer").get_by_text("14 m³/h").first.wait_for()


def test_a_conversation_is_exported_with_its_citations(visit: Visit, tmp_path: Path) -> None:
    asked(visit, DEPTH, "48,5 m")
    visit.page.get_by_test_id("stSidebar").get_by_test_id("stMenuButton").first.get_by_role("button").click()
    visit.page.get_by_text("Exporter", exact=True).click()
    files = {}
    for name in ("Markdown, pour lire", "JSON, pour un programme"):
        with visit.page.expect_download() as download:
            visit.page.get_by_role("button", name=name).click()
        files[download.value.suggested_filename] = Path(download.value.path()).read_text(encoding="utf-8")
    assert "combe-noire.md" in files["discussion.md"] and "(citation vérifiée)" in files["discussion.md"]
    cited = json.loads(files["discussion.json"])["messages"][1]["answer"]["citations"][0]
    assert WELL_FR[cited["start"] : cited["end"]] == cited["quote"]


def test_a_question_is_asked_of_chosen_documents_only(visit: Visit) -> None:
    visit.open()
    visit.page.get_by_role("button", name="Tous les documents").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_text("Des documents choisis").click()
    dialog.get_by_role("combobox", name="Choisir des documents").fill("harbour")
    visit.page.get_by_role("option", name="harbour-lane.txt").click()
    visit.page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Enregistrer").click()
    visit.page.get_by_role("button", name="1 document choisi").wait_for()
    visit.ask(DEPTH)
    visit.page.get_by_text("Vos documents ne semblent pas contenir la réponse").wait_for()
    visit.page.get_by_text("Cherché seulement dans : harbour-lane.txt").wait_for()
    visit.page.get_by_role("button", name="Chercher dans tous les documents").click()
    visit.page.locator(".ert-answer").get_by_text("48,5 m").first.wait_for()


def test_a_file_given_in_the_box_is_added_and_searched_first(visit: Visit) -> None:
    visit.open()
    give_files(visit, {"puits.txt": "Le puits de Valsombre descend à 91 m sous le plateau.\n".encode()}, in_box=True)
    visit.page.get_by_test_id("stChatInput").get_by_text("puits.txt").wait_for()
    visit.ask("À quelle profondeur descend le puits de Valsombre ?")
    visit.page.locator(".ert-answer").get_by_text("91 m sous le plateau").first.wait_for()
    visit.page.get_by_text("Cherché d'abord dans : puits.txt").wait_for()


def test_a_second_tab_shows_the_same_conversation(visit: Visit, browser: Any, server: Server) -> None:
    asked(visit, DEPTH, "48,5 m")
    with visiting(browser, server, "en-GB") as other:
        other.page.goto(visit.page.url)
        other.page.locator(".ert-answer").get_by_text("48,5 m").first.wait_for()
        other.ask("And its flow?")
        other.page.get_by_test_id("stChatMessage").nth(3).wait_for()
        at_rest(other)
    visit.page.reload()
    visit.page.get_by_text("And its flow?").first.wait_for()
