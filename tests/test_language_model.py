"""The written path on real transformers code and a tiny model of random weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from ert_core.decoding import decode
from ert_core.errors import LanguageModelError
from ert_core.language_model import LanguageModel
from ert_core.types import GenerationOptions
from tests.model_steps import QUESTION, endless_model, steps, written
from tests.tiny_model import build_tiny_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def model(folder) -> LanguageModel:
    return LanguageModel(folder, threads=1, interop_threads=1)


@pytest.fixture(scope="module")
def endless(folder, tmp_path_factory) -> LanguageModel:
    return endless_model(folder, tmp_path_factory.mktemp("model") / "endless")


def test_construction_and_counting_load_no_weights(folder):
    model = LanguageModel(folder)
    assert model.context_length == 2048
    assert model.count_tokens(QUESTION) > 20
    assert not model.loaded


def test_the_deltas_join_to_what_transformers_generates(model):
    import torch

    answer = steps(model)
    prompt = model._prompt(QUESTION)
    reference = model._model.generate(torch.tensor([prompt]), max_new_tokens=40, do_sample=False)[0, len(prompt) :]
    reference = [token for token in reference.tolist() if token not in model._end_tokens]
    assert written(answer) == model._tokenizer.text(reference).rstrip("\ufffd")
    assert answer[-1].new_tokens == len(reference)
    assert answer[-1].prompt_tokens == len(prompt) == model.count_tokens(QUESTION)
    assert [step.finish_reason for step in answer[:-1]] == [None] * (len(answer) - 1)


def test_temperature_0_repeats_and_does_not_hear_the_seed(model):
    assert written(steps(model)) == written(steps(model)) == written(steps(model, seed=5))


def test_a_seed_repeats_a_sampled_answer_and_another_changes_it(model):
    first = written(steps(model, temperature=1.5, seed=1))
    assert first == written(steps(model, temperature=1.5, seed=1))
    assert first != written(steps(model, temperature=1.5, seed=2))


def test_sampling_leaves_the_random_state_of_the_process_alone(model):
    import torch

    before = torch.random.get_rng_state()
    steps(model, temperature=1.0)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_cap_of_the_device_holds(endless, device, monkeypatch):
    """The cap is chosen by the device's name: no GPU is needed to see which one holds."""
    monkeypatch.setattr(endless, "cap_cpu", 12)
    monkeypatch.setattr(endless, "cap_gpu", 30)
    monkeypatch.setattr(endless, "device", device)
    room = endless._room(10, GenerationOptions())
    assert room == {"cpu": 12, "cuda": 30}[device]
    monkeypatch.setattr(endless, "device", "cpu")
    answer = list(endless.generate(QUESTION, GenerationOptions(max_new_tokens=room)))
    assert (answer[-1].finish_reason, answer[-1].new_tokens) == ("length", room)


def test_the_usual_caps_are_800_and_2500(folder):
    assert LanguageModel(folder).cap == 800
    assert LanguageModel(folder, device="cuda").cap == 2500


def test_the_cap_of_the_cpu_ends_an_answer_without_options(endless, monkeypatch):
    monkeypatch.setattr(endless, "cap_cpu", 15)
    assert list(endless.generate(QUESTION))[-1].new_tokens == 15


def test_options_win_over_the_cap_but_not_over_the_context(endless):
    assert endless._room(10, GenerationOptions(max_new_tokens=1000)) == 1000
    assert endless._room(2000, GenerationOptions(max_new_tokens=1000)) == 48
    endless_context = LanguageModel(endless.folder)
    with pytest.raises(LanguageModelError) as caught:
        endless_context._room(2048, GenerationOptions())
    assert caught.value.code == "prompt_too_long"
    with pytest.raises(ValueError, match="max_new_tokens"):
        endless._room(10, GenerationOptions(max_new_tokens=0))


def test_a_prompt_over_the_context_is_refused(model):
    with pytest.raises(LanguageModelError) as caught:
        next(iter(model.generate([{"role": "user", "content": "argile " * 2000}])))
    assert caught.value.code == "prompt_too_long"
    assert steps(model)


def test_an_end_token_stops_the_answer_and_is_not_written(endless, monkeypatch):
    usual = steps(endless)
    prompt = endless._prompt(QUESTION)
    tokens = [
        s.token for s in decode(endless._model, prompt, lambda a, x: int(x.argmax()), max_new_tokens=40, end_tokens=())
    ]
    end = tokens[-10]
    monkeypatch.setattr(endless, "_end_tokens", frozenset({end}))
    stopped = steps(endless)
    assert stopped[-1].finish_reason == "stop"
    assert stopped[-1].new_tokens == [t for t in tokens if t is not None].index(end)
    assert written(usual).startswith(written(stopped))


def test_every_end_token_of_the_model_counts(model):
    model.load()
    assert model._end_tokens == {0, 2}


def test_tokens_are_counted_while_an_answer_is_written(endless):
    answer = endless.generate(QUESTION)
    next(answer)
    assert endless.count_tokens(QUESTION) > 20
    answer.close()


def test_unload_then_answer_again(folder):
    model = LanguageModel(folder)
    first = written(steps(model))
    model.unload()
    assert not model.loaded
    assert written(steps(model)) == first


def test_moving_to_the_gpu_changes_the_cap_and_moves_the_weights(folder, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *a, **k: True)
    model = LanguageModel(folder)
    model.load()
    model.move_to("cuda")
    # float32 on the CPU, bfloat16 there: dropped, and loaded again at the next use.
    assert (model.device, model.cap, model.dtype, model.loaded) == ("cuda", 2500, "bfloat16", False)
    model.move_to("cpu")
    assert (model.device, model.cap, model.dtype) == ("cpu", 800, "float32")


def test_nothing_is_asked_of_the_network(folder, monkeypatch):
    import socket

    def refuse(*args):
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert steps(LanguageModel(folder))
