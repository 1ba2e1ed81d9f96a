"""Ask ERT questions in a real Chromium, check the sources it shows, and keep the pictures.

usage: scripts/screenshots.py [--corpus FOLDER] [--every FOLDER]

On the samples: five questions. With --corpus (PDF files that are not part of the project): five more on them.
With --every: each page in both languages, light and dark, wide and narrow, in FOLDER; the best go to docs/.
Exit code 1 when a source is not the expected one.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ert_core.database import DATABASE_FILE  # noqa: E402
from tests.browser import Visit, launched_chromium, running_server, visiting  # noqa: E402

SAMPLE_QUESTIONS = [
    ("fr-FR", "Quelle tension le résistivimètre délivre-t-il entre A et B ?", "consignes-de-securite.pptx"),
    ("fr-FR", "Quelle est la résistance de prise médiane à la Combe-Aurelle ?", "rapport-karst-combe-aurelle.docx"),
    ("fr-FR", "Quelle est la profondeur d'investigation du dispositif Wenner ?", "principes-de-la-tomographie.pdf"),
    ("en-GB", "How many resistivity lines were measured at Wexmoor Hollow?", "landfill-report-wexmoor-hollow.pdf"),
    ("en-GB", "Which cementation exponent suits loose sand?", "interpreting-resistivities.pdf"),
]
# What is asked for the pictures of every page.
PICTURED = {
    "fr-FR": "Quelle est la profondeur utile d'un dispositif ?",
    "en-GB": "How thick is the waste at Wexmoor Hollow?",
}
PICTURED_DOCUMENT = "principes-de-la-tomographie.pdf"
# The pictures of every page that docs/ shows, by their names there.
BEST = {
    "chat-fr.png": "answer-fr-light-wide.png",
    "chat-en-dark.png": "answer-en-dark-wide.png",
    "documents-fr.png": "documents-fr-light-wide.png",
    "monitor-en-narrow.png": "monitor-en-light-narrow.png",
}
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
CORPUS_QUESTIONS = [
    ("en-GB", "Who pushes the human race forward?", "crazyones-pdfa.pdf"),
    ("en-GB", "Are special cases special enough to break the rules?", "google-doc-document.pdf"),
    ("en-GB", "What are the two columns of the sample document filled with?", "multicolumn.pdf"),
    ("en-GB", "What information does a blind text give you?", "pdflatex-4-pages.pdf"),
    ("fr-FR", "Wann ist ein topologischer Raum hausdorffsch?", "GeoTopo-komprimiert.pdf"),
]


def ask(visit: Visit, question: str) -> str:
    """The first source that the page shows for a question asked in a new conversation."""
    visit.open()
    visit.ask(question)
    source = visit.page.locator(".ert-source").first
    source.wait_for(timeout=60_000)
    visit.page.locator(".stMarkdownColoredBackground").or_(visit.page.get_by_test_id("stImage")).first.wait_for()
    visit.page.wait_for_timeout(800)
    return str(source.inner_text())


def every_page(browser: Any, server: Any, folder: Path) -> None:
    """Each page with the samples in it: folder/PAGE-LANGUAGE-THEME-WIDTH.png."""
    with closing(sqlite3.connect(server.log.parent / DATABASE_FILE)) as database:
        (document,) = database.execute("SELECT id FROM documents WHERE name = ?", (PICTURED_DOCUMENT,)).fetchone()
    addresses = {name: name for name in ("documents", "quality", "monitor", "settings")}
    addresses |= {"chat": "", "document": f"document?d={document}"}
    for locale, question in PICTURED.items():
        with visiting(browser, server, locale) as visit:
            ask(visit, question)
            addresses["answer"] = visit.page.url.removeprefix(f"{server.url}/")
        for theme in ("light", "dark"):
            with visiting(browser, server, locale, color_scheme=theme) as visit:
                for name, address in addresses.items():
                    every_width(visit, address, folder, f"{name}-{locale[:2]}-{theme}")


def every_width(visit: Visit, address: str, folder: Path, name: str) -> None:
    """One page wide and narrow, and on a telephone the source, too, which stands under the answer there."""
    visit.page.set_viewport_size(SIZES["wide"])
    visit.open(address)
    for width, size in SIZES.items():
        visit.page.set_viewport_size(size)
        visit.page.wait_for_timeout(2500)
        save(visit.page, folder / f"{name}-{width}.png")
    wide = visit.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth")
    print(f"{'ok  ' if wide <= size['width'] else 'BAD '} {name} is {wide} pixels wide on a telephone", flush=True)
    if name.startswith("answer"):
        visit.page.locator("[class*='st-key-close_source']").evaluate("button => button.scrollIntoView()")
        visit.page.get_by_test_id("stMain").evaluate("main => main.scrollBy(0, -80)")  # from under the page's head
        visit.page.wait_for_timeout(500)
        save(visit.page, folder / f"{name.replace('answer', 'source')}-narrow.png")


def first_pages(browser: Any, server: Any, folder: Path) -> None:
    """The chat with no document yet."""
    for locale in PICTURED:
        for theme in ("light", "dark"):
            with visiting(browser, server, locale, color_scheme=theme) as visit:
                every_width(visit, "", folder, f"first-{locale[:2]}-{theme}")


def save(page: Any, path: Path) -> None:
    """A picture in 128 colours, so that it stays small; rare ones, such as that of a radio button, among them."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    with Image.open(path) as image:
        # The means keep large surfaces as they are.
        small = image.convert("RGB").quantize(128, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
        small.save(path, optimize=True)


def run_questions(browser: Any, server: Any, questions: list[tuple[str, str, str]]) -> int:
    """How many of the questions are not answered from the expected document first."""
    wrong = 0
    for locale, question, document in questions:
        with visiting(browser, server, locale) as visit:
            shown = ask(visit, question)
            right = document in shown and not visit.foreign
            wrong += not right
            print(f"{'ok  ' if right else 'BAD '} {question} -> {' '.join(shown.split())}", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--every", type=Path, help="every page in both languages, themes and widths goes here")
    options = parser.parse_args()
    wrong = 0
    with launched_chromium() as browser, tempfile.TemporaryDirectory() as home:
        with running_server(Path(home) / "samples") as server, visiting(browser, server, "fr-FR") as watching:
            if options.every:
                first_pages(browser, server, options.every)
            watching.open("monitor")  # all the time: its chart tells what it saw
            with visiting(browser, server, "fr-FR") as visit:
                visit.open().get_by_role("button", name="Essayer avec les exemples").click()
                visit.page.get_by_text("ajouté : 8").wait_for(timeout=180_000)
            wrong += run_questions(browser, server, SAMPLE_QUESTIONS)
            if options.every:
                every_page(browser, server, options.every)
                for name, picture in BEST.items():
                    shutil.copy(options.every / picture, ROOT / "docs" / name)
        if options.corpus:
            with running_server(Path(home) / "corpus") as server:
                with visiting(browser, server, "en-GB") as visit:
                    visit.open("documents")
                    visit.page.locator("input[type=file]").set_input_files(sorted(options.corpus.glob("*.pdf")))
                    visit.page.get_by_text("added: ").wait_for(timeout=300_000)
                    print(visit.text())
                wrong += run_questions(browser, server, CORPUS_QUESTIONS)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
