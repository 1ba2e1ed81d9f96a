"""The engine's language model as the settings change: idle, replaced, on the GPU, with other limits."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from tests.asked import QUESTION, answer_of
from tests.scripted_model import build_model, writing


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def written(filled: Assistant, tiny_model: Path) -> Assistant:
    return writing(filled, tiny_model)


def test_an_idle_model_leaves_the_memory_and_comes_back(written: Assistant) -> None:
    first = answer_of(list(written.ask(QUESTION)))
    model = written.answering.model
    assert model is not None and model.loaded
    left = threading.Event()
    unload = model.unload
    model.unload = lambda: (unload(), left.set())  # type: ignore[assignment, method-assign, func-returns-value]
    written.answering.idle.apply(0.01)
    assert left.wait(30) and not model.loaded
    written.change_settings(idle_unload_minutes=0)
    assert answer_of(list(written.ask(QUESTION))).text == first.text
    assert model.loaded and not [t for t in threading.enumerate() if t.name == "ert-idle"], "0 is never"


def test_a_replaced_model_is_never_loaded_again_beside_the_new_one(
    written: Assistant, tiny_model: Path, tmp_path: Path
) -> None:
    another = shutil.copytree(tiny_model, tmp_path / "another")
    steps = written.ask(QUESTION, fall_back=True)
    while next(steps).step != "loading_model":
        pass
    old = written.answering.model
    written.change_settings(llm=str(another))
    answer = answer_of([*steps])
    assert old is not None and not old.loaded and written.answering.model is not old
    assert answer.mode == "quotes" and "was replaced" in (answer.notice or "")
    assert answer_of(list(written.ask(QUESTION))).mode == "written"
    assert not old.loaded


def test_gpu_mode_moves_the_model_and_the_embeddings_and_changes_the_cap(
    written: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That weights really move is tested with the model itself; this is that both are told, at once."""
    model = written.answering.model
    assert model is not None and model.cap == 24
    moved: list[str] = []
    monkeypatch.setattr("ert_core.devices.cuda_status", lambda: (True, "available"))
    monkeypatch.setattr(written.embeddings(), "move_to", moved.append)
    monkeypatch.setattr(
        type(model), "move_to", lambda self, device: (moved.append(device), setattr(self, "device", device))
    )
    written.change_settings(gpu=True)
    assert moved == ["cuda", "cuda"]
    assert written.answering.model is model and model.cap == 2500
    written.change_settings(gpu=False)
    assert moved[2:] == ["cpu", "cpu"] and model.cap == 24


def test_another_cap_or_thread_count_does_not_load_the_model_again(written: Assistant) -> None:
    list(written.ask(QUESTION))
    model = written.answering.model
    assert model is not None and model.loaded
    written.change_settings(max_new_tokens_cpu=30, threads=1)
    list(written.ask(QUESTION))
    assert written.answering.model is model and model.loaded and model.cap == 30
    import torch

    assert torch.get_num_threads() == 1
    written.change_settings(threads=None)


def test_the_thread_limits_reach_torch_in_the_thread_that_writes(tiny_model: Path) -> None:
    script = f"""
import threading, ert_core, torch
from ert_core.language_model import LanguageModel
model = LanguageModel({str(tiny_model)!r}, threads=1, interop_threads=1, cap_cpu=2)
def write():
    list(model.generate([{{"role": "user", "content": "x"}}]))
    print(torch.get_num_threads(), torch.get_num_interop_threads())
model.load()
thread = threading.Thread(target=write)
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]
