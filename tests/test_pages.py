"""The pages as a person meets them: a real server, a real Chromium, both languages."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ert_core import __version__
from ert_core.threads import usable_cpus
from tests.browser import NEEDS_CHROMIUM, REPOSITORY, Server, Visit, running_server, visiting
from tests.conftest import SURVEY_EN, WELL_FR
from tests.journeys import FIRST
from tests.tiny_model import build_tiny_model

pytestmark = NEEDS_CHROMIUM
WORDS = {
    "fr-FR": {"": "Que voulez-vous savoir", "documents": "Déposez des fichiers", "settings": "Réglages"},
    "en-GB": {"": "What would you like to know", "documents": "Drop files here", "settings": "Settings"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order."""
    with running_server(tmp_path_factory.mktemp("pages") / "home") as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as opened:
        yield opened
        assert opened.foreign == [], "nothing is asked from outside"
        assert "Traceback" not in opened.text()


def add_files(visit: Visit, folder: Path) -> None:
    (folder / "combe-noire.md").write_text(WELL_FR, encoding="utf-8")
    (folder / "harbour-lane.txt").write_text(SURVEY_EN, encoding="utf-8")
    visit.open("documents")
    visit.page.locator("input[type=file]").set_input_files([folder / "combe-noire.md", folder / "harbour-lane.txt"])
    visit.page.get_by_test_id("stAlert").wait_for(timeout=FIRST)


@pytest.mark.parametrize("path", ["", "documents", "settings"])
def test_each_page_opens_by_its_address_with_nothing_heavy_loaded(browser: Any, tmp_path: Path, path: str) -> None:
    with running_server(tmp_path / "home") as fresh:
        for locale, words in WORDS.items():
            with visiting(browser, fresh, locale) as visit:
                visit.open(path).get_by_text(words[path]).first.wait_for()
                assert visit.foreign == []
        health = fresh.health()
        assert health["loaded"] == []
        assert health["variables"]["OMP_NUM_THREADS"] == str(min(4, usable_cpus()))
        assert health["variables"]["TOKENIZERS_PARALLELISM"] == "false"


def test_files_are_added_and_a_bad_one_is_told(visit: Visit, tmp_path: Path) -> None:
    add_files(visit, tmp_path)
    visit.page.get_by_text("ajouté : 2").first.wait_for()
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "odd.xyz").write_bytes(b"x")
    visit.page.locator("input[type=file]").set_input_files([tmp_path / "broken.pdf", tmp_path / "odd.xyz"])
    for shown in ("échec : 2", "broken.pdf : échec", "odd.xyz : échec", "2 documents"):
        visit.page.get_by_text(shown).first.wait_for()


def test_a_question_gets_a_quote_and_its_source(visit: Visit, server: Server) -> None:
    visit.open()
    visit.ask("Quelle est la profondeur du forage F2 ?")
    visit.page.get_by_text("Le forage F2 atteint une profondeur de 48,5 m.").first.wait_for()
    marked = visit.page.locator(".stMarkdownColoredBackground").first  # the source stands beside the answer
    marked.wait_for()
    assert marked.inner_text().strip() == "Le forage F2 atteint une profondeur de 48,5 m."
    for shown in ("combe-noire.md", "citation vérifiée", "Télécharger le fichier"):
        visit.page.get_by_text(shown).first.wait_for()
    visit.page.get_by_role("button", name="Fermer la source").click()
    marked.wait_for(state="detached")
    visit.page.get_by_role("button", name="Ouvrir la source 1").first.click()
    marked.wait_for()
    health = server.health()
    half = max(1, math.ceil(usable_cpus() / 2))  # of the balanced budget
    assert health["torch_threads"] == min(4, half) and "torch" in health["loaded"]


def test_a_greeting_and_a_follow_up_are_understood(visit: Visit) -> None:
    visit.open()
    visit.ask("bonjour !")
    visit.page.get_by_text("Bonjour ! Posez-moi une question sur vos documents").wait_for()
    assert visit.page.get_by_role("button", name="Fermer la source").count() == 0, (
        "no source where nothing was searched"
    )
    assert visit.page.get_by_role("button", name="Répondre quand même").count() == 0
    visit.ask("Quel a été le débit d'essai du forage F2 ?")
    visit.page.get_by_text("14 m³/h pendant six heures").first.wait_for()
    visit.ask("Et sa profondeur ?")
    answer = visit.page.get_by_test_id("stChatMessage").nth(5)
    answer.get_by_text("Le forage F2 atteint une profondeur de 48,5 m.").first.wait_for()
    answer.get_by_role("button", name="Ouvrir la source 1 : citation vérifiée").first.wait_for()


