"""Cores that other programs use, as far as they can be known from two looks."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from ert_core.cpu_budget import CpuClock
from ert_core.other_programs import LONGEST_SECONDS, OtherPrograms


class Machine:
    def __init__(self) -> None:
        self.now = self.all = self.own = 0.0
        self.programs = OtherPrograms(lambda: self.own, lambda: self.all, lambda: self.now)

    def run(self, seconds: float, own: float = 0.0, others: float = 0.0) -> None:
        self.now += seconds
        self.own += seconds * own
        self.all += seconds * (own + others)


@pytest.mark.parametrize(
    ("own", "others", "left"), [(2.0, 0.0, 4), (1.0, 0.5, 4), (1.0, 1.0, 3), (0.0, 2.7, 1), (0.5, 4.0, 1)]
)
def test_a_core_in_use_by_another_is_left_to_it(own: float, others: float, left: int) -> None:
    machine = Machine()
    assert machine.programs.leave(4) == 4, "nothing is known yet"
    machine.run(1, own, others)
    assert machine.programs.cores() == pytest.approx(others)
    assert machine.programs.leave(4) == left


def test_a_short_moment_and_a_long_ago_say_nothing() -> None:
    machine = Machine()
    machine.programs.cores()
    machine.run(0.1, others=2)
    assert machine.programs.cores() == 0, "one tick of the clock could be all"
    machine.run(0.9, others=2)
    assert machine.programs.cores() == pytest.approx(2)
    machine.run(LONGEST_SECONDS + 1, others=2)
    assert machine.programs.cores() == 0


def test_a_real_program_is_seen_and_ones_own_work_is_not() -> None:
    programs = OtherPrograms(CpuClock())
    programs.cores()
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        pass
    alone = programs.cores()
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(1.5)
        shared = programs.cores()
    finally:
        busy.kill()
        busy.wait()
    assert shared > alone + 0.3
