"""The monitor: levels, snapshots and the CPU meter, against CPU time that real processes truly used."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitor_worker import worker

from ert_core.monitor import CpuMeter, Sampler, level, snapshot
from ert_core.process_tree import ProcessTree, Usage, cpu_seconds, machine_share, read_tree

has_children_time = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="psutil: children time on Linux")


def tree(at: float = 0.0, **processes: tuple[int, float, float]) -> ProcessTree:
    """A reading written by hand: p<PID> = (parent, own seconds, waited seconds)."""
    usages = {(int(name[1:]), 1.0): Usage(*values) for name, values in processes.items()}
    return ProcessTree(at, usages, resident=0, threads=1)


# Levels


@pytest.mark.parametrize(
    ("cpu", "expected"),
    [(0, "optimal"), (49.94, "optimal"), (49.96, "moderate"), (50, "moderate"), (69.94, "moderate")]
    + [(69.96, "high"), (70, "high"), (100, "high")],
)
def test_levels(cpu, expected):
    assert level(cpu) == expected


@given(st.floats(0, 100), st.floats(0, 100))
def test_levels_rise_with_the_share(one, other):
    order = ["optimal", "moderate", "high"]
    low, high = sorted((one, other))
    assert order.index(level(low)) <= order.index(level(high))


# CPU seconds between two readings


def test_a_tree_that_does_nothing_uses_nothing():
    assert cpu_seconds(tree(p1=(0, 5, 3), p2=(1, 4, 0)), tree(p1=(0, 5, 3), p2=(1, 4, 0))) == 0


def test_every_process_of_the_tree_counts():
    before = tree(p1=(0, 5, 0), p2=(1, 4, 0))
    assert cpu_seconds(before, tree(p1=(0, 6, 0), p2=(1, 4.5, 0), p3=(2, 0.25, 0))) == pytest.approx(1.75)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_a_child_that_ends_is_counted_once(counted, more, of_its_children):
    before = tree(p1=(0, 1, 0), p2=(1, counted, of_its_children))
    after = tree(p1=(0, 1, counted + of_its_children + more))
    assert cpu_seconds(before, after) == pytest.approx(more, abs=1e-9)


def test_a_branch_that_ends_is_counted_once():
    before = tree(p1=(0, 1, 0), p2=(1, 1, 0), p3=(2, 2, 0))
    assert cpu_seconds(before, tree(p1=(0, 1, 3.5))) == pytest.approx(0.5)


def test_a_child_nobody_waits_for_takes_nothing_off():
    before = tree(p1=(0, 1, 0), p2=(1, 3, 0), p3=(1, 0, 0))
    assert cpu_seconds(before, tree(p1=(0, 1.5, 0), p3=(1, 0.25, 0))) == pytest.approx(0.75)


def test_a_circle_of_parents_ends():
    assert cpu_seconds(tree(p1=(0, 1, 0), p2=(3, 1, 0), p3=(2, 1, 0)), tree(p1=(0, 1, 0))) == 0


def test_the_share_is_of_the_whole_machine():
    cores = psutil.cpu_count()
    assert machine_share(1.0, 2.0) == pytest.approx(50 / cores)
    assert machine_share(2.0 * cores, 2.0) == 100
    assert machine_share(9.0 * cores, 2.0) == 100 and machine_share(1.0, 0.0) == 0


@has_children_time
@pytest.mark.parametrize("command", ["burn 0.3", "child 0.3", "keep 0.3", "grandchild 0.3"])
def test_real_processes_are_counted_whole(command):
    with worker() as it:
        root = psutil.Process(it.pid)
        start, spent = read_tree(root), it.cpu_seconds()
        it.do(command)
        working, spent = read_tree(root), it.cpu_seconds() - spent
        assert spent > 0.25
        assert cpu_seconds(start, working) == pytest.approx(spent, abs=0.05)
        it.do("end")
        assert cpu_seconds(working, read_tree(root)) < 0.2  # not its 0.3 s again


def test_a_reading_disturbed_by_an_ending_process_is_taken_again():
    def process(pid, calls, fails=False):
        def cpu_times():
            calls.append(pid)
            if fails:
                raise psutil.NoSuchProcess(pid)
            return SimpleNamespace(user=1.0, system=0.0, children_user=0.0, children_system=0.0)

        return SimpleNamespace(
            pid=pid,
            oneshot=lambda: threading.Lock(),
            cpu_times=cpu_times,
            ppid=lambda: 1,
            memory_info=lambda: SimpleNamespace(rss=10),
            num_threads=lambda: 2,
            create_time=lambda: 1.0,
            children=lambda recursive: children.pop(0),
        )

    calls: list[int] = []
    children = [[process(2, calls), process(3, calls, fails=True)], [process(2, calls)], ["never read"]]
    reading = read_tree(process(1, calls))
    assert calls == [1, 2, 3, 1, 2]
    assert set(reading.processes) == {(1, 1.0), (2, 1.0)} and (reading.resident, reading.threads) == (20, 4)


# Snapshots


def test_the_first_sample_has_no_cpu_and_the_next_has():
    with worker() as it:
        sampler = Sampler(it.pid)
        first = sampler.sample()
        it.do("burn 0.2")
        second = sampler.sample()
    assert first.cpu_percent is None and first.machine_cpu_percent is None
    seconds = second.at - first.at
    assert second.cpu_percent == pytest.approx(machine_share(0.2, seconds), abs=machine_share(0.05, seconds))
    assert 0 < second.machine_cpu_percent <= 100


def test_an_idle_process_uses_nothing():
    with worker() as it:
        assert snapshot(it.pid, over=0.05).cpu_percent == 0


def test_a_sample_describes_the_tree_and_the_machine():
    with worker() as it:
        sampler = Sampler(it.pid)
        alone = sampler.sample()
        it.do("memory 100")
        it.do("keep 0")
        more = sampler.sample()
    assert (alone.processes, more.processes) == (1, 2)
    assert more.threads == alone.threads + 1
    assert more.memory_mb - alone.memory_mb >= 100
    total_mb = psutil.virtual_memory().total / 1e6
    assert more.memory_percent == pytest.approx(100 * more.memory_mb / total_mb)
    assert 0 < more.available_mb < total_mb


def test_snapshot_is_of_this_process_by_default():
    now = snapshot(over=0)
    assert now.cpu_percent is None and now.processes >= 1
    assert now.memory_mb > 5


def test_no_such_process():
    with worker() as it:
        sampler = Sampler(it.pid)
    with pytest.raises(psutil.NoSuchProcess):
        sampler.sample()
    with pytest.raises(psutil.NoSuchProcess):
        snapshot(99999999)


def sensors(**chips: list[float]):
    return lambda: {name: [SimpleNamespace(current=value) for value in values] for name, values in chips.items()}


@pytest.mark.parametrize(
    ("chips", "expected"),
    [
        ({"coretemp": [51.0, 63.5, 60.0], "nvme": [80.0]}, 63.5),
        ({"k10temp": [48.25]}, 48.25),
        ({"nvme": [80.0], "iwlwifi_1": [70.0]}, None),
        ({}, None),
    ],
)
def test_temperature_is_the_hottest_of_the_processor(monkeypatch, chips, expected):
    monkeypatch.setattr(psutil, "sensors_temperatures", sensors(**chips), raising=False)
    assert snapshot(over=0).temperature_c == expected


def test_no_sensors_on_this_system(monkeypatch):
    monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    now = snapshot(over=0)
    assert now.temperature_c is None and now.battery_percent is None and now.on_battery is None


@pytest.mark.parametrize(
    ("battery", "expected"),
    [
        (SimpleNamespace(percent=64, power_plugged=False), (64.0, True)),
        (SimpleNamespace(percent=100, power_plugged=True), (100.0, False)),
        (SimpleNamespace(percent=50, power_plugged=None), (50.0, None)),
        (None, (None, None)),
    ],
)
def test_battery(monkeypatch, battery, expected):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    now = snapshot(over=0)
    assert (now.battery_percent, now.on_battery) == expected


# The meter


@has_children_time
def test_the_meter_counts_the_cpu_time_truly_used():
    with worker() as it:
        spent, started = it.cpu_seconds(), time.monotonic()
        with CpuMeter(it.pid, interval=0.05) as meter:
            it.do("burn 0.2")
            it.do("child 0.2")
            it.do("memory 100")
            inner = time.monotonic() - started
        outer = time.monotonic() - started
        spent = it.cpu_seconds() - spent
        resident = psutil.Process(it.pid).memory_info().rss / 1e6
    assert 0.85 * machine_share(spent, outer) <= meter.mean <= 1.15 * machine_share(spent, inner)
    assert meter.mean <= meter.peak <= 100
    assert meter.memory_mb >= resident * 0.99


def test_the_meter_of_an_idle_process():
    with worker() as it, CpuMeter(it.pid, interval=0.02) as meter:
        time.sleep(0.1)
    assert (meter.mean, meter.peak) == (0, 0) and meter.memory_mb > 1


def test_the_meter_keeps_the_peak_of_memory_that_was_given_back():
    with CpuMeter(interval=0.02) as meter:
        held = b"x" * 200_000_000
        high = psutil.Process().memory_info().rss / 1e6
        deadline = time.monotonic() + 20
        while meter.memory_mb < high * 0.99 and time.monotonic() < deadline:
            time.sleep(0.01)
        del held
    assert meter.memory_mb >= high * 0.99
    assert psutil.Process().memory_info().rss / 1e6 < meter.memory_mb - 150


def test_the_meter_before_it_starts_and_after_it_stops():
    meter = CpuMeter()
    assert (meter.mean, meter.peak, meter.memory_mb) == (None, None, None)
    meter.stop()
    meter.start()
    with pytest.raises(RuntimeError):
        meter.start()
    meter.stop()
    results = (meter.mean, meter.peak, meter.memory_mb)
    meter.stop()
    assert (meter.mean, meter.peak, meter.memory_mb) == results and None not in results
    assert "ert-cpu-meter" not in {thread.name for thread in threading.enumerate()}


def test_the_meter_lets_errors_through_and_stops():
    with pytest.raises(ZeroDivisionError), CpuMeter() as meter:
        raise ZeroDivisionError
    assert meter.mean is not None
    assert "ert-cpu-meter" not in {thread.name for thread in threading.enumerate()}


def test_the_meter_of_a_process_that_ends():
    with worker() as it, CpuMeter(it.pid, interval=0.02) as meter:
        it.do("burn 0.05")
        it.end()
        time.sleep(0.1)
    assert meter.memory_mb > 1


def test_psutil_is_not_imported_with_the_module():
    code = "import sys, ert_core.monitor; print('psutil' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, env={**os.environ}).strip() == "False"