def test_turns_are_shown_again_after_a_reload(visit: Visit) -> None:
    visit.open()
    visit.ask("How many electrodes were used?")
    visit.page.get_by_text("72 electrodes").first.wait_for()
    visit.page.wait_for_url(re.compile(r"\?c=[0-9a-f]{32}"))
    visit.page.reload()
    visit.page.get_by_text("How many electrodes were used?").first.wait_for()
    visit.page.get_by_text("72 electrodes").first.wait_for()
    visit.page.get_by_role("button", name="Nouvelle discussion").click()
    visit.page.get_by_text("Que voulez-vous savoir").wait_for()
    visit.page.get_by_text("72 electrodes").first.wait_for(state="detached")


def test_a_question_that_is_too_long_is_told(visit: Visit) -> None:
    visit.open()
    visit.ask("profondeur " * 600)
    visit.page.get_by_text("la limite est de 4\u202f000").wait_for()


def test_no_evidence_is_refused_and_can_be_asked_anyway(visit: Visit) -> None:
    visit.open()
    visit.ask("Qui a peint la Joconde ?")
    visit.page.get_by_text("Vos documents ne semblent pas contenir la réponse").wait_for()
    assert re.search(r"plus proches? : .*(combe-noire\.md|harbour-lane\.txt)", visit.text())
    visit.page.get_by_role("button", name="Répondre quand même").click()
    visit.page.get_by_text("lisez ce qui suit avec prudence").wait_for()


def test_the_language_switches(visit: Visit) -> None:
    visit.open()
    visit.page.get_by_text("Que voulez-vous savoir").wait_for()
    visit.page.get_by_text("English", exact=True).click()
    visit.page.get_by_text("What would you like to know").wait_for()
    visit.page.wait_for_url(re.compile("lang=en"))
    visit.page.reload()
    visit.page.get_by_text("What would you like to know").wait_for()
    visit.page.get_by_role("link", name="Settings").click()
    visit.page.get_by_text("Language model").first.wait_for()


def test_gpu_mode_is_disabled_and_says_why_without_cuda(visit: Visit) -> None:
    visit.open("settings")
    box = visit.page.get_by_role("checkbox", name="Mode GPU")
    box.wait_for(state="attached")
    assert box.is_disabled()
    assert "GPU" in visit.page.get_by_text(re.compile("sans GPU|Aucun GPU")).inner_text()


def test_a_preset_of_the_budget_is_chosen_and_in_use(visit: Visit) -> None:
    visit.open("settings")
    visit.page.get_by_text("Silencieux, 25 %").click()
    visit.page.get_by_text("En service : 25 % de la machine").wait_for()
    visit.page.get_by_text("Rapide, 100 %").click()
    visit.page.get_by_text("En service : 100 % de la machine").wait_for()


