"""Models under the CPU budget: their threads, pauses between their layers, and units of work of a fitting size."""

from __future__ import annotations

import threading
from typing import Any

from ert_core.cpu_budget import GOVERNOR, Governor, pause_again, stop_asked
from ert_core.other_programs import OtherPrograms
from ert_core.threads import bounded_threads, limit_torch_threads, usable_cpus

OTHERS = OtherPrograms(GOVERNOR.cpu_seconds)


def threads_now(threads: int) -> int:
    """Of `threads`, those that the budget has room for and that other programs leave a core to."""
    return bounded_threads(min(threads, GOVERNOR.threads, OTHERS.leave(usable_cpus())))


def limit_threads(threads: int, interop_threads: int) -> None:
    """Give torch in this thread `threads_now` of them (imports torch)."""
    limit_torch_threads(threads_now(threads), interop_threads)


class Stopped(Exception):
    """The work of this thread was asked to stop, in the middle of a model's step."""


def pace(model: Any, *, stopping: bool = False) -> None:
    """Pause for the CPU budget before each layer: a part of a token, of a chunk or of a batch is the unit.

    Sizes stay, and with them every bit of the result. The pause may hold the model's lock. With `stopping`, a layer
    raises Stopped once the event that the thread last gave to `pause` is set.
    """
    from torch.nn import ModuleList

    def before_layer(*_: Any) -> None:
        pause_again()
        if stopping and stop_asked():
            raise Stopped

    layers = next((part for part in model.modules() if isinstance(part, ModuleList)), ())
    for layer in layers:
        layer.register_forward_pre_hook(before_layer)


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
