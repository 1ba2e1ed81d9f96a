"""The law of the CPU budget, with a clock and CPU readings of the tests' own; and what a budget does to real parts."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core import cpu_budget
from ert_core.cpu_budget import BURST_SECONDS, CpuClock, Governor
from ert_core.machine_conditions import Readings
from ert_core.pacing import Units


class Machine:
    """Time and CPU that pass only when a test says so."""

    def __init__(self, cores: int = 2) -> None:
        self.now = self.used = self.slept = 0.0
        self.readings = Readings()
        self.governor = Governor(
            cpu=lambda: self.used,
            clock=lambda: self.now,
            wait=self.sleep,
            cores=cores,
            conditions=lambda: self.readings,
        )

    def sleep(self, seconds: float, cancelled: threading.Event | None) -> None:
        assert 0 < seconds <= cpu_budget.SLICE_SECONDS
        self.now += seconds
        self.slept += seconds

    def work(self, cpu: float, cores: float = 1.0) -> None:
        self.used += cpu
        self.now += cpu / cores


UNITS = st.lists(st.tuples(st.floats(0.001, 0.2), st.sampled_from([0.5, 1.0, 1.5, 2.0])), min_size=1, max_size=60)


@given(st.integers(10, 100), UNITS)
def test_no_window_holds_more_than_the_budget_the_bucket_and_a_unit(
    budget: int, units: list[tuple[float, float]]
) -> None:
    machine = Machine()
    machine.governor.apply(budget)
    begins = []
    for cpu, cores in units:
        machine.governor.pause()
        begins.append((machine.now, machine.used))
        machine.work(cpu, cores)
    ends = [(now + cpu / cores, used + cpu) for (now, used), (cpu, cores) in zip(begins, units, strict=True)]
    rate, slack = budget * 2 / 100, BURST_SECONDS * 2 + max(cpu for cpu, _ in units)
    for i, (start, used_before) in enumerate(begins):
        for end, used_after in ends[i:]:
            assert used_after - used_before <= rate * (end - start) + slack + 1e-6


@given(st.lists(st.tuples(st.floats(0.001, 0.3), st.floats(0.1, 0.5)), max_size=40))
def test_work_under_the_budget_is_never_held(units: list[tuple[float, float]]) -> None:
    machine = Machine()
    machine.governor.apply(50)  # one of two cores
    for cpu, cores in units:
        machine.governor.pause()
        machine.work(cpu, cores)
    machine.governor.pause()
    assert machine.slept == 0


@given(st.integers(10, 99), st.floats(0.01, 0.15), st.sampled_from([1.0, 2.0]))
def test_work_over_the_budget_gets_all_of_it(budget: int, cpu: float, cores: float) -> None:
    machine = Machine()
    machine.governor.apply(budget)
    for _ in range(300):
        machine.governor.pause()
        machine.work(cpu, cores)
    rate = budget * 2 / 100
    assert machine.used >= 0.97 * min(rate, cores) * machine.now


def test_without_a_budget_nothing_is_measured_and_nothing_waits() -> None:
    governor = Governor(cpu=lambda: pytest.fail("measured"), cores=2, conditions=Readings)
    governor.pause()
    assert not governor.limited and governor.unit == math.inf and governor.threads == 2


def test_another_budget_takes_effect_in_the_pause_at_hand() -> None:
    machine = Machine()
    machine.governor.apply(10)
    machine.governor.pause()
    machine.work(5.0)
    before = machine.now
    machine.governor._wait = lambda seconds, cancelled: (machine.sleep(seconds, cancelled), machine.governor.apply(100))
    machine.governor.pause()
    assert machine.now - before <= cpu_budget.SLICE_SECONDS + 1e-9
    machine.governor.apply(25)
    machine.governor.pause()
    assert machine.now - before <= cpu_budget.SLICE_SECONDS + 1e-9, "a new budget asks for no old debt"


def test_a_long_overrun_is_not_paid_back_for_ever() -> None:
    machine = Machine()
    machine.governor.apply(25)
    machine.governor.pause()
    machine.work(60.0)
    machine.governor.pause()
    assert machine.slept <= cpu_budget.LONGEST_DEBT_SECONDS + 1e-6


def test_a_stop_ends_the_pause() -> None:
    machine = Machine()
    machine.governor.apply(10)
    machine.governor.pause()
    machine.work(5.0)
    cancelled = threading.Event()
    cancelled.set()
    machine.governor.pause(cancelled)
    assert machine.slept == 0
    later = threading.Event()
    machine.governor._wait = lambda seconds, event: later.set()
    machine.governor.pause(later)
    assert later.is_set()


def test_a_reading_that_goes_back_gives_nothing() -> None:
    machine = Machine()
    machine.governor.apply(50)
    machine.governor.pause()
    machine.work(0.5, cores=2)
    machine.used -= 0.4  # a child that has ended, and is not yet among those waited for
    machine.governor.pause()
    machine.used += 0.4
    machine.governor.pause()
    first = machine.slept
    machine.governor.pause()
    assert machine.slept == first and first <= 0.5


@pytest.mark.parametrize(("budget", "cores", "threads"), [(10, 2, 1), (50, 2, 1), (51, 2, 2), (100, 2, 2), (25, 16, 4)])
def test_threads_follow_from_the_budget(budget: int, cores: int, threads: int) -> None:
    governor = Governor(cores=cores, conditions=Readings)
    governor.apply(budget)
    assert governor.threads == threads


def test_heat_lowers_the_budget_and_says_so() -> None:
    machine = Machine()
    machine.governor.apply(100)
    assert machine.governor.restraint.reason is None and not machine.governor.limited
    machine.readings = Readings(temperature_c=90.0)
    machine.now += 1
    assert machine.governor.restraint.reason is None, "read at most every few seconds"
    machine.now += 10
    assert machine.governor.restraint.reason == "heat" and machine.governor.percent == 50
    assert machine.governor.threads == 1


def test_units_are_learnt_from_what_they_took() -> None:
    machine = Machine()
    units = Units(machine.governor)
    assert units.begin(1000) == 1000, "without a budget the whole of it"
    machine.governor.apply(50)
    for _ in range(20):
        size = units.begin(1000)
        machine.work(size * 0.001)
    assert size == pytest.approx(1000 * machine.governor.unit, rel=0.1)
    machine.work(100)
    assert units.begin(1000) == 1


def test_the_cpu_of_this_process_and_of_its_children_is_read() -> None:
    clock = CpuClock()
    before, own = clock(), time.process_time()
    while time.process_time() < own + 0.05:
        pass
    assert clock() >= before + 0.04
    child = subprocess.Popen(
        [sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process = psutil.Process(child.pid)
    clock.add(process)
    assert child.stdout is not None and child.stdout.readline()
    alive = clock()
    assert alive >= before + 0.3
    child.communicate(b"\n")
    ended = clock()
    clock.remove(process)
    assert ended >= alive - 0.05 and clock() == pytest.approx(ended, abs=0.05), "counted once"


def test_imports_of_a_governed_thread_are_paced(monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[object] = []
    monkeypatch.setattr(cpu_budget.GOVERNOR, "pause", paused.append)
    sys.modules.pop("this_is_no_module", None)
    cancelled = threading.Event()

    def missing() -> None:
        with pytest.raises(ImportError):
            __import__("this_is_no_module")

    def work() -> None:
        missing()
        cpu_budget.pause(cancelled)
        missing()

    for target, expected in ((missing, []), (work, [cancelled, cancelled]), (missing, [cancelled, cancelled])):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join(10)
        assert paused == expected, "other threads, those of pages, are left alone"


def test_reading_costs_little() -> None:
    governor = Governor(conditions=Readings)
    governor.apply(100 if os.cpu_count() == 1 else 99)
    governor.pause()
    started = time.perf_counter()
    for _ in range(100):
        governor.debt_seconds()
    assert time.perf_counter() - started < 1.0, "10 ms each would be fifty times what it takes"


def test_a_fresh_process_that_paces_its_imports_gets_through() -> None:
    """The first pause reads the sensors, which imports psutil, which must not pause again."""
    script = (
        "from ert_core import cpu_budget; cpu_budget.apply(50); cpu_budget.pause(); import json.tool; print('done')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "done\n"
