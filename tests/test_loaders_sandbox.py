"""The child process: its limits, what it may not do, and every way it can die."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ert_core.errors import DamagedFileError, LoaderError, LoaderLimitError
from ert_core.loaders import Limits, load, process
from tests import loaders_files as files

ROOT = Path(__file__).resolve().parents[1]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="limits of the kernel are POSIX")
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit that Linux alone holds")


def load_with(monkeypatch: pytest.MonkeyPatch, script: str, limits: Limits) -> LoaderError:
    """What `load` raises when its child is `script`."""
    monkeypatch.setattr(process, "_START", script)
    with pytest.raises(LoaderError) as raised:
        load("a.txt", b"text", limits=limits)
    return raised.value


DEATHS = [
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", DamagedFileError, "file_crashed"),
    ("import os; os.abort()", DamagedFileError, "file_crashed"),
    ("raise SystemExit(3)", DamagedFileError, "file_crashed"),
    ("", DamagedFileError, "file_crashed"),
    ("print('garbage')", DamagedFileError, "file_crashed"),
    ("print('[1, 2]')", DamagedFileError, "file_crashed"),
    ('print(\'{"error": "no_such_code", "values": {}}\')', DamagedFileError, "file_crashed"),
    ('print(\'{"error": "limit_pages", "values": {}}\')', DamagedFileError, "file_crashed"),
    ('print(\'{"error": "file_damaged", "values": {"name": "x"}}\')', DamagedFileError, "file_crashed"),
    ('print(\'{"family": "text", "pages": [[1, 2]]}\')', DamagedFileError, "file_crashed"),
    ('print(\'{"family": "text", "pages": [["1", 0]]}\')', DamagedFileError, "file_crashed"),
    ('print(\'{"family": "text", "pages": [[1, -1]]}\')', DamagedFileError, "file_crashed"),
    ('print(\'{"family": "text", "pages": [[1, 1]]}\\nxy\')', DamagedFileError, "file_crashed"),
    ('print(\'{"family": "text", "pages": [[1, 1]]}\\n\\xe9\', end="")', DamagedFileError, "file_crashed"),
    ('print(\'{"family": "evil", "pages": []}\')', DamagedFileError, "file_crashed"),
    ("print('[' * 100000)", DamagedFileError, "file_crashed"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", LoaderLimitError, "limit_memory"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", LoaderLimitError, "limit_time"),
    ("import sys\nwhile True: sys.stdout.write('x' * 100000)", LoaderLimitError, "limit_output"),
]


@posix_only
@pytest.mark.parametrize(("script", "kind", "code"), DEATHS)
def test_a_child_that_dies_is_an_error_for_people(
    monkeypatch: pytest.MonkeyPatch, script: str, kind: type[LoaderError], code: str
) -> None:
    error = load_with(monkeypatch, script, Limits(output_bytes=1000))
    assert (type(error), error.code) == (kind, code)


@posix_only
@pytest.mark.parametrize("script", ["import time; time.sleep(60)", "import os, time; os.close(1); time.sleep(60)"])
def test_the_wall_limit_ends_the_child_and_what_it_started(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    start_another = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(61)'])\n"
    error = load_with(monkeypatch, start_another + script, Limits(wall_seconds=0.7))
    assert error.code == "limit_time"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _sleepers():
        time.sleep(0.05)
    assert not _sleepers()


def _sleepers() -> list[psutil.Process]:
    found = []
    for other in psutil.process_iter(["cmdline", "status"]):
        command = other.info["cmdline"] or []
        if "import time; time.sleep(61)" in command and other.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(other)
    return found


def in_sandbox(code: str, limits: Limits | None = None) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process that has entered the sandbox."""
    values = (limits or Limits())._asdict()
    script = (
        "import sys, os, socket, subprocess, ctypes\n"
        "from ert_core.loaders import sandbox\n"
        "from ert_core.loaders.limits import Limits\n"
        f"sandbox.enter(Limits(**{values!r}))\n{code}"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
        "os.fork()",
        "open('/tmp/ert-sandbox-test', 'w')",
        "os.open('/tmp/ert-sandbox-test', os.O_CREAT | os.O_RDWR)",
        "os.remove('/tmp/ert-sandbox-test')",
    ],
)
def test_the_child_may_not(code: str) -> None:
    done = in_sandbox(code)
    assert done.returncode == 1 and "ForbiddenError" in done.stderr
    assert not Path("/tmp/ert-sandbox-test").exists()


