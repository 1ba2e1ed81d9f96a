"""A library with vectors of one tiny embedding model while another is wanted."""

from __future__ import annotations

import threading
from pathlib import Path

from ert_core.assistant import Assistant
from ert_core.progress import ReindexEvent
from ert_core.reindexing import Pending
from ert_core.settings import Settings
from ert_core.types import Source
from tests.conftest import SURVEY_EN, WELL_FR, add
from tests.tiny_embedder import build_tiny_embedder

QUESTION = "How many electrodes were used?"


def two_models(folder: Path) -> tuple[Path, Path]:
    """Two embedding models of the same shape and other weights."""
    return build_tiny_embedder(folder / "one", seed=1), build_tiny_embedder(folder / "two", seed=2)


def open_library(home: Path, models: tuple[Path, Path]) -> Assistant:
    """Six documents with vectors of the first model; the second one is wanted."""
    engine = Assistant(Settings.load(home=home))
    engine.change_settings(embedding_model=str(models[0]))
    add(engine, *(Source(f"{i}.txt", f"Report {i}.\n\n{SURVEY_EN}".encode()) for i in range(5)))
    add(engine, Source("combe-noire.md", WELL_FR.encode()))
    engine.change_settings(embedding_model=str(models[1]))
    return engine


def pending(engine: Assistant) -> Pending:
    """What is left to read again."""
    return engine.reindexing.pending()


def run(engine: Assistant) -> list[ReindexEvent]:
    """Read all of it again."""
    return list(engine.reindexing.run(threading.Event()))


def vectors(engine: Assistant) -> dict[str, int]:
    """How many vectors each model has in the database."""
    return dict(engine.database.rows("SELECT model, count(*) FROM vectors GROUP BY model"))
