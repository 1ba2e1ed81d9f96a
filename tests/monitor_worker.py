"""A process that burns CPU on command, so that tests compare with time truly used, never with the clock.

Run as a script it obeys one command a line and answers "ok" when it is done:
  burn S      use S seconds of CPU itself
  child S     start a child that uses S seconds and ends, and wait for it
  keep S      start a child that uses S seconds and then stays, idle
  grandchild S   the same two levels down
  end         end the children that stayed
  memory N    hold N more megabytes
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BURN = "import sys, time\nwhile time.process_time() < float(sys.argv[1]): pass\nprint(flush=True)\n"
KEEP = BURN + "sys.stdin.read()\n"
PARENT = (
    "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-S', '-c', sys.argv[2], sys.argv[1]])\n"  # holds stdin and stdout open
)


@dataclass
class Worker:
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    def do(self, command: str) -> None:
        """Send a command and wait until it is done."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def cpu_seconds(self) -> float:
        """CPU seconds used so far by the tree, ended children included (it is idle between commands)."""
        import psutil  # the worker itself runs with python -S

        total = 0.0
        root = psutil.Process(self.pid)
        for process in [root, *root.children(recursive=True)]:
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
        return total

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=20)


@contextmanager
def worker() -> Iterator[Worker]:
    command = [sys.executable, "-S", str(Path(__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        it = Worker(process)
        it.do("burn 0")
        yield it
        it.end()


def _main() -> None:
    kept: list[subprocess.Popen[bytes]] = []
    held: list[bytes] = []
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "burn":
            until = time.process_time() + float(rest[0])
            while time.process_time() < until:
                pass
        elif command == "child":
            subprocess.run([sys.executable, "-S", "-c", BURN, rest[0]], stdout=subprocess.DEVNULL, check=True)
        elif command == "memory":
            held.append(b"x" * (int(rest[0]) * 1_000_000))
        elif command == "end":
            for child in kept:
                child.communicate()
            kept.clear()
        else:
            program = [KEEP, rest[0]] if command == "keep" else [PARENT, rest[0], KEEP]
            child = subprocess.Popen(
                [sys.executable, "-S", "-c", *program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            kept.append(child)
            child.stdout.readline()  # type: ignore[union-attr]
        print("ok", flush=True)  # noqa: T201
    for child in kept:
        child.communicate()


if __name__ == "__main__":
    _main()
