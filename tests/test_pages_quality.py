"""The page "Qualité / Quality" in a real Chromium: self-test, question files, and what can go wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ert_core.assistant import Assistant
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.settings import Settings
from ert_core.types import Source
from tests.browser import NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.conftest import SURVEY_EN, WELL_FR, add
from tests.journeys import FIRST

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]
ODD_NAME = "odd -> :smile: *name*.txt"
ODD_QUESTION = "Is **this** :red[true] -> $x^2$ [a](http://x.org)?"


def fill(home: Path, embeddings: SentenceTransformerEmbeddings, *sources: Source) -> None:
    with closing(Assistant(Settings.load(home=home))) as engine:
        engine._embeddings = embeddings
        assert all(report.status == "added" for report in add(engine, *sources))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceTransformerEmbeddings) -> Iterator[Server]:
    """A server with three documents, shared by the tests of this module, in order."""
    home = tmp_path_factory.mktemp("quality") / "home"
    odd = "The <b>quarry</b> of Marrow :smile: Hill keeps its granite -> under a limestone roof."
    fill(
        home,
        embeddings,
        Source("combe-noire.md", WELL_FR.encode()),
        Source("harbour-lane.txt", SURVEY_EN.encode()),
        Source(ODD_NAME, odd.encode()),
    )
    with running_server(home) as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as opened:
        opened.open("quality").get_by_role("button", name="Mesurer").wait_for()
        yield opened
        assert opened.foreign == [], "nothing is asked from outside"
        assert "Traceback" not in opened.text()


def give(visit: Visit, content: bytes, name: str = "mes-questions.jsonl", *, place: int = 0) -> None:
    uploader = visit.page.get_by_test_id("stFileUploader").nth(place)
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    with visit.page.expect_response(re.compile("upload_file"), timeout=FIRST):
        uploader.locator("input[type=file]").set_input_files([file])
    uploader.get_by_text(name).first.wait_for()
    visit.page.wait_for_timeout(300)  # the page takes note of the answer


def measure(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Mesurer").click()


def line(question: str, answer: str, document: str | None) -> str:
    return json.dumps({"question": question, "answers": [answer], "document": document}, ensure_ascii=False)


def visible(element: Any) -> str:
    return str(element.inner_text()).replace("\u2060", "")


def test_without_documents_the_page_says_so_with_nothing_heavy_loaded(
    browser: Any, tmp_path: Path, embeddings: SentenceTransformerEmbeddings
) -> None:
    with running_server(tmp_path / "home") as fresh:
        for locale, words in (
            ("fr-FR", "Il n'y a encore aucun document à mesurer."),
            ("en-GB", "There is no document to measure yet."),
        ):
            with visiting(browser, fresh, locale) as visit:
                visit.open("quality").get_by_text(words).wait_for()
                assert visit.page.get_by_role("button", name=re.compile("Tester|Test my")).count() == 0
        assert fresh.health()["loaded"] == []
    fill(tmp_path / "home", embeddings, Source("word.txt", b"Karst"))
    with running_server(tmp_path / "home") as filled, visiting(browser, filled, "en-GB") as visit:
        visit.open("quality").get_by_role("button", name="Test my documents").wait_for()
        assert filled.health()["loaded"] == [], "with documents neither"
        visit.page.get_by_role("button", name="Test my documents").click()
        visit.page.get_by_text("hold no full sentence to make a question from").wait_for(timeout=FIRST)
        assert "Traceback" not in visit.text()


def test_the_self_test_is_one_click_and_is_found_again_by_a_reload_and_another_tab(
    browser: Any, server: Server, visit: Visit
) -> None:
    visit.page.get_by_text("ce qu'il ne peut pas dire").click()
    visit.page.get_by_text("les vrais résultats seront donc plus bas").wait_for()
    visit.page.get_by_role("button", name="Tester mes documents").click()
    visit.page.get_by_test_id("stMetric").nth(3).wait_for(timeout=FIRST)
    shown = [" ".join(m.split()) for m in visit.page.get_by_test_id("stMetric").all_inner_texts()]
    assert [re.sub(r" [\d,]+( %)?$", "", s) for s in shown] == ["Premier", "3 premiers", "5 premiers", "MRR"]
    assert re.search(r"\d+,\d %$", shown[0]) and re.search(r" [01],\d\d$", shown[3])
    chart = visit.page.get_by_test_id("stVegaLiteChart")
    chart.wait_for()
    visit.page.get_by_text("3 documents").first.wait_for()
    visit.page.reload()
    visit.page.get_by_test_id("stMetric").first.wait_for()
    visit.page.get_by_role("button", name="Refaire le test").wait_for()
    with visiting(browser, server, "en-GB") as other:
        other.open("quality").get_by_test_id("stMetric").first.wait_for()
        other.page.get_by_role("button", name="Test again").wait_for()
        other.page.get_by_text("First 3").first.wait_for()


def test_a_file_that_cannot_be_used_is_told(visit: Visit) -> None:
    measure(visit)
    visit.page.get_by_text("Choisissez d'abord un fichier de questions.").wait_for()
    for content, words in (
        (b"", "vide.jsonl ne contient aucune question"),
        ("été".encode("latin-1"), "latin.jsonl n'est pas du texte en UTF-8"),
        (b"%PDF-1.4\n", "La ligne 1 de pdf.jsonl n'est pas un objet JSON"),
        (b'{"question": "a", "answers": ["b"]}\n{"question": "a"}', "La ligne 2 de sans.jsonl n'a pas de réponses"),
    ):
        give(visit, content, str(re.findall(r"\w+\.jsonl", words)[0]))
        measure(visit)
        visit.page.get_by_test_id("stAlert").get_by_text(words).wait_for()


def test_a_question_file_gives_a_table_a_json_file_and_the_misses_as_written(visit: Visit) -> None:
    lines = [
        line("Quelle est la profondeur du forage F2 ?", "48,5 m", "combe-noire.md"),
        line(ODD_QUESTION, "nowhere *at* all", ODD_NAME),
        line("How many electrodes were used?", "72", "other :smile:.pdf"),
    ]
    give(visit, "\n".join(lines).encode())
    give(visit, b'{"question": "Qui a peint la Joconde ?"}', "sans-reponse.jsonl", place=1)
    measure(visit)
    table = visit.page.get_by_test_id("stTable")
    table.wait_for(timeout=FIRST)
    cells = [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in table.locator("tr").all()]
    rows = {row[0]: row[1] for row in cells}
    assert rows["questions"] == "3" and rows["réponse dans le premier passage"] == "33,3\u00a0%"
    assert rows["sans réponse et refusées"] == "100,0\u00a0%"
    assert "other :smile:.pdf" in visible(visit.page.get_by_test_id("stAlert").last)
    miss = visit.page.get_by_test_id("stExpander").filter(has_text="this")
    assert ODD_QUESTION in visible(miss.locator("summary"))
    miss.locator("summary").click()
    miss.get_by_text("Le bon passage n'est pas parmi les 10 premiers.").wait_for()
    assert ODD_NAME in visible(miss) and "nowhere *at* all" in visible(miss)
    assert miss.locator("a, b, em, .katex, .stMarkdownColoredText").count() == 0
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Télécharger les chiffres").click()
    figures = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert (figures["n"], figures["unanswerable"], len(figures["misses"])) == (3, 1, 2)
    assert figures["misses"][0]["question"] == ODD_QUESTION


def test_a_measurement_at_work_is_seen_in_another_tab_and_stopped_there(
    browser: Any, server: Server, visit: Visit
) -> None:
    give(visit, "\n".join([line("Quelle est la profondeur du forage F2 ?", "48,5 m", None)] * 3000).encode())
    measure(visit)
    visit.page.get_by_text(re.compile(r"Question [1-9]\d* sur 3\u202f000")).wait_for(timeout=FIRST)
    with visiting(browser, server, "en-GB") as other:
        other.open("quality").get_by_text(re.compile(r"Question \d+ of 3,000")).wait_for(timeout=FIRST)
        assert other.page.get_by_role("button", name="Measure").count() == 0, "one at a time"
        other.page.get_by_role("button", name="Stop", exact=True).click()
        other.page.get_by_text("Stopped: these are the figures").wait_for()
    visit.page.get_by_text(re.compile(r"Arrêté : ces chiffres portent sur les \d+ questions")).wait_for()
    visit.page.get_by_test_id("stTable").wait_for()
