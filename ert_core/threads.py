"""Thread limits: the variables that numeric libraries read when they load, and torch's own.

`limit_threads_in_environment` must run before numpy or torch is imported: OpenMP, MKL and NumExpr
read their variable once, when the library loads. This module imports the standard library only.
"""

from __future__ import annotations

import os

MAX_THREADS = 4
MAX_INTEROP_THREADS = 2
# The value each variable had before this process set its own ("" for none): only the user's binds torch.
_exported_by_user: dict[str, str] = {}
LIMITED_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# Threads that wait for work sleep soon: by default they spin, and burn up to three times the CPU that the work takes
# when the machine is busy (docs/performance.md). KMP_BLOCKTIME says the same to LLVM's and Intel's OpenMP; a short
# spin of GNU's (some 0.2 ms) spares most of the waking up inside a model's layer.
WAITING_VARIABLES = {"OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0", "GOMP_SPINCOUNT": "20000"}
# oneDNN keeps the code it makes for each shape of a matrix, a quarter of a megabyte or more, for up to 1,024 of them,
# and torch another 1,024 for each thread that computes: hardly two batches of texts have the same shape.
MEMORY_VARIABLES = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128", "LRU_CACHE_CAPACITY": "16"}
VARIABLES = (*LIMITED_VARIABLES, *WAITING_VARIABLES, *MEMORY_VARIABLES, "TOKENIZERS_PARALLELISM")


def usable_cpus() -> int:
    """Number of CPUs this process may run on (at least 1): the affinity mask where there is one."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS and Windows have no affinity mask
        return max(1, os.cpu_count() or 1)


def bounded_threads(wanted: int, ceiling: int | None = None) -> int:
    """`wanted` brought into [1, usable CPUs], and under `ceiling` when one is given."""
    upper = usable_cpus() if ceiling is None else min(usable_cpus(), ceiling)
    return max(1, min(wanted, upper))


def limit_threads_in_environment() -> None:
    """Set the thread variables that are not set yet; a value the user exported wins.

    `ERT_THREADS` (1 or more) replaces the default of four; neither passes the CPUs of the machine.
    """
    try:
        wanted = int(os.environ.get("ERT_THREADS", ""))
    except ValueError:  # unset, or refused with a sentence when the settings are read
        wanted = MAX_THREADS
    threads = str(bounded_threads(wanted))
    for variable in LIMITED_VARIABLES:
        if variable in os.environ:
            _exported_by_user.setdefault(variable, os.environ[variable])
        else:
            os.environ[variable] = threads
            _exported_by_user.setdefault(variable, "")
    for variable, value in {**WAITING_VARIABLES, **MEMORY_VARIABLES, "TOKENIZERS_PARALLELISM": "false"}.items():
        os.environ.setdefault(variable, value)


def limit_torch_threads(threads: int = MAX_THREADS, interop_threads: int = MAX_INTEROP_THREADS) -> None:
    """Bound torch's intra-op and inter-op thread pools (imports torch).

    The intra-op count can change at any time, and OpenMP keeps one for each calling thread: call this
    in the thread that computes. torch takes the inter-op count once, before its
    first parallel work (torch.set_num_interop_threads), so a later, different value is left as is.
    """
    import torch

    exported = _exported_by_user.get("OMP_NUM_THREADS", "")
    ceiling = int(exported) if exported.isdigit() and int(exported) > 0 else None
    wanted = bounded_threads(threads, ceiling)
    if torch.get_num_threads() != wanted:  # cheap enough to ask before each token
        torch.set_num_threads(wanted)
    wanted = bounded_threads(interop_threads)
    if torch.get_num_interop_threads() != wanted:
        try:
            torch.set_num_interop_threads(wanted)
        except RuntimeError:  # parallel work has begun: the count of this process is fixed
            return
