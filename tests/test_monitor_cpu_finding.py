"""How monitor_cpu.sh finds ERT among the processes, by their command lines."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from tests.monitor_script import linux_only, needs_bash, sourced

pytestmark = needs_bash
FOUND = [
    "streamlit|run|ERT.py",
    "/home/a b/.venv/bin/python3.11|/home/a b/.venv/bin/streamlit|run|ERT.py",
    "/usr/bin/python3|-m|streamlit|run|ERT.py|--server.port|8508",
    "python|-X|dev|-u|-m|streamlit|run|--server.headless|true|/srv/ERT.py",
    "/opt/Python.app/Contents/MacOS/Python|-m|streamlit.web.cli|run|./ERT.py",
    ".venv/bin/streamlit|--log_level|debug|run|ERT.py",
]
NOT_FOUND = [
    "grep|streamlit run ERT.py",
    "vim|ERT.py",
    "tail|-f|streamlit|run|ERT.py",
    "python|script.py|streamlit|run|ERT.py",
    "streamlit|run|app.py",
    "streamlit|run|MY_ERT.py",
    "streamlit|run|ERT.python",
    "streamlit|hello|ERT.py",
    "python|-m|streamlit_helper|run|ERT.py",
    "bash|./monitor_cpu.sh",
]


@pytest.mark.parametrize(("separator", "path"), [("$'\\037'", "$'[^\\037]*'"), ("' '", "'.*'")])
@pytest.mark.parametrize(("command", "runs_ert"), [(c, True) for c in FOUND] + [(c, False) for c in NOT_FOUND])
def test_command_lines(command, runs_ert, separator, path):
    joined = command.replace("|", "\037" if "037" in separator else " ") + ("\037" if "037" in separator else "")
    code = f"pattern=$(command_pattern {separator} {path}); IFS= read -r line; [[ $line =~ $pattern ]] && echo found"
    done = sourced(code + " || true", joined + "\n")
    assert (done == "found\n") is runs_ert


@linux_only
def test_real_command_lines(tmp_path):
    program = tmp_path / "streamlit"
    program.write_text("import os, sys\nif sys.argv[-1] == 'fork': os.fork()\nprint(flush=True)\nsys.stdin.read()\n")
    (tmp_path / "streamlit_main").mkdir()
    (tmp_path / "streamlit_main" / "streamlit.py").write_text(program.read_text())
    python = sys.executable
    commands = {
        "script": [python, program, "run", "ERT.py"],
        "module": [python, "-S", "-m", "streamlit", "run", "--server.port", "1", tmp_path / "ERT.py"],
        "forked": [python, program, "run", "ERT.py", "fork"],
        "other": [python, program, "run", "other.py"],
        "argument": [python, "-c", "import sys; print(flush=True); sys.stdin.read()", "streamlit", "run", "ERT.py"],
    }
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "streamlit_main")}
    started = {
        name: subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        for name, command in commands.items()
    }
    try:
        for process in started.values():
            process.stdout.readline()
        pids = [int(pid) for pid in sourced("find_ert").split()]  # other ERTs may run on this machine
        forked = [child.pid for child in psutil.Process(started["forked"].pid).children()]
        assert len(forked) == 1
        ours = [pid for pid in pids if pid in {*forked, *(p.pid for p in started.values())}]
        assert sorted(ours) == sorted(started[name].pid for name in ("script", "module", "forked"))
    finally:
        for process in started.values():
            process.communicate()


def test_no_ert():
    done = sourced("ert_processes() { :; }; main 2>&1; echo not reached")
    assert done == (
        "ERT ne tourne pas : aucun processus « streamlit run ERT.py » ; lancez « make run » ou donnez un PID.\n"
    )
    assert "ERT is not running" in sourced("ert_processes() { :; }; main --lang en 2>&1")
    assert sourced("ert_processes() { :; }; (main 2>/dev/null); echo $?") == "1\n"


def test_several_erts_are_said_and_the_newest_is_taken():
    code = (
        "ert_processes() { printf '%s\\n' '70 900' '80 1000' '90 20'; }; parent() { echo 1; }; watch() { echo $1; }; "
    )
    assert sourced(code.replace("echo 1", "echo 0") + "main 2>&1").splitlines() == [
        "Plusieurs ERT tournent (PID 90, 70, 80) : voici le plus récent, 80 ; donnez un PID pour un autre.",
        "80",
    ]
