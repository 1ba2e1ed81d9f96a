"""Answers that end early, by a stop or an error, threads that share a model, and what is left afterwards."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ert_core.errors import LanguageModelError
from ert_core.language_model import LanguageModel
from ert_core.types import GenerationOptions
from tests.model_steps import QUESTION, endless_model, steps, written
from tests.tiny_model import build_tiny_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def endless(folder, tmp_path_factory) -> LanguageModel:
    return endless_model(folder, tmp_path_factory.mktemp("model") / "endless")


def test_cancelling_stops_within_one_token(endless):
    cancelled = threading.Event()
    seen = []
    for step in endless.generate(QUESTION, GenerationOptions(max_new_tokens=500), cancelled):
        seen.append(step)
        if step.new_tokens == 5:
            cancelled.set()
    assert seen[-1].finish_reason == "cancelled"
    assert seen[-1].new_tokens == 5


def test_cancelled_before_the_start_computes_nothing(endless, monkeypatch):
    cancelled = threading.Event()
    cancelled.set()
    monkeypatch.setattr(type(endless._model), "forward", None)
    assert [s.finish_reason for s in endless.generate(QUESTION, cancelled=cancelled)] == ["cancelled"]


def test_cancelling_acts_inside_a_long_prompt(endless):
    cancelled = threading.Event()
    long = [{"role": "user", "content": "argile sable " * 200}]
    answer = endless.generate(long, GenerationOptions(max_new_tokens=5), cancelled)
    first = next(answer)
    assert 0 < first.prompt_progress < 1 and first.new_tokens == 0
    cancelled.set()
    assert [(s.finish_reason, s.new_tokens) for s in answer] == [("cancelled", 0)]


def test_closing_the_iterator_frees_the_model_and_leaves_no_thread(endless):
    before = threading.active_count()
    answer = endless.generate(QUESTION)
    next(answer)
    answer.close()
    assert threading.active_count() == before
    assert steps(endless)[-1].finish_reason == "length"


def test_memory_is_collected_after_each_answer_also_a_cancelled_one(endless, monkeypatch):
    calls = []
    monkeypatch.setattr("ert_core.model_loading.gc.collect", lambda: calls.append("gc"))
    monkeypatch.setattr("ert_core.model_loading.return_freed_memory", lambda: calls.append("given back"))
    monkeypatch.setattr("ert_core.model_loading.empty_cuda_cache", lambda: calls.append("cuda"))
    steps(endless, max_new_tokens=2)
    assert calls == ["gc", "given back"]
    answer = endless.generate(QUESTION)
    next(answer)
    answer.close()
    assert calls == ["gc", "given back"] * 2


def test_the_gpu_cache_is_emptied_on_cuda_only(endless, monkeypatch):
    calls = []
    monkeypatch.setattr("ert_core.model_loading.empty_cuda_cache", lambda: calls.append("cuda"))
    monkeypatch.setattr("ert_core.language_model.token_chooser", lambda *a: lambda answer, logits: int(logits.argmax()))
    monkeypatch.setattr(endless, "device", "cuda")  # the weights stay where they are: on the CPU
    steps(endless, max_new_tokens=2)
    assert calls == ["cuda"]


def test_an_error_of_the_model_reaches_the_consumer_and_the_next_answer_works(endless, monkeypatch):
    calls = []
    compute = endless._few_tokens

    def fails_at_the_second(*args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("mat1 and mat2\nshapes")
        return compute(*args)

    monkeypatch.setattr(endless, "_few_tokens", fails_at_the_second)
    seen = []
    with pytest.raises(LanguageModelError) as caught:
        for step in endless.generate(QUESTION):
            seen.append(step)
    assert caught.value.code == "generation_failed"
    assert "mat1 and mat2" in caught.value.message
    assert seen[-1].new_tokens == 2
    assert steps(endless, max_new_tokens=4)[-1].new_tokens == 4


def test_out_of_memory_has_its_own_sentence(endless, monkeypatch):
    import torch

    def full(self, *args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(type(endless._model), "forward", full)
    with pytest.raises(LanguageModelError) as caught:
        steps(endless)
    assert caught.value.code == "generation_out_of_memory"


def test_the_model_loads_once_for_concurrent_callers(folder, monkeypatch):
    import ert_core.model_in_memory as module

    loads = []
    real = module.load_weights
    monkeypatch.setattr(module, "load_weights", lambda *a: loads.append(1) or real(*a))
    model = LanguageModel(folder)
    threads = [threading.Thread(target=model.load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert model.loaded
    assert loads == [1]


def test_answers_of_two_threads_do_not_mix(endless):
    alone = written(steps(endless))
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(written(steps(endless)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [alone] * 3


def test_a_thread_is_told_when_it_would_wait_for_itself(endless):
    answer = endless.generate(QUESTION)
    next(answer)
    with pytest.raises(RuntimeError, match="unfinished answer"):
        endless.unload()
    with pytest.raises(RuntimeError, match="unfinished answer"):
        next(iter(endless.generate(QUESTION)))
    answer.close()
    assert steps(endless)


def test_stop_ends_inside_a_step_and_the_next_answer_is_right(endless, monkeypatch):
    monkeypatch.setattr(endless, "_few_tokens", None)  # a compiled step is one piece
    right = written(steps(endless))
    layer = endless._model.model.layers[-1]
    for tokens in (0, 2):  # in the prompt, in the middle
        cancelled = threading.Event()
        reached = []
        answer = endless.generate(QUESTION, GenerationOptions(max_new_tokens=40), cancelled)
        seen = [next(answer) for _ in range(tokens)]
        stops = layer.register_forward_pre_hook(lambda *_, event=cancelled: event.set(), prepend=True)
        after = layer.register_forward_hook(lambda *_, reached=reached: reached.append(1))
        try:
            seen += answer
        finally:
            stops.remove()
            after.remove()
        assert seen[-1].finish_reason == "cancelled" and seen[-1].new_tokens == tokens
        assert not reached, "the layer that was next is not computed"
    assert written(steps(endless)) == right
