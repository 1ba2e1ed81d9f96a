"""The search model on the settings page: chosen, downloaded, documents read again, stopped and taken up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from ert_core.analysis import analyse
from ert_core.assistant import Assistant
from ert_core.new_document import NewDocument
from ert_core.passages import PageSpan
from ert_core.sentence_vectors import PassageVector
from ert_core.settings import Settings
from ert_core.types import Source
from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.conftest import WELL_FR, add
from tests.fake_hub import serve_hub
from tests.journeys import FIRST
from tests.tiny_embedder import build_tiny_embedder

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
E5 = "intfloat/multilingual-e5-small"
PASSAGES = 600


def fill(home: Path, model: Path) -> None:
    """A real document, and a long one whose vectors are made up, so that reading it again takes a while."""
    engine = Assistant(Settings.load(home=home))
    engine.change_settings(embedding_model=str(model))
    add(engine, Source("combe-noire.md", WELL_FR.encode()))
    words = "une couche de sable et de gravier sur une couche d'argile grise " * 9
    text = "\n\n".join(f"Le forage {n} traverse {words}." for n in range(PASSAGES))
    pages = [PageSpan(None, 0, len(text))]
    analysis = analyse(text, pages)
    assert len(analysis.passages) == PASSAGES
    vector = PassageVector(np.ones(32, dtype=np.float32) / np.float32(np.sqrt(32)), np.ones((1, 32), dtype=np.int8))
    name = engine.library.active_model()
    assert name is not None
    document = NewDocument("d", "long.txt", "text/plain", b"x", text, pages, analysis, {name: [vector] * PASSAGES})
    assert engine.library.store.add(document) == "saved"
    engine.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    build_tiny_embedder(folder / "premier", seed=1)
    build_tiny_embedder(folder / "second", seed=2, hidden=192, layers=3)  # slow enough to be stopped
    build_tiny_embedder(folder / "e5", seed=3, modules=True)
    return folder


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("search") / "home"
    fill(home, models / "premier")
    with (
        serve_hub(E5, models / "e5") as hub,
        running_server(home, HF_ENDPOINT=hub.endpoint, HF_HOME=str(home / "hf")) as running,
    ):
        yield running


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as opened:
        yield opened
        assert opened.foreign == [] and "Traceback" not in opened.text()


def test_the_models_are_listed_with_what_they_are(visit: Visit) -> None:
    visit.open("settings").get_by_text("La recherche utilise").wait_for()
    for words in (
        "ERT MiniLM-L6 français-anglais (par défaut)",
        "fourni avec ERT",
        "488 Mo à télécharger",
        "licence MIT",
    ):
        visit.page.get_by_text(words).first.wait_for()
    box = visit.page.get_by_role("textbox", name="Dossier ou identifiant du modèle de recherche")
    expect(box).to_have_value(re.compile("/premier$"))
    expect(visit.page.get_by_text("La recherche utilise")).to_contain_text("premier")


def test_another_folder_is_taken_after_reading_again_which_can_be_stopped(visit: Visit, models: Path) -> None:
    visit.open("settings")
    box = visit.page.get_by_role("textbox", name="Dossier ou identifiant du modèle de recherche")
    box.fill("/nowhere/model")
    box.press("Enter")
    visit.page.get_by_text(f"{PASSAGES + 1} passages").wait_for()
    visit.page.get_by_role("button", name="Utiliser pour la recherche").click()
    visit.page.get_by_text("« /nowhere/model » n'existe pas").wait_for()
    box.fill(str(models / "second"))
    box.press("Enter")
    visit.page.get_by_role("button", name="Utiliser pour la recherche").click()
    visit.page.get_by_text(re.compile(rf"Nouvel index de recherche : \d+ passages sur {PASSAGES + 1}")).wait_for()
    visit.page.get_by_text("En attendant, la recherche utilise").first.wait_for()
    visit.page.get_by_role("button", name="Arrêter la relecture").click()
    visit.page.get_by_text("Ce qui est fait est gardé").wait_for()
    visit.open("settings")  # as another tab, or tomorrow
    visit.page.get_by_role("button", name="Reprendre la relecture").click()
    visit.page.get_by_text(re.compile("La recherche utilise .*/second")).wait_for(timeout=FIRST)


def test_a_model_is_downloaded_and_used(visit: Visit) -> None:
    visit.open("settings")
    visit.page.get_by_text("multilingual-e5-small", exact=True).click()
    visit.page.get_by_text("Le modèle n'est pas encore téléchargé.").wait_for()
    visit.page.get_by_role("button", name="Télécharger").click()
    visit.page.get_by_text("Le modèle est sur cette machine").wait_for()
    visit.page.get_by_text("passages, environ 1 min").wait_for()
    visit.page.get_by_role("button", name="Utiliser pour la recherche").click()
    visit.page.get_by_text("La recherche utilise multilingual-e5-small").wait_for(timeout=FIRST)
    assert visit.page.get_by_role("button", name="Supprimer du disque").count() == 0, "not the one in use"
    visit.open()
    visit.ask("Quelle est la profondeur du forage F2 ?")
    visit.page.get_by_text("48,5 m").first.wait_for()


def test_a_model_fixed_by_the_environment_is_shown_and_taken_at_the_start(
    browser: Any, server: Server, models: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    fill(home, models / "premier")
    with (
        running_server(home, ERT_EMBEDDING_MODEL=str(models / "e5")) as fixed,
        visiting(browser, fixed, "en-GB") as visit,
    ):
        visit.open("settings").get_by_text("Fixed by the variable ERT_EMBEDDING_MODEL").wait_for()
        visit.page.get_by_text(re.compile("Searches use .*/e5")).wait_for(timeout=FIRST)
        assert visit.page.get_by_role("button", name="Use for searching").count() == 0