def test_the_child_may_read_installed_code() -> None:
    done = in_sandbox("import html.parser, lxml.etree; print('read')")
    assert (done.returncode, done.stdout) == (0, "read\n")


@linux_only
def test_no_network_is_reachable_from_c_code_either() -> None:
    # libc's own socket() bypasses the audit hook; the namespace has no way out, not even to this machine.
    code = (
        "import struct; libc = ctypes.CDLL(None, use_errno=True); s = libc.socket(2, 1, 0)\n"
        "address = struct.pack('!HHI8x', 0, PORT, 0x7f000001).replace(b'\\0\\0', b'\\2\\0', 1)\n"
        "print(libc.connect(s, address, len(address)), ctypes.get_errno())"
    )
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        done = in_sandbox(code.replace("PORT", str(server.getsockname()[1])))
    if "no network namespace" in done.stderr:
        pytest.skip("this system gives an ordinary user no network namespace")
    assert done.stdout.split()[0] == "-1", done.stdout


@linux_only
def test_memory_is_limited_and_freed_with_the_child() -> None:
    limits = Limits(memory_bytes=200_000_000)
    done = in_sandbox("x = bytearray(300_000_000)", limits)
    assert "MemoryError" in done.stderr
    assert in_sandbox("x = bytearray(100_000_000); print(len(x))", limits).stdout == "100000000\n"
    with pytest.raises(LoaderLimitError) as raised:
        load("a.txt", b"word " * 6_000_000, limits=Limits(memory_bytes=60_000_000, output_bytes=10**9))
    assert raised.value.code == "limit_memory"


@posix_only
def test_cpu_time_is_limited() -> None:
    done = in_sandbox("while True: pass", Limits(cpu_seconds=1))
    import signal

    assert done.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def test_the_child_sees_a_small_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERT_SECRET", "s3cret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    script = (
        "import os, json, sys; sys.stdin.buffer.read(); text = json.dumps([dict(os.environ), os.getcwd()]); "
        "print(json.dumps({'family': 'text', 'pages': [[None, len(text)]]}), text, sep='\\n', end='')"
    )
    monkeypatch.setattr(process, "_START", script)
    environment, directory = json.loads(load("a.txt", b"x").pages[0].text)
    assert "s3cret" not in json.dumps(environment) and "PYTHONPATH" not in environment
    assert set(environment) <= {*process._KEPT_VARIABLES, "LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    assert directory == Path(sys.executable).anchor


def test_only_the_parser_of_the_format_is_imported() -> None:
    code = (
        "import sys; import ert_core.loaders.child; from importlib import import_module; "
        "import_module('ert_core.loaders.plain'); "
        "print([m for m in ('lxml', 'pypdfium2', 'mammoth', 'pptx', 'openpyxl', 'charset_normalizer', 'numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_files_are_read_side_by_side() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda n: load(f"{n}.txt", b"%d" % n).pages[0].text, range(12)))
    assert texts == [str(n) for n in range(12)]


def test_no_descriptor_and_no_process_is_left_behind() -> None:
    load("a.txt", b"x")
    me = psutil.Process()
    before = me.num_fds() if hasattr(os, "fork") else me.num_handles()
    for _ in range(5):
        load("a.txt", b"x")
        with pytest.raises(LoaderError):
            load("a.docx", files.docx("<w:p>"))
    after = me.num_fds() if hasattr(os, "fork") else me.num_handles()
    assert after <= before
    assert not [child for child in me.children() if "ert_core.loaders.child" in " ".join(child.cmdline())]


def test_the_child_imports_nothing_of_the_parents_side():
    """Every file pays for what its child imports."""
    code = f"import sys; sys.path[:] = {sys.path}; import ert_core.loaders.child, ert_core.loaders.plain"
    command = [sys.executable, "-I", "-c", f"{code}; print(*sys.modules)"]
    modules = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "ert_core.loaders.sandbox" in modules
    assert not modules & {"ert_core.loaders.process", "ert_core.errors", "ert_core.types", "subprocess", "logging"}
