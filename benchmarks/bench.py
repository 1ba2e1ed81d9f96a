"""`python -m ert_core bench` on a model of Qwen2.5-0.5B's shape (`qwen_shape.py`), its table as Markdown.

python benchmarks/bench.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import qwen_shape

from ert_core.bench.report import rows


def main() -> None:
    model = qwen_shape.build(Path(tempfile.gettempdir()) / "qwen-shape")
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "ert_core", "bench", "--json", "--home", home, "--model", str(model)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=qwen_shape.REPOSITORY)
    print("| | |\n|---|---|")
    for what, figure in rows(json.loads(done.stdout.splitlines()[-1]), "en"):
        print(f"| {what} | {figure} |")


if __name__ == "__main__":
    main()
