"""The settings page: every setting with its range, default and cost; changed at once, taken back by one button."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from playwright.sync_api import expect

from ert_core.locale import text
from ert_core.settings import Settings
from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.fake_hub import FakeHub, serve_hub
from tests.tiny_model import build_tiny_model

pytestmark = NEEDS_CHROMIUM
MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
OTHER = "Qwen/Qwen3-0.6B"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """It publishes one model."""
    with serve_hub(MODEL, build_tiny_model(tmp_path_factory.mktemp("hub") / "tiny")) as served:
        yield served


@pytest.fixture(scope="module")
def server(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order; a model has been downloaded half."""
    folder = tmp_path_factory.mktemp("settings")
    blobs = folder / "hf" / "hub" / f"models--{OTHER.replace('/', '--')}" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "0123.incomplete").write_bytes(bytes(2_500_000))
    variables = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(folder / "hf"), "ERT_TEMPERATURE": "0.3"}
    with running_server(folder / "home", **variables) as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as opened:
        opened.open("settings").get_by_text("Réglages fins").wait_for()
        opened.page.locator("[data-test-script-state=notRunning]").wait_for()
        yield opened
        assert opened.foreign == [] and "Traceback" not in opened.text()


def plain(visit: Visit) -> str:
    return re.sub(r"[^\S\n]+", " ", visit.text())


def number(visit: Visit, name: str) -> Any:
    return visit.page.get_by_role("spinbutton", name=name)


def choose(page: Any, model: str) -> None:
    page.get_by_role("combobox", name="Modèle").click()
    page.get_by_role("option", name=model).click()


def test_each_setting_stands_there_with_range_default_and_cost(visit: Visit) -> None:
    told = plain(visit)
    for name in {f.name for f in fields(Settings)} - {"home", "llm", "embedding_model"}:
        for key in (f"setting.{name}", f"setting.{name}.cost"):
            assert " ".join(text(key, "fr").split()) in told, key
    assert "De 16 à 8 192 jetons · Par défaut : 800 jetons" in told
    assert "De 10 à 100 % · Par défaut : 50 %" in told
    assert visit.page.title() == "Réglages · ERT"


def test_what_a_variable_fixes_is_shown_as_fixed(visit: Visit) -> None:
    visit.page.get_by_text("Fixé par la variable ERT_TEMPERATURE").wait_for()
    assert number(visit, "Variété des réponses rédigées").is_disabled()
    assert number(visit, "Variété des réponses rédigées").input_value() == "0.3"
    assert number(visit, "Longueur maximale d'une question").is_enabled()
    assert visit.page.get_by_role("button", name="Rétablir").count() == 0


def test_a_change_is_undone_by_one_button_also_of_another_tab(browser: Any, server: Server, visit: Visit) -> None:
    box = number(visit, "Passages donnés à une réponse")
    assert visit.page.get_by_role("button", name="Annuler").count() == 0
    for wanted, told in (("7", "5 passages → 7 passages"), ("9", "7 passages → 9 passages")):
        box.fill(wanted)
        box.press("Enter")
        visit.page.get_by_text(f"Passages donnés à une réponse : {told}").wait_for()
    with visiting(browser, server, "en-GB") as other:
        other.open("settings").get_by_text("7 passages → 9 passages").wait_for()
        other.page.get_by_role("button", name="Undo").click()
        other.page.get_by_text("5 passages → 7 passages").wait_for()
        expect(number(other, "Passages given to an answer")).to_have_value("7")
    visit.page.get_by_role("button", name="Rétablir : 5 passages").click()
    visit.page.get_by_text("7 passages → 5 passages").wait_for()
    expect(box).to_have_value("5")
    visit.page.get_by_role("button", name="Rétablir : 5 passages").wait_for(state="detached")
    visit.page.get_by_role("button", name="Annuler").click()
    visit.page.get_by_text("5 passages → 7 passages").wait_for()
    visit.page.get_by_role("button", name="Annuler").click()
    visit.page.get_by_role("button", name="Annuler").wait_for(state="detached")
    expect(box).to_have_value("5")


def test_the_language_chosen_here_holds_for_all_and_the_switch_for_one(browser: Any, server: Server) -> None:
    with visiting(browser, server) as visit:
        # The sidebar has a switch of the same name, for this session alone, and is drawn first.
        visit.open("settings").get_by_test_id("stMain").get_by_text("English", exact=True).click()
        visit.page.get_by_role("heading", name="Settings").wait_for()
        with visiting(browser, server) as other:
            other.open("documents").get_by_text("Drop files here").wait_for()
            other.page.get_by_text("Français", exact=True).click()
            other.page.get_by_text("Déposez des fichiers ici").wait_for()
        visit.page.get_by_role("button", name="Undo").click()
        visit.page.get_by_role("heading", name="Réglages", exact=True).wait_for()


