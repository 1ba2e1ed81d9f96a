"""Which device the models run on, why CUDA is not used, and in which data type weights are held.

torch is imported inside the functions: a page can ask for the status of a CPU-only build without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

Device = Literal["cpu", "cuda"]
CudaReason = Literal["available", "torch_missing", "cpu_only_build", "no_cuda_device"]

# What the drivers of NVIDIA, of Windows' own Linux and of AMD put in place.
DRIVER_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
# Flags of processors with units for bfloat16 (Intel and AMD, AMX, ARM).
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
# Bytes of one number, by torch's names.
DTYPE_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}


def cuda_status() -> tuple[bool, CudaReason]:
    """(usable, reason). The reason's sentence is the text `cuda.<reason>` of `locale/`.

    A build of torch marked "+cpu" is told from its version, and a machine without the device files of
    a GPU driver by their absence, so that torch need not be imported.
    """
    if "torch" not in sys.modules:
        try:
            if version("torch").endswith("+cpu"):
                return False, "cpu_only_build"
        except PackageNotFoundError:
            return False, "torch_missing"
        if sys.platform == "darwin":
            return False, "no_cuda_device"
        if sys.platform == "linux" and not any(Path(file).exists() for file in DRIVER_FILES):
            return False, "no_cuda_device"
    import torch

    if torch.cuda.is_available():
        return True, "available"
    built_for_gpu = torch.version.cuda is not None or torch.version.hip is not None
    return False, "no_cuda_device" if built_for_gpu else "cpu_only_build"


def choose_device(gpu: bool) -> Device:
    """ "cuda" when it is wanted and usable, else "cpu"."""
    return "cuda" if gpu and cuda_status()[0] else "cpu"


def empty_cuda_cache() -> None:
    """Give the GPU memory that torch holds in reserve back to the machine; nothing without CUDA."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def choose_dtype(device: str, stored: str, bfloat16_pays: Callable[[], bool]) -> str:
    """The data type to hold weights in: "bfloat16", "float16" or "float32".

    `stored` is the type of the file, `bfloat16_pays` tells it of the CPU (`cpu_precision`). Half types save
    memory anywhere, but a CPU without units for bfloat16 computes them slowly, and float32 files would lose
    precision for nothing.
    """
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "bfloat16" if stored == "bfloat16" and bfloat16_pays() else "float32"


def likely_dtype(stored: str = "bfloat16", cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """What choose_dtype will say on the CPU, from the processor's flags: torch is not imported.

    Where the flags cannot be read the larger "float32" is assumed.
    """
    return stored if stored == "bfloat16" and cpu_flags(cpuinfo) & BFLOAT16_FLAGS else "float32"


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    """The words of the processor's description, its flags among them; none where there is no such file."""
    try:
        return set(cpuinfo.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return set()


def cpu_has_bfloat16_units() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware (AVX512-BF16, AMX, recent ARM)."""
    import torch

    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):  # a build without oneDNN
        return False
