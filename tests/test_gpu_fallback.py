"""A GPU whose memory runs out: the CPU writes the answer, and a person is told. (Its memory is made up here.)"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import LanguageModelError
from ert_core.language_model import LanguageModel
from ert_core.types import AnswerEvent
from tests.conftest import SURVEY_EN, WELL_FR
from tests.tiny_model import build_tiny_model

QUESTION = "Quelle est la profondeur du forage F2 ?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("gpu") / "tiny", vocabulary_texts=[SURVEY_EN, WELL_FR])


@pytest.fixture
def ert(filled: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    import torch

    monkeypatch.setattr("ert_core.answering.choose_device", lambda gpu: "cuda" if gpu else "cpu")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *a, **k: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1000, 2000))
    filled.change_settings(llm=str(folder), answer_mode="written", max_new_tokens_cpu=16, gpu=True)
    yield filled


def asked(ert: Assistant, **how: Any) -> list[AnswerEvent]:
    return list(ert.ask(QUESTION, anyway=True, fall_back=True, language="fr", **how))


def test_a_model_that_does_not_fit_the_gpu_writes_on_the_cpu_and_stays_there(ert: Assistant) -> None:
    first, second = (asked(ert)[-1].answer for _ in range(2))
    assert first is not None and first.mode == "written" and first.new_tokens > 0
    assert "GPU" in (first.notice or "")
    assert second is not None and second.mode == "written" and second.notice is None, "said once"
    model = ert.answering.model
    assert model is not None and model.device == "cpu" and model.loaded
    ert.change_settings(gpu=False)
    ert.change_settings(gpu=True)
    third = asked(ert)[-1].answer
    assert third is not None and "GPU" in (third.notice or ""), "chosen again, it is tried again"


def test_memory_that_runs_out_in_the_middle_begins_again_on_the_cpu(
    ert: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, load = LanguageModel.generate, LanguageModel.load

    def full(self: LanguageModel, *args: Any) -> Iterator[Any]:
        steps = real(self, *args)
        if self.device == "cuda":
            self.device = "cpu"  # there is none here
            yield from (step for step, _ in zip(steps, range(6), strict=False))
            steps.close()  # type: ignore[attr-defined]
            self.device = "cuda"
            raise LanguageModelError("generation_out_of_memory", model="x", reason="CUDA out of memory")
        yield from steps

    monkeypatch.setattr(LanguageModel, "generate", full)
    monkeypatch.setattr(LanguageModel, "load", lambda self: load(self) if self.device == "cpu" else None)
    events = asked(ert)
    answer = events[-1].answer
    assert answer is not None and answer.mode == "written" and "GPU" in (answer.notice or "")
    again = next(n for n, event in enumerate(events) if event.text == "" and event.step == "loading_model")
    assert any(event.delta for event in events[:again]), "something was written before"
    assert answer.text and ert.answering.model is not None and ert.answering.model.device == "cpu"


def test_another_error_on_the_gpu_is_not_taken_for_it(ert: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: LanguageModel) -> None:
        raise LanguageModelError("model_load_failed", model="x", reason="kernel")

    monkeypatch.setattr(LanguageModel, "load", broken)
    answer = asked(ert)[-1].answer
    assert answer is not None and answer.mode == "quotes" and "kernel" in (answer.notice or "")
    assert ert.answering.model is not None and ert.answering.model.device == "cuda"
