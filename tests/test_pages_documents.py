"""The documents page: adding that can be paused, collections, followed folders, and a page for each document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.conftest import SURVEY_EN, WELL_FR
from tests.journeys import FIRST

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order; slow enough to be paused."""
    with running_server(tmp_path_factory.mktemp("documents") / "home", ERT_CPU_BUDGET="25") as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as opened:
        yield opened
        assert opened.foreign == [], "nothing is asked from outside"
        assert "Traceback" not in opened.text()


@pytest.mark.thorough
def test_adding_is_paused_found_again_and_resumed_in_another_tab(
    browser: Any, server: Server, visit: Visit, tmp_path: Path
) -> None:
    report = "\n\n".join(f"Sounding {n} was made at a depth of {n + 3} m in grey clay." for n in range(4000))
    (tmp_path / "long.txt").write_text(report)
    visit.open("documents")
    visit.page.locator("input[type=file]").set_input_files(tmp_path / "long.txt")
    visit.page.get_by_text("Indexation : long.txt").wait_for()
    visit.page.get_by_role("button", name="Mettre en pause").click()
    visit.page.get_by_text("En pause · Indexation").wait_for()
    visit.page.reload()
    visit.page.get_by_text("En pause · Indexation").wait_for()
    with visiting(browser, server, "en-GB") as other:
        other.open("documents").get_by_role("button", name="Go on").click()
        other.page.get_by_role("button", name="Pause", exact=True).wait_for()
        visit.page.get_by_role("button", name="Mettre en pause").wait_for()
    visit.page.get_by_role("button", name="Mettre en pause").click()
    visit.page.get_by_text("En pause · Indexation").wait_for()
    visit.page.get_by_role("button", name="Arrêter").click()
    visit.page.get_by_text("Ajout arrêté").wait_for()
    assert "ajouté : 1" not in visit.text()


def click_cell(visit: Visit, x: int, row: int) -> None:
    """Click in the table: the cells are painted, there is no box to find."""
    grid = visit.page.get_by_test_id("stDataFrame").locator("canvas").first
    grid.wait_for()
    visit.page.wait_for_timeout(800)
    grid.click(position={"x": x, "y": 52 + 35 * row}, force=True)


def test_folders_are_followed_and_a_bad_file_is_told(visit: Visit, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "combe-noire.md").write_text(WELL_FR, encoding="utf-8")
    (first / "pump.txt").write_text("The pump is blue.", encoding="utf-8")
    (first / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (second / "harbour-lane.txt").write_text(SURVEY_EN, encoding="utf-8")
    page = visit.open("documents")
    page.locator(".st-key-folders summary").click()
    path = page.get_by_label("Chemin du dossier")
    path.fill(str(tmp_path / "nowhere"))
    page.locator(".st-key-follow-yes button").click()
    page.get_by_text("Il n'y a pas de dossier").wait_for()
    path.fill(str(first))
    page.locator(".st-key-follow-yes button").click()
    page.get_by_role("heading", name="2 documents").wait_for(timeout=FIRST)
    page.get_by_text("Fichiers sans document : 1").click()
    page.get_by_text("broken.pdf").wait_for()
    (first / "pump.txt").unlink()
    path.fill(str(second))
    page.locator(".st-key-follow-yes button").click()  # looks at once, at all of them
    page.get_by_text("Dossiers suivis : 2").wait_for()
    page.get_by_text("1 fichier").wait_for()
    page.get_by_role("button", name="Ne plus suivre").nth(1).click()
    page.get_by_text("Dossiers suivis : 1").wait_for()
    page.get_by_role("heading", name="2 documents").wait_for()


def test_documents_are_filtered_and_put_into_a_collection(visit: Visit) -> None:
    page = visit.open("documents")
    page.get_by_text("2 sur 2").wait_for()
    page.get_by_label("Chercher").fill("LANE")
    page.get_by_text("1 sur 2").wait_for()
    click_cell(visit, 18, 0)
    page.get_by_role("button", name="Ranger (1)").click()
    page.get_by_label("Nouvelle collection").fill("Relevés")
    page.get_by_label("Nouvelle collection").press("Enter")
    page.locator(".st-key-add-to button").click()
    page.get_by_label("Chercher").fill("")
    page.get_by_text("2 sur 2").wait_for()
    page.get_by_label("Collection").click()
    page.get_by_text("Relevés (1)").click()
    page.get_by_text("1 sur 2").wait_for()
    page.get_by_role("button", name="Collections").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nouvelle collection").fill("relevés")
    dialog.get_by_role("button", name="Créer").click()
    dialog.get_by_text("Il y a déjà une collection « Relevés ».").wait_for()
    dialog.get_by_label("Nouvelle collection").fill("Forages")
    dialog.get_by_role("button", name="Créer").click()
    dialog.get_by_text("Forages").wait_for()


def test_a_document_has_a_page_of_its_own(visit: Visit) -> None:
    page = visit.open()
    visit.ask("Quelle est la profondeur du forage F2 ?")
    page.get_by_text("Le forage F2 atteint une profondeur de 48,5 m.").first.wait_for()
    page.wait_for_url(re.compile(r"\?c="))
    visit.open("documents")
    page.get_by_label("Chercher").fill("combe")
    page.get_by_text("1 sur 2").wait_for()
    click_cell(visit, 60, 0)
    page.wait_for_url(re.compile(r"/document\?.*d=[0-9a-f]{64}"))
    page.get_by_role("heading", name="combe-noire.md").wait_for()
    page.get_by_test_id("stCode").get_by_text("# Forage de la Combe Noire").wait_for()  # as ERT sees it, unformatted
    address = page.url
    page.reload()
    page.get_by_text("Cité dans").click()
    page.get_by_text("Le forage F2 atteint une profondeur de 48,5 m.").first.wait_for()
    page.wait_for_timeout(1500)  # a run of the page that is going on makes the file another one
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger le fichier").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == WELL_FR
    assert download.value.suggested_filename == "combe-noire.md"
    page.get_by_role("link", name="Quelle est la profondeur du forage F2 ?").click()
    page.get_by_role("button", name="Répondre à nouveau").wait_for()
    page.goto(address)  # going back may need two steps: Streamlit notes some addresses twice
    page.get_by_role("heading", name="combe-noire.md").wait_for()
    page.get_by_role("button", name="Supprimer").click()
    page.get_by_role("button", name="Oui, supprimer").click()
    page.get_by_role("heading", name="1 document").wait_for()
    visit.open("document?d=nothing").get_by_text("Ce document n'est plus dans ERT").wait_for()
