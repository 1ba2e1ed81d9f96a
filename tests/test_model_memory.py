from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ert_core import model_memory
from ert_core.errors import LanguageModelError, NotEnoughMemoryError
from ert_core.model_folder import TensorHeader, read_config, stored_dtype, weight_files
from ert_core.model_memory import (
    RUNTIME_BYTES,
    available_bytes,
    cache_bytes_per_token,
    check_memory,
    needed_bytes,
    weights_bytes,
)
from tests.tiny_model import build_tiny_model

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("memory") / "tiny")


def parameters(folder: Path) -> int:
    from transformers import AutoModelForCausalLM

    return sum(p.numel() for p in AutoModelForCausalLM.from_pretrained(folder).parameters())


def test_weights_are_counted_from_the_headers(folder):
    assert weights_bytes(folder) == weights_bytes(folder, "float32") == 4 * parameters(folder)
    assert weights_bytes(folder, "bfloat16") == 2 * parameters(folder)


def test_the_cache_of_a_token_is_what_transformers_keeps(folder):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    cache = model(input_ids=torch.ones(1, 7, dtype=torch.long), use_cache=True).past_key_values
    kept = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    assert cache_bytes_per_token(read_config(folder), "float32") * 7 == kept


def test_need_grows_with_the_context_and_holds_the_weights(folder):
    short, long = needed_bytes(folder, 100), needed_bytes(folder, 2048)
    assert long - short == 1948 * cache_bytes_per_token(read_config(folder), "float32")
    assert short > weights_bytes(folder) + RUNTIME_BYTES


def test_too_little_memory_names_need_and_free(folder):
    need = needed_bytes(folder, 2048)
    check_memory(folder, 2048, available=need)
    with pytest.raises(NotEnoughMemoryError) as caught:
        check_memory(folder, 2048, available=need - 1)
    message, remedy = caught.value.in_language("fr")
    assert f"{need / 1e9:.1f} Go".replace(".", ",") in message
    assert "citations" in remedy


def test_on_a_gpu_its_own_memory_counts(folder, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1000, 2000), raising=False)
    with pytest.raises(NotEnoughMemoryError) as caught:
        check_memory(folder, 2048, "float32", device="cuda")
    assert caught.value.code == "gpu_memory_short"
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (10**12, 10**12))
    check_memory(folder, 2048, "float32", device="cuda")


def test_available_is_what_the_machine_has():
    import psutil

    assert 0 < available_bytes() <= psutil.virtual_memory().total


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n", encoding="utf-8")


@pytest.fixture
def plenty(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("M", (), {"available": 10**12})())


@pytest.fixture
def root(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    return tmp_path


def test_a_limit_of_a_container_counts_version_2(root, plenty):
    (root / "proc/self/cgroup").write_text("0::/app\n", encoding="utf-8")
    assert available_bytes(root) == 10**12
    group(root / "sys/fs/cgroup/app", memory__max="max", memory__current=900, memory__stat="inactive_file 300")
    assert available_bytes(root) == 10**12
    group(root / "sys/fs/cgroup/app", memory__max=2000)
    assert available_bytes(root) == 2000 - 900 + 300


def test_a_limit_above_the_own_group_counts_too(root, plenty):
    (root / "proc/self/cgroup").write_text("0::/outer/inner\n", encoding="utf-8")
    group(root / "sys/fs/cgroup/outer/inner", memory__max=5000, memory__current=0, memory__stat="inactive_file 0")
    group(root / "sys/fs/cgroup/outer", memory__max=3000, memory__current=1000, memory__stat="inactive_file 0")
    assert available_bytes(root) == 2000


def test_a_limit_of_a_container_counts_version_1(root, plenty):
    (root / "proc/self/cgroup").write_text("5:cpu:/x\n4:memory:/docker/abc\n", encoding="utf-8")
    files = {"memory__usage_in_bytes": 500, "memory__stat": "total_inactive_file 100"}
    group(root / "sys/fs/cgroup/memory", memory__limit_in_bytes=(1 << 63) - 4096, **files)
    assert available_bytes(root) == 10**12
    group(root / "sys/fs/cgroup/memory", memory__limit_in_bytes=4000)
    assert available_bytes(root) == 3600


def test_a_container_over_its_limit_has_nothing_left(root, plenty):
    (root / "proc/self/cgroup").write_text("0::/\n", encoding="utf-8")
    group(root / "sys/fs/cgroup", memory__max=1000, memory__current=1500, memory__stat="inactive_file 0")
    assert available_bytes(root) == 0


def test_the_type_of_most_numbers_is_the_stored_type():
    headers = {"a": TensorHeader("bfloat16", (10, 10), 200), "b": TensorHeader("float32", (5,), 20)}
    assert stored_dtype(headers) == "bfloat16"


def test_an_index_cannot_lead_out_of_the_folder(tmp_path):
    (tmp_path / "secret.safetensors").write_bytes(b"x")
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("../secret.safetensors", str(tmp_path / "secret.safetensors"), 5):
        index = json.dumps({"weight_map": {"w": name}})
        (folder / "model.safetensors.index.json").write_text(index, encoding="utf-8")
        with pytest.raises(LanguageModelError) as caught:
            weight_files(folder)
        assert caught.value.code == "model_damaged"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("stored", "held"), [pytest.param("float32", "float32", marks=pytest.mark.thorough), ("bfloat16", "float32")]
)
def test_loading_peaks_at_1_2_times_the_weights_and_gives_them_back(tmp_path, stored, held):
    """Above the bare process, in a fresh one: the bar of `low_cpu_mem_usage`, measured."""
    # About 120 MB of weights as they are held.
    shape = {"layers": 7, "hidden": 512, "intermediate": 2048, "vocabulary_size": 8000}
    folder = build_tiny_model(tmp_path / "model", dtype=stored, **shape)
    result = subprocess.run(
        [sys.executable, "benchmarks/model_loading_memory.py", "--folder", str(folder), "--dtype", held],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout.splitlines()[-1])
    assert figures["weights_mb"] == pytest.approx(weights_bytes(folder, held) / 1e6, abs=0.1)
    assert 90 < figures["weights_mb"] < 160
    assert 0.9 < figures["peak_over_weights"] <= 1.2
    assert figures["left_after_unload_mb"] < 60
    assert model_memory.needed_bytes(folder, 256, held) > figures["peak_mb"] * 1e6
