"""A folder of ten thousand files, one in a hundred bad, added by a command that is killed three times."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from trials.stub import text_of
from trials.trial import Trial

REPOSITORY = Path(__file__).resolve().parents[1]
BAD_ONE_IN = 100
KILLS = 3
SECOND_RUN_SHARE = 0.05
_LIMIT_SECONDS = 6 * 3600
# The command line with vectors that cost nothing: what is tried is the way through ten thousand files.
_COMMAND = """
import sys
from ert_core import cli
from ert_core.embedders import Embedders
from trials.stub import StubEmbeddings
Embedders.named = lambda self, name: StubEmbeddings(name)
sys.exit(cli.main(sys.argv[1:]))
"""
# The broken step: what was added before is read again.
_FORGETFUL = "from ert_core.document_store import DocumentStore\nDocumentStore.has = lambda self, document_id: False\n"
_BAD = (b"%PDF-1.7\nnothing", b"PK\x03\x04 no archive", b"", b"\x89PNG\r\n\x1a\n")


def _make_files(folder: Path, count: int, rng: random.Random) -> int:
    """`count` files in subfolders; how many of them are bad."""
    bad = 0
    for number in range(count):
        place = folder / f"{number % 97:02}"
        place.mkdir(parents=True, exist_ok=True)
        if number % BAD_ONE_IN == BAD_ONE_IN - 1:
            content = rng.choice(_BAD) + str(number).encode() * bool(rng.randrange(2))
            (place / f"{number}.{rng.choice(('pdf', 'docx'))}").write_bytes(content)
            bad += 1
        else:
            (place / f"{number}.txt").write_text(text_of(rng, 4))
    return bad


def _command(home: Path, folder: Path, broken: bool) -> list[str]:
    code = (_FORGETFUL if broken else "") + _COMMAND
    return [sys.executable, "-c", code, "ingest", str(folder), "--home", str(home), "--json"]


def _killed_after(files: int, command: list[str], environment: dict[str, str]) -> None:
    """Start the command and kill it once it has told of so many files."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY, env=environment
    ) as process:
        assert process.stderr is not None
        for number, _ in enumerate(process.stderr):
            if number >= files:
                break
        process.send_signal(signal.SIGKILL)


def _finished(command: list[str], environment: dict[str, str]) -> tuple[list[dict[str, Any]], float]:
    """The reports of a run to its end, and the seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=REPOSITORY, env=environment, timeout=_LIMIT_SECONDS, check=False
    )
    return json.loads(done.stdout or "[]"), time.monotonic() - began


def big_folder(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """`count` files: three runs are killed, one goes on to the end, one more finds all done."""
    home, files = folder / "home", folder / "files"
    bad = _make_files(files, count, rng)
    environment = {**os.environ, "ERT_CPU_BUDGET": "100"}
    command = _command(home, files, broken)
    began = time.monotonic()
    for kill in range(KILLS):
        _killed_after(count * (kill + 1) // (KILLS + 2), command, environment)
    reports, _ = _finished(command, environment)
    first = time.monotonic() - began
    again, second = _finished(command, environment)
    failures = []
    for name, run in (("first", reports), ("second", again)):
        if len(run) != count:
            failures.append(f"the {name} run tells of {len(run)} of {count} files")
        failures += [f"{r['name']}: no reason" for r in run if r["status"] == "failed" and not r["reason"]]
        left_out = sum(r["status"] in ("failed", "empty") for r in run)
        if left_out != bad:
            failures.append(f"the {name} run leaves out {left_out} files, {bad} are bad")
    if any(r["status"] == "added" for r in again):
        failures.append("the second run adds again what is there")
    if second > SECOND_RUN_SHARE * first:
        failures.append(f"the second run takes {second:.0f} s, {second / first:.0%} of the first")
    return failures


TRIALS = [
    Trial(
        "big-folder",
        f"a folder of this many files, one in {BAD_ONE_IN} bad, killed {KILLS} times",
        10_000,
        f"all indexed or listed with a reason; second run under {SECOND_RUN_SHARE:.0%} of the first",
        big_folder,
        "what was added is read again",
        200,
        short=0,
    )
]
