"""The page "Moniteur / Monitor" in a real Chromium: live figures, the budget in the chart, the last answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ert_core.live_figures import INTERVAL_SECONDS
from ert_core.ui.monitor_chart import BANDS, SERIES
from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.conftest import WELL_FR
from tests.journeys import FIRST

pytestmark = NEEDS_CHROMIUM
WORDS = {
    "fr-FR": ("Budget CPU", "Aucune tâche en cours.", "Aucune réponse pour l'instant", r"^\s*\d+,\d\s%\s*$"),
    "en-GB": ("CPU budget", "No task at work.", "No answer yet", r"^\s*\d+\.\d%\s*$"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order."""
    with running_server(tmp_path_factory.mktemp("monitor") / "home") as running:
        yield running


def card(visit: Visit, label: str) -> Any:
    return visit.page.get_by_test_id("stMetric").filter(has_text=label)


def value(visit: Visit, label: str) -> Any:
    return card(visit, label).get_by_test_id("stMetricValue")


def boxes(visit: Visit, drawing: Any, *parts: str) -> list[dict[str, float]]:
    """Where parts of a drawing are at one and the same time: with each reading it may be drawn anew."""
    look = """(drawing, parts) => {
        const found = parts.map((part) => drawing.querySelector(part));
        return found.includes(null) ? null : found.map((element) => element.getBoundingClientRect().toJSON());
    }"""
    for _ in range(100):
        found = drawing.evaluate(look, parts)
        if found and all(box["width"] for box in found):
            return list(found)
        visit.page.wait_for_timeout(100)
    raise AssertionError(f"{parts} are not drawn")


@pytest.mark.parametrize("locale", WORDS)
def test_it_opens_by_its_address_and_shows_figures_with_nothing_heavy_loaded(
    browser: Any, server: Server, locale: str
) -> None:
    budget, nothing, no_answer, share = WORDS[locale]
    with visiting(browser, server, locale, color_scheme="dark" if locale == "en-GB" else "light") as visit:
        visit.open("monitor").get_by_text(nothing).wait_for()
        visit.page.get_by_text(no_answer).wait_for()
        assert value(visit, budget).inner_text().strip().startswith("50")
        visit.page.get_by_test_id("stMetricValue").filter(has_text=re.compile(share)).nth(1).wait_for()
        chart = visit.page.get_by_test_id("stVegaLiteChart").locator("svg")
        line, plot = boxes(visit, chart, f'.mark-line path[stroke="{SERIES["budget"]}"]', ".background")
        assert line["width"] > 0.98 * plot["width"] and line["height"] < 12, "from one end to the other"
        assert line["y"] + line["height"] / 2 == pytest.approx(plot["y"] + plot["height"] / 2, abs=3), "at 50 %"
        for name in ("ert", "machine"):
            chart.locator(f'.mark-line path[stroke="{SERIES[name]}"]').wait_for(state="attached")
        assert [mark.get_attribute("fill") for mark in chart.locator(".mark-rect path").all()] == [b[2] for b in BANDS]
        assert chart.locator(".mark-rule line").get_attribute("stroke") == BANDS[-1][2], "where the red band begins"
        assert visit.foreign == [] and "Traceback" not in visit.text()
    assert server.health()["loaded"] == []


@pytest.mark.thorough
def test_the_figures_follow_the_work_and_the_answers_of_another_tab(browser: Any, server: Server) -> None:
    with visiting(browser, server) as visit, visiting(browser, server) as other:
        visit.open("monitor").get_by_text("Aucune tâche en cours.").wait_for()
        other.open("documents")
        long = WELL_FR + "\n\n".join(f"La parcelle {n} porte {3 * n} arbres." for n in range(400))  # several readings
        file = {"name": "combe-noire.md", "mimeType": "text/plain", "buffer": long.encode()}
        other.page.locator("input[type=file]").set_input_files([file])
        visit.page.get_by_text("En cours : l'ajout de documents.").wait_for(timeout=FIRST)
        assert value(visit, "Tâches en cours").inner_text().strip() == "1"
        visit.page.get_by_text("Aucune tâche en cours.").wait_for(timeout=FIRST)
        assert value(visit, "Tâches en cours").inner_text().strip() == "0"
        other.open()
        other.ask("Quelle est la profondeur du forage F2 ?")
        other.page.get_by_text("48,5 m").first.wait_for(timeout=FIRST)
        table = visit.page.get_by_test_id("stDataFrame")
        table.locator("canvas td").nth(3).wait_for(state="attached")  # by itself
        told = " ".join(table.locator("canvas td").all_text_contents())
        assert re.search(r"Quelle est la profondeur du forage F2 \? \d", told), "the question, and how long it took"
        table.click(position={"x": 32, "y": 52})  # the first column of the first row
        visit.page.wait_for_url(re.compile(r"\?c=[0-9a-f]{32}"))
        visit.page.get_by_text("48,5 m").first.wait_for()
        assert visit.foreign == [] and "Traceback" not in visit.text()


@pytest.mark.thorough
def test_nothing_is_asked_any_more_once_the_page_is_left(browser: Any, server: Server) -> None:
    intervals = 3
    with visiting(browser, server) as visit:
        sent: list[Any] = []
        visit.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        visit.open("monitor").get_by_test_id("stVegaLiteChart").wait_for()
        before = len(sent)
        visit.page.wait_for_timeout(1000 * intervals * INTERVAL_SECONDS)
        assert len(sent) - before >= intervals - 1, "each reading is one question of the page"
        visit.page.get_by_role("link", name="Réglages").click()
        visit.page.get_by_text("Fils d'exécution").first.wait_for()
        before = len(sent)
        visit.page.wait_for_timeout(1000 * intervals * INTERVAL_SECONDS)
        assert len(sent) == before


@pytest.mark.thorough
def test_an_ert_that_only_reads_shows_it_too(browser: Any, server: Server) -> None:
    home = server.log.parent
    with visiting(browser, server) as visit:  # whose first page makes it the writer
        visit.open().get_by_test_id("stChatInputTextArea").wait_for()
        visit.ask("Bonjour")
        visit.page.get_by_text("Bonjour !").wait_for()
    with running_server(home) as second, visiting(browser, second) as visit:
        visit.open("monitor").get_by_text("Un autre ERT écrit dans ce dossier").wait_for()
        visit.page.get_by_test_id("stMetricValue").filter(has_text=re.compile(WORDS["fr-FR"][3])).first.wait_for()
        visit.page.get_by_test_id("stDataFrame").wait_for()
        assert "Traceback" not in visit.text()
