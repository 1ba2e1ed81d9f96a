"""monitor_cpu.sh: its form, its accounting on hand-written and on real processes, and how it ends."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from monitor_worker import worker

SCRIPT = Path(__file__).parent.parent / "monitor_cpu.sh"
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

LINE = re.compile(
    r"\[([01]\d|2[0-3]):[0-5]\d:[0-5]\d\] "
    r"(✅ CPU: [ \d]{3}\.\d% \(OPTIMAL\) \||⚠️  CPU: [ \d]{3}\.\d% \(MODÉRÉ\) \||🔥 CPU: [ \d]{3}\.\d% \(ÉLEVÉ\)  \|)"
    r" RAM: [ \d]\d\.\d% \(\d+ MB\)"
)
SUMMARY = re.compile(
    r"Résumé : CPU moyenne \d+\.\d%, pic \d+\.\d% \| RAM moyenne \d+ MB, pic \d+ MB"
    r" \| durée \d\d:\d\d:\d\d \| \d+ mesures?"
)
# SIGINT may be ignored where the tests themselves run in the background, and bash cannot undo that.
OBEY_SIGINT = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
)


def run(*arguments: object, path: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script; `path` holds commands that replace the system's."""
    environment = {**os.environ, **variables}
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["bash", SCRIPT, *map(str, arguments)], capture_output=True, encoding="utf-8", env=environment, timeout=60
    )


