"""Whether this processor multiplies bfloat16 matrices faster than float32 ones: by its flags, then by trying.

The flags alone are not enough: a virtual machine may show units that it emulates. What was found is kept in
the data directory, by processor and version of torch, so that it is tried once.
"""

from __future__ import annotations

import json
import platform
import time
from pathlib import Path

from ert_core.devices import BFLOAT16_FLAGS, cpu_flags, cpu_has_bfloat16_units

FILE = "processor.json"
# bfloat16 has to be so much faster to be worth its rounding.
WORTH = 0.8
# A product of (rows, inner) and (inner, inner), about 0.1 GFLOP: a millisecond or two in float32.
_ROWS, _INNER, _TRIES = 128, 640, 6

_found: dict[str, bool] = {}


def bfloat16_pays(home: Path | None = None) -> bool:
    """Whether bfloat16 is the faster type on this CPU; remembered in the data directory `home` (None: not)."""
    key = _processor()
    if key not in _found:
        kept = _read(home)
        if key not in kept:
            kept[key] = cpu_has_bfloat16_units() and _is_faster()
            _write(home, kept)
        _found[key] = kept[key]
    return _found[key]


def embedding_dtype(device: str, home: Path | None = None) -> str:
    """The data type to embed with. bfloat16 keeps a cosine of more than 0.999 to float32 (`docs/decisions.md`)."""
    return "bfloat16" if device == "cpu" and bfloat16_pays(home) else "float32"


def _is_faster() -> bool:
    import torch

    seconds = {}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two wait for each other where another program has a core, and measure that
    with torch.inference_mode():
        for dtype in (torch.float32, torch.bfloat16):
            left, right = torch.ones(_ROWS, _INNER, dtype=dtype), torch.ones(_INNER, _INNER, dtype=dtype)
            torch.nn.functional.linear(left, right)  # the first call chooses its kernel
            tries = []
            for _ in range(_TRIES):
                started = time.perf_counter()
                torch.nn.functional.linear(left, right)
                tries.append(time.perf_counter() - started)
            seconds[dtype] = min(tries)
    torch.set_num_threads(threads)
    return seconds[torch.bfloat16] < WORTH * seconds[torch.float32]


def _processor() -> str:
    import torch

    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    except OSError:
        pass
    units = " ".join(sorted(cpu_flags() & BFLOAT16_FLAGS))
    return " | ".join(filter(None, (name, units, f"torch {torch.__version__}")))


def _read(home: Path | None) -> dict[str, bool]:
    if home is None:
        return {}
    try:
        kept = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or damaged: it is tried again
        return {}
    return {k: v for k, v in kept.items() if isinstance(v, bool)} if isinstance(kept, dict) else {}


def _write(home: Path | None, kept: dict[str, bool]) -> None:
    if home is None:
        return
    try:
        (home / FILE).write_text(json.dumps(kept, indent=1), encoding="utf-8")
    except OSError:  # a folder that is not there yet, a full disk: it is tried again at the next start
        pass
