"""Models under the CPU budget: their threads, pauses between their layers, and units of work of a fitting size."""

from __future__ import annotations

import threading
from typing import Any

from ert_core.cpu_budget import GOVERNOR, Governor, pause_again
from ert_core.threads import limit_torch_threads


def limit_threads(threads: int, interop_threads: int) -> None:
    """Give torch in this thread at most `threads`, and no more than the budget has room for (imports torch)."""
    limit_torch_threads(min(threads, GOVERNOR.threads), interop_threads)


def pace(model: Any) -> None:
    """Pause for the CPU budget before each layer: a part of a token, of a chunk or of a batch is the unit.

    Sizes stay, and with them every bit of the result. The pause may hold the model's lock.
    """
    from torch.nn import ModuleList

    layers = next((part for part in model.modules() if isinstance(part, ModuleList)), ())
    for layer in layers:
        layer.register_forward_pre_hook(lambda *_: pause_again())


class Units:
    """Work of one kind, cut into units that take a bounded share of CPU, learnt from the units before."""

    def __init__(self, governor: Governor = GOVERNOR) -> None:
        self._governor = governor
        self._taken = 0
        self._began = 0.0
        self._cost: float | None = None  # CPU-seconds of one piece

    def begin(self, most: int, cancelled: threading.Event | None = None) -> int:
        """Pause for the budget, then say how many pieces, 1 to `most`, the next unit may take on."""
        if not self._governor.limited:
            self._taken = 0
            return most
        if self._taken:
            cost = (self._governor.cpu_seconds() - self._began) / self._taken
            self._cost = cost if self._cost is None else (cost + self._cost) / 2
        self._governor.pause(cancelled)
        wanted = most / 4 if self._cost is None else self._governor.unit / max(self._cost, 1e-9)
        self._taken = max(1, int(min(most, wanted)))
        self._began = self._governor.cpu_seconds()
        return self._taken
