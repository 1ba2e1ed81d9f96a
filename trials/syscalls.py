"""System calls of a process that adds and backs up: what it says to have saved is on the disk before it says so."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

from trials.trial import Trial

REPOSITORY = Path(__file__).resolve().parents[1]
_WORK = """
import os, random, sys
from pathlib import Path
from ert_core import durable_files
from ert_core.backup import back_up
from trials.stub import add, stub_engine, text_of
home, seed, broken = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "True"
engine = stub_engine(home)
rng = random.Random(seed)
add(engine, "first.txt", text_of(rng))
if broken:
    engine.database._connection.execute("PRAGMA synchronous=OFF")
    durable_files.sync = lambda path: None
os.write(1, b"<begin>")
add(engine, "second.txt", text_of(rng))
os.write(1, b"<added>")
back_up(home, home / "made.backup")
os.write(1, b"<backed up>")
"""
_CALL = re.compile(r"^\d+\s+(?P<call>\w+)\((?P<rest>.*)$")
_FILE = re.compile(r"^\d+<(?P<path>[^>]*)>")
_NAMES = re.compile(r'"([^"]*)"')


def in_order(trace: str, home: str) -> list[str]:
    """What a trace of strace (-f -y) shows wrong between its marks."""
    failures: list[str] = []
    phase = ""
    done = False
    unsynced: set[str] = set()  # files that hold what is not on the disk
    names: set[str] = set()  # changes of names that are not
    for line in trace.splitlines():
        found = _CALL.match(line)
        if found is None:
            continue
        call, rest = found["call"], found["rest"]
        opened = _FILE.match(rest)
        path = opened["path"] if opened else ""
        if call == "write" and "<begin>" in rest:
            phase = "adding"
            unsynced.clear()
            names.clear()
        elif call == "write" and ("<added>" in rest or "<backed up>" in rest):
            failures += [f"{phase}: {Path(p).name} was not on the disk" for p in sorted(unsynced) if not _gone(p)]
            failures += [f"{phase}: {n} was not on the disk" for n in sorted(names)]
            phase = "backing up" if "<added>" in rest else ""
            done = "<backed up>" in rest
        elif not phase or home not in line:
            continue
        elif call in ("write", "pwrite64", "ftruncate"):
            if not path.endswith(("writer.json", "-shm")):
                unsynced.add(path)
        elif call in ("fsync", "fdatasync"):
            unsynced.discard(path)
            names = {n for n in names if path != home}
        elif call in ("unlink", "unlinkat", "rename", "renameat", "renameat2"):
            touched = _NAMES.findall(rest)
            if call.startswith("rename") and touched[0] in unsynced:
                failures.append(f"{phase}: {Path(touched[0]).name} was renamed before it was on the disk")
            unsynced -= set(touched)
            if touched[-1].endswith(("ert.sqlite3-journal", "made.backup")):
                names.add(f"{call} of {Path(touched[-1]).name}")
    return failures if done else [*failures, "the process did not reach its end"]


def _gone(path: str) -> bool:
    return path.endswith(("-journal", ".part"))  # removed again: not what was promised


def traced(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Each try is a process of its own."""
    failures = []
    for number in range(count):
        home, log = folder / str(number), folder / f"{number}.trace"
        calls = "write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2"
        command = ["strace", "-f", "-y", "-s", "64", "-e", f"trace={calls}", "-o", str(log)]
        worked = [sys.executable, "-c", _WORK, str(home), str(rng.random()), str(broken)]
        ended = subprocess.run([*command, *worked], cwd=REPOSITORY, capture_output=True, text=True, check=False)
        found = in_order(log.read_text(errors="replace"), str(home)) if log.exists() else [ended.stderr[-300:]]
        failures += [f"try {number}: {f}" for f in found]
    return failures


def _no_strace() -> str:
    return "" if shutil.which("strace") else "strace is not installed"


TRIALS = [
    Trial(
        "system-calls",
        "system calls of an addition and a backup, traced",
        50,
        "file on the disk before its rename, file and folder on the disk before it is said",
        traced,
        "no `fsync`",
        2,
        missing=_no_strace,
    )
]