def test_a_written_answer_streams_and_stop_stops(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> None:
    model = build_tiny_model(
        tmp_path_factory.mktemp("model"), vocabulary_texts=[SURVEY_EN, WELL_FR], layers=8, hidden=256, context=8192
    )
    visit.open("settings")
    visit.page.get_by_test_id("stSelectbox").locator("input").click()
    visit.page.get_by_text("Autre : identifiant Hugging Face ou dossier…").click()
    visit.page.get_by_role("textbox", name="Identifiant Hugging Face ou dossier").fill("/nowhere/model")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("button", name="Utiliser ce modèle").click()
    visit.page.get_by_text("n'existe pas").wait_for()
    visit.page.get_by_role("textbox", name="Identifiant Hugging Face ou dossier").fill(str(model))
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("button", name="Utiliser ce modèle").click()
    visit.page.get_by_text("Modèle en service").wait_for()
    visit.page.get_by_text("Le modèle n'est pas en mémoire").wait_for()
    visit.page.get_by_role("link", name="Discussion").click()
    visit.page.get_by_text("Que voulez-vous savoir").wait_for()
    visit.ask("Quelle est la profondeur du forage F2 ?")
    visit.page.get_by_text("Rédaction…").wait_for()
    visit.page.get_by_test_id("stChatInputStopButton").click()
    visit.page.get_by_test_id("stChatInputStopButton").wait_for(state="detached")
    visit.page.wait_for_timeout(1000)  # a reload within the first moment would count as one, not as a stop
    visit.page.reload()
    visit.page.get_by_text("Réponse interrompue.").wait_for()
    visit.ask("Quelle est la résistivité moyenne de l'aquifère ?")
    visit.page.get_by_text("Rédaction…").wait_for()
    visit.page.reload()
    visit.page.get_by_text("résistivité moyenne de l'aquifère").first.wait_for()
    deadline = time.monotonic() + 180  # not wait_for_function: the policy of the pages lets nothing be evaluated
    while visit.text().count(" jetons/s") < 2 and time.monotonic() < deadline:
        visit.page.wait_for_timeout(200)
    assert visit.text().count(" jetons/s") == 2, "the line of figures of both answers"
    assert visit.text().count("Réponse interrompue.") == 1, "a reload leaves the answer running"
    visit.page.get_by_text("Citations", exact=True).click()
    visit.page.wait_for_timeout(500)
    visit.ask("Quel a été le débit d'essai ?")
    visit.page.get_by_text("14 m³/h pendant six heures").locator("visible=true").first.wait_for()
    visit.page.get_by_role("link", name="Réglages").click()
    visit.page.get_by_text("Le modèle est en mémoire.").wait_for()
    visit.page.locator(".st-key-unload button").click()
    visit.page.get_by_text("Le modèle n'est pas en mémoire").wait_for()


def test_two_tabs_do_not_undo_each_others_settings(browser: Any, server: Server, visit: Visit) -> None:
    with visiting(browser, server) as other:
        for tab in (visit, other):
            tab.open().get_by_text("Que voulez-vous savoir").wait_for()
        other.page.get_by_text("Rédigées", exact=True).click()
        other.page.get_by_text("Modèle :").wait_for()
        visit.page.get_by_text("English", exact=True).click()
        visit.page.get_by_text("What would you like to know").wait_for()
        other.page.reload()
        other.page.get_by_text("Modèle :").wait_for()
        other.page.get_by_text("Citations", exact=True).click()
        other.page.get_by_text("Modèle :").wait_for(state="detached")


def test_a_document_is_deleted_and_its_quotes_are_told(visit: Visit) -> None:
    visit.open()
    visit.ask("How many electrodes were used?")
    visit.page.get_by_text("72 electrodes").first.wait_for()
    visit.page.wait_for_url(re.compile(r"\?c="))
    conversation = visit.page.url
    visit.open("documents")
    grid = visit.page.get_by_test_id("stDataFrame").locator("canvas").first
    grid.wait_for()
    visit.page.wait_for_timeout(500)
    grid.click(position={"x": 18, "y": 52}, force=True)  # the cells are painted: there is no box to find
    visit.page.get_by_text(re.compile(r"Supprimer \(1\)")).click()
    visit.page.get_by_role("button", name="Oui, supprimer").click()
    visit.page.get_by_text("1 document").wait_for()
    visit.page.goto(conversation)
    visit.page.get_by_text("le document a été supprimé ou modifié").first.wait_for()


@pytest.mark.thorough
def test_the_samples_are_one_click_and_answer(browser: Any, tmp_path: Path) -> None:
    debug = "--logger.level=debug"
    with running_server(tmp_path / "home", debug) as fresh, visiting(browser, fresh, "en-GB") as visit:
        visit.open().get_by_role("button", name="Try the samples").click()
        visit.page.get_by_text(re.compile(r"added: \d")).wait_for(timeout=FIRST)
        visit.ask("What is contact resistance?")
        visit.page.locator(".ert-marker").first.wait_for()
        visit.page.get_by_text("quote verified").first.wait_for()
        assert visit.foreign == []
        assert f"ERT {__version__} starts" in fresh.log.read_text(errors="replace"), "our own debug messages are there"


def test_the_configuration_is_loopback_port_8508_without_statistics() -> None:
    config = (REPOSITORY / ".streamlit" / "config.toml").read_text()
    assert "port = 8508" in config and 'address = "127.0.0.1"' in config and "gatherUsageStats = false" in config
    assert "postScriptGC = false" in config, "or every refresh of a progress bar holds up the work it shows"
