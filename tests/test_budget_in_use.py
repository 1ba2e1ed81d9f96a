"""The budget in the engine: its setting, the work that passes through it, and what gives way to questions."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from ert_core import cpu_budget
from ert_core.assistant import Assistant
from ert_core.cpu_budget import GOVERNOR
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.language_model import LanguageModel
from ert_core.loaders import process
from ert_core.settings import Settings
from ert_core.types import GenerationOptions, Source
from tests.conftest import SURVEY_EN
from tests.tiny_model import build_tiny_model


def test_the_setting_holds_at_once_and_is_kept(tmp_path: Path) -> None:
    engine = Assistant(Settings.load(home=tmp_path))
    assert engine.settings.cpu_budget == 50 and GOVERNOR._budget == 50
    engine.change_settings(cpu_budget=25)
    assert GOVERNOR._budget == 25 and GOVERNOR.limited
    engine.close()
    again = Assistant(Settings.load(home=tmp_path))
    assert GOVERNOR._budget == 25
    again.close()


def test_batches_are_smaller_under_a_budget_and_vectors_are_the_same(
    embeddings: SentenceTransformerEmbeddings,
) -> None:
    texts = [f"Le forage {n} a {n} m. {SURVEY_EN}" for n in range(12)]
    whole = list(embeddings.encode_in_batches(texts))
    cpu_budget.apply(20)
    parts = list(embeddings.encode_in_batches(texts))
    assert len(parts) > len(whole)
    assert sorted(i for positions, _ in parts for i in positions) == list(range(12))

    def by_text(batches: list[tuple[list[int], np.ndarray]]) -> np.ndarray:
        return np.array([v for _, v in sorted((i, v) for p, vs in batches for i, v in zip(p, vs, strict=True))])

    assert np.allclose(by_text(whole), by_text(parts), atol=1e-5)


def test_a_language_model_pauses_before_each_layer_and_writes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = LanguageModel(build_tiny_model(tmp_path, layers=3), int8_decoding=False)
    messages = [{"role": "user", "content": "Quelle profondeur ?"}]

    def written() -> str:
        return "".join(s.delta for s in model.generate(messages, GenerationOptions(max_new_tokens=8)))

    free = written()
    cpu_budget.apply(60)
    pauses: list[object] = []
    pause = GOVERNOR.pause
    monkeypatch.setattr(GOVERNOR, "pause", lambda cancelled=None: (pauses.append(cancelled), pause(cancelled)))
    assert written() == free
    assert len(pauses) > 3 * 8
    compiled = LanguageModel(tmp_path)
    compiled.load()
    del pauses[:]
    list(compiled.generate(messages, GenerationOptions(max_new_tokens=8)))
    assert len(pauses) >= 8, "before each token"


def test_adding_documents_gives_way_to_an_answer(ert: Assistant) -> None:
    go_on = threading.Event()

    def long_answer(cancelled: threading.Event) -> Generator[object, None, None]:
        go_on.wait(30)
        yield object()

    answer = ert.answers.submit(long_answer)  # type: ignore[arg-type]
    job = ert.start_ingest([Source("a.txt", SURVEY_EN.encode())])
    assert len(job.events(0, timeout=10)) == 1
    assert not job.events(1, timeout=0.5) and not job.done
    go_on.set()
    assert list(answer.follow())
    assert [e.report.status for e in job.follow() if e.report] == ["added"]


def test_a_stop_ends_the_parser(ert: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_START", "import time; time.sleep(60)")
    job = ert.start_ingest([Source("a.txt", SURVEY_EN.encode())])
    job.events(0, timeout=10)
    time.sleep(0.2)
    job.cancel()
    assert [e.report for e in job.follow()] == [None] and job.error is None