def sourced(code: str, stdin: str = "") -> str:
    """What `code` prints with the script's functions at hand."""
    done = subprocess.run(
        ["bash", "-c", f'source "{SCRIPT}"\n{code}'], input=stdin, capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.stderr == ""
    return done.stdout


# The form


def test_lines_are_the_seeds_byte_for_byte():
    code = "format_line 14:23:45 32.5 8.3 1243; format_line 14:23:47 55.2 9.1 1356; format_line 14:23:49 72.8 10.2 1521"
    assert sourced(code).encode() == (
        b"[14:23:45] \xe2\x9c\x85 CPU:  32.5% (OPTIMAL) | RAM:  8.3% (1243 MB)\n"
        b"[14:23:47] \xe2\x9a\xa0\xef\xb8\x8f  CPU:  55.2% (MOD\xc3\x89R\xc3\x89) | RAM:  9.1% (1356 MB)\n"
        b"[14:23:49] \xf0\x9f\x94\xa5 CPU:  72.8% (\xc3\x89LEV\xc3\x89)  | RAM: 10.2% (1521 MB)\n"
    )


def test_lines_in_english():
    code = "lang=en; for cpu in 0.0 49.9 50.0 69.9 70.0 100.0; do format_line 00:00:00 $cpu 0.1 12; done"
    assert sourced(code).splitlines() == [
        "[00:00:00] ✅ CPU:   0.0% (OPTIMAL) | RAM:  0.1% (12 MB)",
        "[00:00:00] ✅ CPU:  49.9% (OPTIMAL) | RAM:  0.1% (12 MB)",
        "[00:00:00] ⚠️  CPU:  50.0% (MODERATE) | RAM:  0.1% (12 MB)",
        "[00:00:00] ⚠️  CPU:  69.9% (MODERATE) | RAM:  0.1% (12 MB)",
        "[00:00:00] 🔥 CPU:  70.0% (HIGH)    | RAM:  0.1% (12 MB)",
        "[00:00:00] 🔥 CPU: 100.0% (HIGH)    | RAM:  0.1% (12 MB)",
    ]


def test_the_levels_are_those_of_the_monitor_module():
    from ert_core.monitor import level

    words = {"optimal": "OPTIMAL", "moderate": "MODERATE", "high": "HIGH"}
    figures = [f"{tenths / 10:.1f}" for tenths in range(0, 1001, 7)] + ["49.9", "50.0", "69.9", "70.0"]
    lines = sourced(f"lang=en; for cpu in {' '.join(figures)}; do format_line x $cpu 0.1 12; done").splitlines()
    assert [re.search(r"\((\w+)\)", line)[1] for line in lines] == [words[level(float(f))] for f in figures]


# The accounting, on processes written by hand: 2 cores, 100 ticks a second, pages of 4096 bytes, 1 GB


def stat(pid: int, parent: int, own: float, waited: float = 0.0, start: int = 50, pages: int = 0, state="S", name="x"):
    ticks = f"{round(own * 50)} {round(own * 50)} {round(waited * 50)} {round(waited * 50)}"
    return (
        f"{pid} ({name}) {state} {parent} {pid} 0 0 -1 4194304 9 9 9 9 {ticks} 20 0 3 0 {start} 99999999 {pages} 18 1 1"
    )


def measured(*listings: tuple[float, list[str]], root: int = 10, interval: float = 2) -> list[str]:
    """What MEASURE prints first for each listing in turn, the state carried over."""
    code = """uname() { echo Linux; }; SYSTEM=Linux
    constants='-v cores=2 -v tick=100 -v page=4096 -v memory=1000000000'
    IFS= read -r -d '' listing
    processes() { printf '%s' "$listing"; }
    state=$(printf '%s' "$STATE")
    """
    results, state = [], ""
    for clock, rows in listings:
        script = f"STATE='{state}'\n{code}\nmeasure {root} {interval} \"$state\""
        listing = "\n".join([f"{clock} 999.0", *rows]) + "\n"
        first, _, state = sourced(script, listing + "\0").partition("\n")
        results.append(first)
    return results


def cpu(*listings: tuple[float, list[str]]) -> list[float]:
    return [float(line.split()[0]) for line in measured(*listings)[1:]]


def test_cpu_is_time_used_since_the_last_line_as_a_share_of_the_machine():
    # 1 s used in 2 s on 2 cores, then nothing; the clock and not the nominal interval counts
    rows = [(100.0, 7.0), (102.0, 8.0), (104.0, 8.0), (108.0, 12.0)]
    assert cpu(*((clock, [stat(1, 0, 500), stat(10, 1, own)]) for clock, own in rows)) == [25.0, 0.0, 50.0]


def test_descendants_count_and_others_do_not():
    before = [stat(10, 1, 0), stat(11, 10, 0), stat(12, 11, 0), stat(13, 1, 0), stat(9, 12, 0)]
    after = [stat(10, 1, 0.1), stat(11, 10, 0.2), stat(12, 11, 0.3), stat(13, 1, 2), stat(9, 12, 0.4)]
    assert cpu((100.0, before), (102.0, after)) == [25.0]


def test_a_child_that_ended_is_counted_once():
    # 3.0 s were counted while it lived; it used 0.4 s more, and its parent then waited for 3.4 s
    before = [stat(10, 1, 1), stat(11, 10, 3)]
    assert cpu((100.0, before), (102.0, [stat(10, 1, 1, waited=3.4)])) == [10.0]


def test_a_child_that_came_and_went_between_two_lines_is_counted():
    assert cpu((100.0, [stat(10, 1, 1)]), (102.0, [stat(10, 1, 1, waited=0.8)])) == [20.0]


def test_a_branch_that_ended_is_counted_once():
    before = [stat(10, 1, 1), stat(11, 10, 1), stat(12, 11, 2)]
    assert cpu((100.0, before), (102.0, [stat(10, 1, 1, waited=3.2)])) == [5.0]


def test_a_zombie_is_counted_once():
    lives = [stat(10, 1, 1), stat(11, 10, 1)]
    zombie = [stat(10, 1, 1), stat(11, 10, 1.4, state="Z")]
    gone = [stat(10, 1, 1, waited=1.4)]
    assert cpu((100.0, lives), (102.0, zombie), (104.0, gone)) == [10.0, 0.0]


def test_a_child_nobody_waits_for_never_makes_the_share_negative():
    before = [stat(10, 1, 1), stat(11, 10, 3), stat(12, 10, 1)]
    assert cpu((100.0, before), (102.0, [stat(10, 1, 1.2), stat(12, 10, 1.2)])) == [10.0]


def test_a_pid_used_again_is_another_process():
    before = [stat(10, 1, 1), stat(11, 10, 3, start=60)]
    after = [stat(10, 1, 1, waited=3), stat(11, 10, 0.4, start=70)]
    assert cpu((100.0, before), (102.0, after)) == [10.0]


def test_names_with_spaces_and_parentheses():
    before, after = ([stat(10, 1, own, name="a) S 1 (b c")] for own in (0, 1))
    assert cpu((100.0, before), (102.0, after)) == [25.0]


def test_a_reading_disturbed_by_an_ending_process_is_taken_again():
    before = [stat(10, 1, 1), stat(11, 10, 3)]
    disturbed = [stat(10, 1, 1), stat(12, 10, 1), "again", "102.0 999.0", stat(10, 1, 1, waited=3.4)]
    assert cpu((100.0, before), (101.9, disturbed)) == [10.0]


def test_memory_is_the_trees_and_mb_is_a_million_bytes():
    rows = [stat(10, 1, 0, pages=10_000), stat(11, 10, 0, pages=5_000), stat(13, 1, 0, pages=70_000)]
    assert measured((100.0, rows), (102.0, rows))[1].split()[1:3] == ["6.1", "61"]  # 15,000 x 4,096 = 61.44 MB


def test_lines_keep_their_rhythm():
    listings = [(clock, [stat(10, 1, 0)]) for clock in (100.0, 102.03, 104.0, 105.98, 111.5)]
    assert [line.split()[3] for line in measured(*listings)[1:]] == ["1.97", "2.00", "2.02", "2.50"]


def test_mean_is_weighted_by_time_and_peak_is_the_highest():
    listings = [(100.0, [stat(10, 1, 0)]), (102.0, [stat(10, 1, 2)]), (108.0, [stat(10, 1, 2)])]
    assert measured(*listings)[-1].split()[4:] == ["12.5", "50.0", "0", "0", "00:00:08", "2"]


@pytest.mark.parametrize("now", [[], [stat(10, 1, 1, state="Z")], [stat(10, 1, 1, start=60)]])
def test_the_process_watched_has_ended(now):
    assert measured((100.0, [stat(10, 1, 1)]), (102.0, [stat(1, 0, 1), *now])) == ["first", "ended"]


# Real processes


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


# How it ends


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


@pytest.mark.parametrize(
    "arguments",
    ["--interval", "--interval 0", "--interval 0.1", "--interval 3601", "--interval two", "--interval -1", "--count 0"]
    + ["--count 1.5", "--lang de", "--verbose", "12 13", "0", "-5", "12a", "ERT.py"],
)
def test_wrong_use(arguments):
    french, english = run(*arguments.split()), run("--lang", "en", *arguments.split())
    assert french.returncode == english.returncode == 2
    assert french.stdout == english.stdout == ""
    assert french.stderr.count("\n") == english.stderr.count("\n") == 1
    assert french.stderr != english.stderr


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_in_both_languages(option):
    done = run(option)
    assert done.returncode == 0 and done.stderr == ""
    assert "Affiche la charge CPU" in done.stdout and "Shows the CPU load" in done.stdout
    for name in ("--interval", "--count", "--once", "--lang"):
        assert done.stdout.count(name) == 2


# Finding ERT

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


# macOS, with its commands played by stand-ins

PS = r"""#!/bin/bash
case "$*" in
  *args=*) printf '%s\n' '  501  02:03 /usr/bin/vim ERT.py' '  612 1-02:03:04 grep streamlit run ERT.py' \
    '  777  01:02:03 /Users/a b/.venv/bin/python3 /Users/a b/.venv/bin/streamlit run ERT.py' ;;
  *'-p 777') echo '    1' ;;
  *'-p 1') echo '    0' ;;
  *pid=,ppid=,time=,rss=*)
    n=$(cat "$0.count" 2>/dev/null || echo 0); echo $((n + 1)) >"$0.count"
    echo "    1     0   0:01.00   9000 Ss   Tue Jul  1 08:00:00 2025"
    if ((n == 0)); then
      echo "  777     1   1:02.50 500000 S+   Tue Jul  1 09:00:00 2025"
      echo "  778   777  61:00.00 250000 R    Tue Jul  1 09:00:01 2025"
    else
      echo "  777     1   1:03.50 500000 S+   Tue Jul  1 09:00:00 2025"
      echo "  778   777  61:03.80 250000 R    Tue Jul  1 09:00:01 2025"
    fi ;;
esac
"""


def test_on_macos(tmp_path):
    stand_ins = {
        "uname": "#!/bin/bash\necho Darwin\n",
        "sysctl": '#!/bin/bash\ncase "$2" in hw.memsize) echo 17179869184;; hw.logicalcpu) echo 4;; esac\n',
        "perl": '#!/bin/bash\nn=$(cat "$0.count" 2>/dev/null || echo 1000)\necho $((n + 2)) >"$0.count"\n'
        'echo "$n.5 clock"\n',
        "ps": PS,
    }
    for name, text in stand_ins.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    done = run("--once", "--interval", "0.2", path=tmp_path)
    assert done.stderr == "" and done.returncode == 0
    # 4.8 s of CPU in 2 s on 4 cores; 750,000 KiB of 16 GiB
    assert done.stdout[10:] == " ⚠️  CPU:  60.0% (MODÉRÉ) | RAM:  4.5% (768 MB)\n"
