"""`decoding_kernels` compiled once on a machine, in a process held to the CPU budget, and kept in the data directory.

Compiling takes 7 s of one core, and numba cannot pause; a process can be stopped and continued. What it leaves is
read in half a second. It is kept under a digest of the sources and the processor: numba itself looks at one file only,
and would go on with what another one said before. Import this module lazily: it brings in numba.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import llvmlite.binding as llvm
import numba
import numpy as np

from ert_core.cpu_budget import pause
from ert_core.held_process import hold_to_budget

# In the data directory.
FOLDER = "compiled"
_SOURCES = ("decoding_kernels.py", "vector_code.py")
_LIMIT_SECONDS = 300.0
# A file that is there once everything is.
_COMPLETE = "complete"
# White space: the process is ready to be stopped (`hold_to_budget`).
_READY = b"\n"
_START = "import sys; sys.path[:] = sys.argv[2:]; from ert_core.compiled_code import main; main(sys.argv[1])"


class CompilingError(Exception):
    """The process that compiles has failed."""


def compiled_code(home: Path | None) -> tuple[Any, Any]:
    """`step` and `Weights` of `decoding_kernels`, compiled before where there is a data directory `home`.

    Raises OSError and CompilingError where nothing can be kept or compiled.
    """
    if home is not None and "ert_core.decoding_kernels" not in sys.modules:  # else this process has it already
        kept = _use_folder(home)
        if not (kept / _COMPLETE).exists():
            _compile_in_a_process(home)
            pause()
    from ert_core.decoding_kernels import Weights, step

    return step, Weights


def forget(home: Path) -> None:
    """Throw away what was compiled."""
    shutil.rmtree(home / FOLDER, ignore_errors=True)


def main(home: str) -> None:
    """In the process: compile for both types of numbers that models have."""
    from ert_core.loaders.sandbox import die_with_parent

    die_with_parent()
    os.write(1, _READY)
    kept = _use_folder(Path(home))
    from ert_core.decoding_kernels import step

    for number in (np.float32, np.uint16):
        step(*_smallest(number))
    (kept / _COMPLETE).touch()


def _folder(home: Path) -> Path:
    """By what the code is made of, and what it is made by and for."""
    sources = [Path(__file__).with_name(name).read_bytes() for name in _SOURCES]
    target = f"{numba.__version__} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    target += f" {numba.config.CPU_NAME} {numba.config.CPU_FEATURES}"
    return home / FOLDER / hashlib.sha256(b"".join([*sources, target.encode()])).hexdigest()[:16]


def _use_folder(home: Path) -> Path:
    """The folder of the data directory where numba keeps its files from now on; what is of older sources goes."""
    kept = _folder(home)
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other, ignore_errors=True)
    kept.mkdir(parents=True, exist_ok=True)
    numba.config.CACHE_DIR = str(kept)
    return kept


def _compile_in_a_process(home: Path) -> None:
    output = bytearray()
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", _START, str(home), *sys.path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    reader = threading.Thread(target=_collect, args=(process.stdout, output), daemon=True)
    reader.start()
    try:
        in_time = hold_to_budget(
            process,
            reader,
            seconds=_LIMIT_SECONDS,
            cancelled=threading.Event(),
            ready=lambda: bool(output),
            busy=lambda: False,
        )
    finally:
        process.kill()
        process.wait()
        reader.join()
        if process.stdout is not None:
            process.stdout.close()
    if not in_time or process.returncode != 0:
        raise CompilingError(f"compiling ended with {process.returncode}")


def _collect(pipe: IO[bytes] | None, output: bytearray) -> None:
    while pipe is not None and (chunk := pipe.read(1)):
        output += chunk


def _smallest(number: type[Any]) -> tuple[Any, ...]:
    """Arguments of `step` of the types that a model of `number`s has: one layer, one head, one token."""
    from ert_core.decoding_kernels import Matrices, Weights
    from ert_core.vector_code import LANES

    size = 2 * LANES

    def matrices(outputs: int) -> Matrices:
        weights = np.zeros((1, outputs, size), np.int8)
        return Matrices(weights, np.ones((1, outputs), np.float32), np.zeros((1, outputs), np.float32))

    norm, none = np.ones((1, size), np.float32), np.zeros((1, 0), np.float32)
    weights = Weights(
        embedding=np.zeros((1, size), number),
        qkv=matrices(3 * size),
        output=matrices(size),
        gate_up=matrices(2 * size),
        down=matrices(size),
        head=matrices(1),
        attention_norm=norm,
        mlp_norm=norm,
        rotated=np.array([True]),
        query_norm=none,
        key_norm=none,
        last_norm=norm,
        shape=np.array([1, size]),
        epsilon=1e-6,
        attention_scale=1.0,
    )
    keys, values = np.zeros((1, 1, 1, size), number), np.zeros((1, 1, 1, size), number)
    places = np.array([[keys.ctypes.data, values.ctypes.data]])
    angles = np.zeros((1, LANES), np.float32)
    scores, logits = np.empty((1, 1, 1), np.float32), np.empty((1, 1), np.float32)
    return weights, np.array([0]), 0, places, 1, np.cos(angles), np.sin(angles), scores, logits
