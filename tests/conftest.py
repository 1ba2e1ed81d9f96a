"""Shared fixtures: the real MiniLM, loaded once, and engines on temporary data directories."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import ert_core  # noqa: F401  # the thread limits come first
from ert_core import cpu_budget, pacing
from ert_core.assistant import Assistant
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.progress import IngestReport
from ert_core.settings import Settings
from ert_core.types import Source
from tests.browser import LOCALES, launched_chromium

# A shell that starts the tests in the background ignores Ctrl-C for them, and with it for every program they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test asserts a time, and this one would on a busy machine.
hypothesis.settings.register_profile("ert", deadline=None)
hypothesis.settings.load_profile("ert")

REPOSITORY = Path(__file__).resolve().parents[1]
# Of a server's log, what a failed test shows.
LOG_CHARACTERS = 6000

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


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    """The language of the browser: a test that takes it is run in each."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the data directory of the person who runs it."""
    for variable in [v for v in os.environ if v.startswith("ERT_") and v not in ("ERT_SHARED", "ERT_CHROMIUM")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("ERT_HOME", str(tmp_path / "default-home"))


@pytest.fixture(autouse=True)
def _whole_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the budget of the test before nor what else runs decides how many threads a test sees."""
    cpu_budget.apply(100)
    monkeypatch.setattr(pacing.OTHERS, "leave", lambda cores: cores)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test of the pages that fails shows what its server wrote: the page itself never shows a traceback."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and server is not None:
        report.sections.append(("server", server.log.read_text(errors="replace")[-LOG_CHARACTERS:]))
    return report


@pytest.fixture
def ert(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> Iterator[Assistant]:
    """An engine without documents."""
    engine = opened(tmp_path / "home", embeddings)
    yield engine
    engine.close()


@pytest.fixture
def filled(ert: Assistant) -> Assistant:
    """An engine with one French and one English document."""
    reports = add(ert, Source("combe-noire.md", WELL_FR.encode()), Source("harbour-lane.txt", SURVEY_EN.encode()))
    assert [r.status for r in reports] == ["added", "added"]
    return ert


def opened(home: Path, embeddings: SentenceTransformerEmbeddings) -> Assistant:
    """An engine on the data directory `home`, under no budget."""
    engine = Assistant(Settings.load(home=home), overrides={"cpu_budget": 100})
    engine.embedders.share(embeddings)
    return engine


def add(engine: Assistant, *sources: Source) -> list[IngestReport]:
    """Add files and return what became of each."""
    return [event.report for event in engine.ingest(sources) if event.report is not None]
