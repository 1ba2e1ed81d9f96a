from __future__ import annotations

import subprocess
import sys

import pytest

from ert_core import devices
from ert_core.devices import choose_device, choose_dtype, cuda_status, empty_cuda_cache
from ert_core.locale import LANGUAGES, text


@pytest.fixture
def torch():
    import torch

    return torch


def test_without_cuda_the_reason_is_said(torch, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "hip", None)
    for built, reason in ((None, "cpu_only_build"), ("13.0", "no_cuda_device")):
        monkeypatch.setattr(torch.version, "cuda", built)
        assert cuda_status() == (False, reason)
        assert choose_device(True) == "cpu"


def test_with_cuda_the_wish_decides(torch, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert cuda_status() == (True, "available")
    assert choose_device(True) == "cuda"
    assert choose_device(False) == "cpu"


def test_every_reason_has_its_sentence():
    for reason in devices.CudaReason.__args__:
        for language in LANGUAGES:
            assert text(f"cuda.{reason}", language)


def test_torch_is_not_imported_for_the_cpu():
    code = (
        "import sys; from ert_core.devices import choose_device, cuda_status, empty_cuda_cache; "
        "import importlib.metadata as m; choose_device(False); empty_cuda_cache(); "
        "m.version('torch').endswith('+cpu') and cuda_status(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the device files of a driver are looked for on Linux only")
def test_a_gpu_build_without_a_driver_is_told_without_importing_torch(tmp_path):
    code = (
        "import sys; from ert_core import devices; devices.version = lambda name: '2.13.0+cu130'; "
        f"devices.DRIVER_FILES = ({str(tmp_path / 'nvidiactl')!r},); "
        "print(devices.cuda_status(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=60, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "(False, 'no_cuda_device') False"
    (tmp_path / "nvidiactl").touch()
    done = subprocess.run([sys.executable, "-c", code], timeout=60, check=True, capture_output=True, text=True)
    assert done.stdout.strip().endswith("True"), "with a driver in place, torch itself is asked"


def test_the_cache_is_emptied_only_where_there_is_cuda(torch, monkeypatch):
    calls = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: calls.append(1))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    empty_cuda_cache()
    assert calls == []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    empty_cuda_cache()
    assert calls == [1]


@pytest.mark.parametrize(
    ("stored", "units", "expected"),
    [
        ("bfloat16", True, "bfloat16"),
        ("bfloat16", False, "float32"),
        ("float16", True, "float32"),
        ("float32", True, "float32"),
    ],
)
def test_half_types_are_held_on_a_cpu_that_computes_them_well(monkeypatch, stored, units, expected):
    assert choose_dtype("cpu", stored, lambda: units) == expected


def test_a_gpu_holds_half_types(torch, monkeypatch):
    for supported, expected in ((True, "bfloat16"), (False, "float16")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *a, s=supported, **k: s)
        assert choose_dtype("cuda", "float32", lambda: False) == expected


def test_the_probe_answers_on_any_build():
    assert devices.cpu_has_bfloat16_units() in (True, False)


@pytest.mark.parametrize(
    ("flags", "expected"), [("fpu avx2 avx512_bf16", "bfloat16"), ("fpu avx2", "float32"), ("asimd bf16", "bfloat16")]
)
def test_the_likely_type_is_read_from_the_processors_flags(tmp_path, flags, expected):
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    assert devices.likely_dtype(cpuinfo=tmp_path / "cpuinfo") == expected
    assert devices.likely_dtype("float32", tmp_path / "cpuinfo") == "float32"
    assert devices.likely_dtype(cpuinfo=tmp_path / "nowhere") == "float32"
