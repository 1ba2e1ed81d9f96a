"""Ask ERT questions in a real Chromium, check the sources it shows, and keep the pictures.

usage: scripts/screenshots.py [--corpus FOLDER]

On the samples: five questions; pictures go to docs/. With --corpus (PDF files that are not part of the
project): five more on them, pictures in docs/trials/. Exit code 1 when a source is not the expected one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import Visit, launched_chromium, running_server, visiting  # noqa: E402

SAMPLE_QUESTIONS = [
    ("fr-FR", "Quelle tension le résistivimètre délivre-t-il entre A et B ?", "consignes-de-securite.pptx"),
    ("fr-FR", "Quelle est la résistance de prise médiane à la Combe-Aurelle ?", "rapport-karst-combe-aurelle.docx"),
    ("fr-FR", "Quelle est la profondeur d'investigation du dispositif Wenner ?", "principes-de-la-tomographie.pdf"),
    ("en-GB", "How many resistivity lines were measured at Wexmoor Hollow?", "landfill-report-wexmoor-hollow.pdf"),
    ("en-GB", "Which cementation exponent suits loose sand?", "interpreting-resistivities.pdf"),
]
CORPUS_QUESTIONS = [
    ("en-GB", "Who pushes the human race forward?", "crazyones-pdfa.pdf"),
    ("en-GB", "Are special cases special enough to break the rules?", "google-doc-document.pdf"),
    ("en-GB", "What are the two columns of the sample document filled with?", "multicolumn.pdf"),
    ("en-GB", "What information does a blind text give you?", "pdflatex-4-pages.pdf"),
    ("fr-FR", "Wann ist ein topologischer Raum hausdorffsch?", "GeoTopo-komprimiert.pdf"),
]


def ask(visit: Visit, question: str, picture: Path | None) -> str:
    """The first source that the page shows for a question asked in a new conversation."""
    visit.open()
    visit.ask(question)
    source = visit.page.get_by_test_id("stExpander").first
    source.wait_for(timeout=60_000)
    visit.page.get_by_test_id("stExpander").locator("summary").first.click()
    visit.page.wait_for_timeout(800)
    if picture is not None:
        save(visit.page, picture)
    return str(source.locator("summary").inner_text())


def save(page: Any, path: Path) -> None:
    """A picture in 128 colours, so that it stays small."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    with Image.open(path) as image:
        image.convert("RGB").quantize(128).save(path, optimize=True)


def run_questions(browser: Any, server: Any, questions: list[tuple[str, str, str]], folder: Path, prefix: str) -> int:
    wrong = 0
    for number, (locale, question, document) in enumerate(questions, start=1):
        with visiting(browser, server, locale) as visit:
            shown = ask(visit, question, folder / f"{prefix}-{number}.png")
            right = document in shown and not visit.foreign
            wrong += not right
            print(f"{'ok  ' if right else 'BAD '} {question} -> {' '.join(shown.split())}", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    wrong = 0
    with launched_chromium() as browser, tempfile.TemporaryDirectory() as home:
        with running_server(Path(home) / "samples") as server:
            with visiting(browser, server, "fr-FR") as visit:
                visit.open().get_by_role("button", name="Essayer avec les exemples").wait_for()
                save(visit.page, ROOT / "docs" / "first-page-fr.png")
                visit.page.get_by_role("button", name="Essayer avec les exemples").click()
                visit.page.get_by_text("ajouté : 8").wait_for(timeout=180_000)
                visit.open("documents").get_by_test_id("stDataFrame").wait_for()
                visit.page.wait_for_timeout(1000)
                save(visit.page, ROOT / "docs" / "documents-fr.png")
                visit.open("settings").get_by_text("Mode GPU").wait_for()
                visit.page.wait_for_timeout(500)
                save(visit.page, ROOT / "docs" / "settings-fr.png")
            wrong += run_questions(browser, server, SAMPLE_QUESTIONS, ROOT / "docs" / "trials", "sample")
        if options.corpus:
            with running_server(Path(home) / "corpus") as server:
                with visiting(browser, server, "en-GB") as visit:
                    visit.open("documents")
                    visit.page.locator("input[type=file]").set_input_files(sorted(options.corpus.glob("*.pdf")))
                    visit.page.get_by_text("added: ").wait_for(timeout=300_000)
                    visit.page.wait_for_timeout(1000)
                    save(visit.page, ROOT / "docs" / "trials" / "corpus-reports.png")
                    print(visit.text())
                wrong += run_questions(browser, server, CORPUS_QUESTIONS, ROOT / "docs" / "trials", "corpus")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
