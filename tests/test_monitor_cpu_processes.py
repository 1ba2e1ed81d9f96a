"""monitor_cpu.sh on real processes: what they use is counted whole, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from monitor_worker import worker

from tests.monitor_script import LINE, OBEY_SIGINT, SCRIPT, SUMMARY, linux_only, needs_bash, run, sourced

pytestmark = needs_bash


def used(pid: int, state: str = "") -> tuple[float, str]:
    """(CPU seconds that the script has counted so far, its state)."""
    code = "constants=$(machine); IFS= read -r -d '' state; measure $PID_ 1 \"$state\"".replace("$PID_", str(pid))
    state = sourced(code, state + "\0").partition("\n")[2]
    percent_seconds = float(state.split("\n")[0].split()[5])
    return percent_seconds * psutil.cpu_count() / 100, state


@linux_only
@pytest.mark.parametrize("command", ["burn 0.3", "child 0.3", "keep 0.3", "grandchild 0.3"])
def test_real_processes_are_counted_whole(command):
    with worker() as it:
        _, state = used(it.pid)
        before = it.cpu_seconds()
        it.do(command)
        spent = it.cpu_seconds() - before
        counted, state = used(it.pid, state)
        assert spent > 0.25
        assert counted == pytest.approx(spent, abs=0.06)  # times come in steps of 0.01 s, several a process

        it.do("end")  # what was counted while they lived is not counted again
        ending = it.cpu_seconds() - before - spent
        again, _ = used(it.pid, state)
        assert again == pytest.approx(counted + ending, abs=0.06)


@linux_only
def test_a_sleeping_process_uses_nothing():
    with worker() as it:
        done = run("--once", "--interval", "0.2", it.pid)
    assert done.returncode == 0 and done.stderr == ""
    assert LINE.fullmatch(done.stdout.rstrip("\n"))
    assert " CPU:   0.0% (OPTIMAL)" in done.stdout


@linux_only
def test_memory_of_a_real_tree():
    with worker() as it:
        it.do("memory 200")
        it.do("keep 0")
        root = psutil.Process(it.pid)
        resident = sum(p.memory_info().rss for p in [root, *root.children()]) / 1e6
        line = run("--once", "--interval", "0.2", it.pid).stdout
    assert int(re.search(r"\((\d+) MB\)", line)[1]) == pytest.approx(resident, rel=0.05)
    share = float(re.search(r"RAM: +([\d.]+)%", line)[1])
    assert share == pytest.approx(100 * resident * 1e6 / psutil.virtual_memory().total, abs=0.2)


@linux_only
@pytest.mark.parametrize("locale", ["fr_FR.UTF-8", "de_DE.UTF-8", "C", ""])
def test_the_locale_changes_nothing(locale):
    with worker() as it:
        done = run("--count", "2", "--interval", "0,2", it.pid, LC_ALL=locale, LC_NUMERIC=locale, LANG=locale)
    *lines, summary = done.stdout.splitlines()
    assert len(lines) == 2 and all(LINE.fullmatch(line) for line in lines)
    assert SUMMARY.fullmatch(summary) and "2 mesures" in summary


@linux_only
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_the_summary(stop):
    with worker() as it:
        command = [sys.executable, "-c", OBEY_SIGINT, "bash", SCRIPT, "--lang=en", "--interval", "0.5", str(it.pid)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as script:
            assert "(OPTIMAL) | RAM:" in script.stdout.readline()
            script.stdout.readline()
            script.send_signal(stop)
            output, errors = script.communicate(timeout=20)
    assert script.returncode == 0 and errors == ""
    summary = output.splitlines()[-1]
    assert re.fullmatch(
        r"Summary: CPU mean \d+\.\d%, peak \d+\.\d% \| RAM mean \d+ MB, peak \d+ MB"
        r" \| duration \d\d:\d\d:\d\d \| \d+ samples?",
        summary,
    )


@linux_only
def test_a_signal_before_the_first_line():
    with worker() as it:
        command = [sys.executable, "-c", OBEY_SIGINT, "bash", SCRIPT, "--interval", "300", str(it.pid)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as script:
            sleeping: list[psutil.Process] = []
            while not sleeping and script.poll() is None:
                with suppress(psutil.NoSuchProcess):
                    sleeping = [c for c in psutil.Process(script.pid).children() if c.name() == "sleep"]
            script.send_signal(signal.SIGINT)
            output, errors = script.communicate(timeout=20)
    assert (script.returncode, output, errors) == (0, "", "Aucune mesure.\n")
    _, left = psutil.wait_procs(sleeping, timeout=20)
    assert not left  # its sleep is not left behind


@linux_only
def test_it_ends_with_the_process_watched():
    with worker() as it:
        command = ["bash", SCRIPT, "--interval", "0.3", str(it.pid)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as script:
            assert LINE.fullmatch(script.stdout.readline().rstrip("\n"))
            it.end()
            output, errors = script.communicate(timeout=20)
    assert script.returncode == 0 and errors == ""
    assert SUMMARY.fullmatch(output.splitlines()[-1])


@linux_only
def test_no_such_process():
    done = run("--once", 99999999)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Aucune mesure : le processus 99999999 n’existe pas ou s’est déjà arrêté.\n"
    assert run("--once", "--lang", "en", 99999999).stderr.startswith("No sample: process 99999999 ")
