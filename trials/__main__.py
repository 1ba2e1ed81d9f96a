"""Run the trials and write docs/reliability.md: `make trials`.

    python -m trials [--only NAME ...] [--seed N] [--share 0.1]

A full run (share 1) writes its rows into the page; a shorter one prints them only. Exit code 1 when a trial failed.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import re
import secrets
import sys
import tempfile
from pathlib import Path

import ert_core  # noqa: F401  # the thread limits come first
from trials import TRIALS
from trials.trial import Result, Trial, carry_out

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- trials:begin -->", "<!-- trials:end -->"
_HEAD = "| trial | tries | passes when | result | null control | seed | run | took |\n|---|---|---|---|---|---|---|---|"


def row(trial: Trial, result: Result) -> str:
    """One line of the page's table."""
    if result.missing:
        outcome, control = f"not run: {result.missing}", ""
    else:
        outcome = "passed" if not result.failures else f"**{len(result.failures)} failed**: {result.failures[0]}"
        seen = "reported" if result.control_failures else "**not reported**"
        control = f"{trial.breaks}: {seen} ({result.control_failures} in {result.control_tries})"
    day = datetime.date.today().isoformat()
    cells = [trial.what, f"{result.tries:,}", trial.passes_when, outcome, control, result.seed, day, _took(result)]
    return f"| <!-- {trial.name} --> " + " | ".join(str(c).replace("|", "/").replace("\n", " ") for c in cells) + " |"


def with_rows(page: str, rows: dict[str, str]) -> str:
    """The page with the rows of these trials in place of those it had, in the order of `TRIALS`."""
    head, rest = page.split(_BEGIN)
    old, tail = rest.split(_END)
    found = {m.group(1): m.group(0) for m in re.finditer(r"^\| <!-- ([a-z0-9-]+) --> .*$", old, re.MULTILINE)}
    found |= rows
    lines = [found[t.name] for t in TRIALS if t.name in found]
    return f"{head}{_BEGIN}\n" + "\n".join([_HEAD, *lines]) + f"\n{_END}{tail}"


def _took(result: Result) -> str:
    return f"{result.seconds:.0f} s" if result.seconds < 120 else f"{result.seconds / 60:.0f} min"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[t.name for t in TRIALS])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--share", type=float, default=1.0)
    options = parser.parse_args()
    failed = 0
    for trial in TRIALS:
        if options.only and trial.name not in options.only:
            continue
        print(f"{trial.name}: {trial.tries(options.share)} tries, seed {options.seed} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="ert-trial-") as folder:
            result = carry_out(trial, options.seed, Path(folder), options.share)
        failed += not result.passed
        line = row(trial, result)
        print(line, flush=True)
        for failure in result.failures:
            print(f"  {failure}", file=sys.stderr)
        if options.share >= 1:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(with_rows(page, {trial.name: line}), encoding="utf-8")
    print(f"{platform.platform()}, {failed} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
