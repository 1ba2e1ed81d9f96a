"""What the machine allows at most: bytes read from memory a second, and operations of matrix products a second."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds(work: Callable[[], object], rounds: int = 7) -> float:
    """The median of so many runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def read_bandwidth(threads: int, gigabytes: float = 1.0) -> float:
    """Bytes a second that `threads` threads read: a sum over more than any cache holds."""
    import torch

    torch.set_num_threads(threads)
    numbers = torch.ones(int(gigabytes * 1e9 / 4))
    return numbers.nbytes / seconds(numbers.sum)


def matrix_rate(threads: int, size: int = 2048) -> float:
    """Operations a second of a bfloat16 product of square matrices."""
    import torch

    torch.set_num_threads(threads)
    left, right = torch.ones(size, size).bfloat16(), torch.ones(size, size).bfloat16()
    with torch.inference_mode():
        return 2.0 * size**3 / seconds(lambda: left @ right)