LIGHT, DARK = "rgb(255, 255, 255)", "rgb(18, 24, 29)"


def is_coloured(visit: Visit, colour: str) -> None:
    expect(visit.page.get_by_test_id("stApp")).to_have_css("background-color", colour)


@pytest.mark.thorough
def test_light_and_dark_hold_for_every_page_until_they_are_taken_back(browser: Any, server: Server) -> None:
    for system, word, chosen, otherwise in (("light", "Sombre", DARK, LIGHT), ("dark", "Claire", LIGHT, DARK)):
        with visiting(browser, server, color_scheme=system) as visit:
            visit.open("settings").get_by_text(word, exact=True).wait_for()
            is_coloured(visit, otherwise)
            visit.page.get_by_text(word, exact=True).click()
            is_coloured(visit, chosen)
            expect(visit.page.get_by_text(word, exact=True)).to_be_in_viewport()  # where it was clicked
            visit.page.get_by_test_id("stSidebar").get_by_role("link", name="Documents").click()
            visit.page.get_by_role("heading", name="Documents").wait_for()
            is_coloured(visit, chosen)
            with visiting(browser, server, color_scheme=system) as other:  # another window, opened at another page
                other.open("monitor").get_by_role("heading", name="Moniteur").wait_for()
                is_coloured(other, chosen)
            visit.open("settings").get_by_role("button", name="Annuler").click()
            is_coloured(visit, otherwise)
            visit.page.reload()
            visit.page.get_by_text(word, exact=True).wait_for()
            is_coloured(visit, otherwise)


def test_a_model_is_downloaded_across_a_cut_and_removed_after_a_second_click(
    visit: Visit, server: Server, hub: FakeHub
) -> None:
    page = visit.page
    hub.cut_after["model.safetensors"] = 300_000
    choose(page, "Qwen2.5 0.5B Instruct")
    for told in ("À télécharger : 1,0 Go", "Licence : Apache-2.0", "français, anglais et 27 autres", "Mémoire"):
        page.get_by_text(told).first.wait_for()
    page.get_by_role("button", name="Télécharger").click()
    page.get_by_text("Le modèle est sur cette machine").wait_for()
    cache = server.log.parent.parent / "hf" / "hub" / f"models--{MODEL.replace('/', '--')}"
    assert cache.is_dir()
    asked = hub.ranges("model.safetensors")
    assert len(asked) == 2 and asked[1] not in (None, "bytes=0-"), "it went on where it was"
    page.get_by_role("button", name="Supprimer du disque").click()
    page.get_by_text("seront libérés").wait_for()
    assert cache.is_dir(), "not with the first click"
    page.get_by_role("button", name="Oui, supprimer").click()
    page.get_by_text("n'est pas encore téléchargé").wait_for()
    assert not cache.exists()


def test_half_a_download_is_taken_up_or_removed(visit: Visit, server: Server) -> None:
    page = visit.page
    choose(page, "Qwen3 0.6B")
    page.get_by_text("Téléchargement arrêté à 2,5 Mo").wait_for()
    page.get_by_role("button", name="Reprendre le téléchargement").wait_for()
    page.get_by_role("button", name="Supprimer du disque").click()
    page.get_by_role("button", name="Oui, supprimer").click()
    page.get_by_text("n'est pas encore téléchargé").wait_for()


def test_a_download_is_stopped_and_taken_up(browser: Any, server: Server, hub: FakeHub) -> None:
    go_on = threading.Event()
    hub.held_after["model.safetensors"] = (300_000, go_on)
    with visiting(browser, server, "en-GB") as visit:
        page = visit.open("settings")
        page.get_by_role("combobox", name="Model", exact=True).click()
        page.get_by_role("option", name="Qwen2.5 0.5B Instruct").click()
        page.get_by_role("button", name="Download", exact=True).click()
        page.get_by_role("button", name="Stop the download").click()
        page.get_by_text(text("step.stopping", "en")).wait_for()  # else all would have arrived before it is told
        go_on.set()
        page.get_by_text("Download stopped at").wait_for()
        assert page.get_by_text("The model is on this machine").count() == 0
        hub.held_after.clear()
        page.get_by_role("button", name=text("settings.download_resume", "en")).click()
        page.get_by_text("The model is on this machine").wait_for()
