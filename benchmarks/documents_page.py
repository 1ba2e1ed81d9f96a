"""Milliseconds of a script run of the documents page, and of a look at a followed folder in which nothing changed.

    python benchmarks/documents_page.py [--documents 1000 5000] [--runs 20]

The documents are rows made for it: three pages and twenty passages each, no file behind them. Prints Markdown.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from shared_sets import REPOSITORY

from ert_core.analysis import ANALYSIS_VERSION
from ert_core.assistant import Assistant
from ert_core.database import Database, count_change
from ert_core.row_checks import OF_DOCUMENT, OF_PASSAGE
from ert_core.settings import Settings

KINDS = ("Rapport de forage", "Procès-verbal", "Landfill survey", "Étude géotechnique", "Minutes")
WORDS = "forage 2015"


def fill(home: Path, documents: int) -> None:
    """A database with so many documents."""
    database = Database(home)
    text = "A sentence of a document. " * 30
    with database.transaction() as cursor:
        for n in range(documents):
            document_id = hashlib.sha256(str(n).encode()).hexdigest()
            name = f"{KINDS[n % len(KINDS)]} {2000 + n % 26}-{n:05}.pdf"
            added = f"2026-{1 + n % 12:02}-{1 + n % 28:02}T10:00:00+00:00"
            values = (
                document_id,
                name,
                "text/plain",
                ("fr", "en")[n % 2],
                9 * n,
                len(text),
                added,
                n,
                ANALYSIS_VERSION,
            )
            cursor.execute(
                f"INSERT INTO documents ({OF_DOCUMENT}, checksum, text_checksum, text) VALUES"
                " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9),"
                " checksum(?1, ?10), ?10)",
                (*values, text),
            )
            for page in range(3):
                row = (document_id, page, page + 1, page * 260, page * 260 + 260)
                cursor.execute("INSERT INTO pages VALUES (?1, ?2, ?3, ?4, ?5, checksum(?1, ?2, ?3, ?4, ?5))", row)
            for passage in range(20):
                cursor.execute(
                    f"INSERT INTO passages ({OF_PASSAGE}, checksum)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, checksum(?1, ?2, ?3, ?4, ?5, ?6))",
                    (document_id, 1, passage * 26, passage * 26 + 26, text[:26], ""),
                )
        count_change(cursor)
    database.close()


def milliseconds(work: Callable[[], object], runs: int = 1) -> str:
    """The median of some runs."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - started))
    return f"{statistics.median(taken):.0f}"


def look(base: Path, files: int, runs: int) -> str:
    """Of a folder whose files are all known."""
    folder = base / "folder"
    folder.mkdir()
    for n in range(files):
        path = folder / f"{n}.txt"
        path.write_text("")  # empty: it is known as a file without text, and nothing is embedded
        os.utime(path, (1_600_000_000, 1_600_000_000))
    engine = Assistant(Settings.load(home=base / "other"), overrides={"cpu_budget": 100})
    engine.folders.follow(str(folder))
    with engine.database.transaction() as cursor:
        cursor.executemany(
            "INSERT INTO folder_files VALUES (?1, ?2, 0, ?3, NULL, checksum(?1, ?2, 0, ?3, NULL))",
            [(str(folder), f"{n}.txt", 1_600_000_000 * 10**9) for n in range(files)],
        )
    assert not engine.folders.anything_new()
    shown = milliseconds(engine.folders.anything_new, runs)
    engine.close()
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    from streamlit.testing.v1 import AppTest

    from ert_core.ui.session import assistant

    print("| documents | a script run (ms) | words typed | after a change | a look at so many files |")
    print("|---|---|---|---|---|")
    for documents in options.documents:
        with tempfile.TemporaryDirectory() as base:
            os.environ["ERT_HOME"] = str(Path(base, "home"))
            fill(Path(base, "home"), documents)
            assistant.clear()
            page = AppTest.from_file(str(REPOSITORY / "pages" / "documents.py"), default_timeout=120)
            page.run()
            again = milliseconds(page.run, options.runs)
            typed = milliseconds(lambda: page.text_input(key="filter-words").set_value(WORDS).run(), options.runs)  # noqa: B023
            engine = assistant()

            def changed() -> None:
                with engine.database.transaction() as cursor:  # noqa: B023
                    count_change(cursor)

            def after_a_change() -> None:
                changed()
                page.run()  # noqa: B023

            after = milliseconds(after_a_change, options.runs)
            assert not page.exception
            engine.close()
            print(f"| {documents} | {again} | {typed} | {after} | {look(Path(base), documents, options.runs)} |")


if __name__ == "__main__":
    main()
