"""monitor_cpu.sh: its form, its options in both languages, and macOS, its commands played by stand-ins."""

from __future__ import annotations

import re

import pytest

from tests.monitor_script import needs_bash, run, sourced

pytestmark = needs_bash


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
    from ert_core.monitor import HIGH_FROM, MODERATE_FROM, level

    words = {"optimal": "OPTIMAL", "moderate": "MODERATE", "high": "HIGH"}
    figures = [f"{tenths / 10:.1f}" for tenths in range(0, 1001, 7)] + ["49.9", "50.0", "69.9", "70.0"]
    lines = sourced(f"lang=en; for cpu in {' '.join(figures)}; do format_line x $cpu 0.1 12; done").splitlines()
    assert [re.search(r"\((\w+)\)", line)[1] for line in lines] == [words[level(float(f))] for f in figures]
    told = run("--help").stdout
    for threshold in (MODERATE_FROM, HIGH_FROM):
        assert f"{threshold:.0f} %" in told and f"{threshold:.0f}%" in told


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
