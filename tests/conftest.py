"""Shared fixtures: the real MiniLM, loaded once, and engines on temporary data directories."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import ert_core  # noqa: F401  # the thread limits come first
from ert_core.assistant import Assistant
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.settings import Settings
from ert_core.types import IngestReport, Source
from tests.browser import launched_chromium

# No test asserts a time, and this one would on a busy machine.
hypothesis.settings.register_profile("ert", deadline=None)
hypothesis.settings.load_profile("ert")

REPOSITORY = Path(__file__).resolve().parents[1]

WELL_FR = """# Forage de la Combe Noire

Le forage F2 atteint une profondeur de 48,5 m. Il traverse d'abord des argiles grises jusqu'à 12 m.

L'aquifère calcaire commence à 31 m ; sa résistivité moyenne est de 240 Ω·m.

Le débit d'essai a été de 14 m³/h pendant six heures.
"""
SURVEY_EN = """# Harbour Lane landfill survey

The survey used 72 electrodes with a spacing of 2.5 m along three parallel lines.

The leachate plume shows resistivities below 8 ohm-metres near the eastern embankment.

Dr. Hale measured contact resistances under 1.5 kilo-ohms at every electrode.
"""


@pytest.fixture(scope="session")
def embeddings() -> SentenceTransformerEmbeddings:
    """The default model, shared by all tests."""
    return SentenceTransformerEmbeddings()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium, started once for a module of pages."""
    with launched_chromium() as chrome:
        yield chrome


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the data directory of the person who runs it."""
    for variable in [v for v in os.environ if v.startswith("ERT_") and v not in ("ERT_SHARED", "ERT_CHROMIUM")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("ERT_HOME", str(tmp_path / "default-home"))


@pytest.fixture
def ert(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> Iterator[Assistant]:
    """An engine without documents."""
    engine = Assistant(Settings.load(home=tmp_path / "home"), overrides={"cpu_budget": 100})
    engine.embedders.share(embeddings)
    yield engine
    engine.close()


@pytest.fixture
def filled(ert: Assistant) -> Assistant:
    """An engine with one French and one English document."""
    reports = add(ert, Source("combe-noire.md", WELL_FR.encode()), Source("harbour-lane.txt", SURVEY_EN.encode()))
    assert [r.status for r in reports] == ["added", "added"]
    return ert


def add(engine: Assistant, *sources: Source) -> list[IngestReport]:
    """Add files and return what became of each."""
    return [event.report for event in engine.ingest(sources) if event.report is not None]
