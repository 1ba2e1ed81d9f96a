"""Measure again what docs/quality.md publishes, and write the figures into it: `make quality`.

    python benchmarks/quality.py [--only NAME ...] [--page FILE]

The page holds blocks between `<!-- figures:NAME:begin -->` and `<!-- figures:NAME:end -->`. For each, the
script `benchmarks/NAME.py` is run, and the Markdown it prints takes the place of what stood there. A script
that fails leaves its block as it was, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "quality.md"
_BEGIN = re.compile(r"<!-- figures:([a-z0-9_-]+):begin -->")


def block_names(page: str) -> list[str]:
    """The names of the blocks of a page, in order."""
    return _BEGIN.findall(page)


def fill_block(page: str, name: str, figures: str) -> str:
    """The page with `figures` as the content of one block. Raises ValueError unless the block is there once."""
    begin, end = f"<!-- figures:{name}:begin -->", f"<!-- figures:{name}:end -->"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"{begin} and {end} must each stand once in the page, in this order")
    head, rest = page.split(begin)
    return f"{head}{begin}\n{figures.strip()}\n{end}{rest.split(end)[1]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    names = block_names(options.page.read_text(encoding="utf-8"))
    if unknown := set(options.only or ()) - set(names):
        sys.exit(f"{options.page} has no block named {', '.join(sorted(unknown))}; it has: {', '.join(names)}.")
    failed = 0
    for name in options.only or names:
        script = REPOSITORY / "benchmarks" / f"{name}.py"
        if not script.exists():
            print(f"{name}: there is no {script}", file=sys.stderr)
            failed = 1
            continue
        print(f"{name}: {script.name} …", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, cwd=REPOSITORY)
        if done.returncode or not done.stdout.strip():
            print(f"{name}: {script.name} gave no figures; the block stays as it was", file=sys.stderr)
            failed = 1
            continue
        # Read anew: the page may have been edited during a long run.
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(fill_block(page, name, done.stdout.decode("utf-8")), encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
