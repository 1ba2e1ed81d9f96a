"""The blocks of docs/quality.md, and the message without the question sets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.quality import PAGE, block_names, fill_block
from tests.conftest import REPOSITORY

PAGES = [PAGE, PAGE.with_name("performance.md")]
TWO = """# T

<!-- figures:a:begin -->
old
<!-- figures:a:end -->
prose
<!-- figures:b-2:begin --><!-- figures:b-2:end -->
"""


def test_a_block_is_filled_and_the_rest_stays() -> None:
    assert block_names(TWO) == ["a", "b-2"]
    filled = fill_block(TWO, "a", "\n| new |\n\n")
    assert filled == TWO.replace("old", "| new |")
    assert fill_block(filled, "a", "| new |") == filled, "filling again changes nothing"
    assert "prose\n<!-- figures:b-2:begin -->\nx\n<!-- figures:b-2:end -->\n" in fill_block(TWO, "b-2", "x")


@pytest.mark.parametrize("page", ["", TWO + TWO, TWO.replace("a:end", "c:end")])
def test_a_block_that_is_not_there_once_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="figures:a:begin"):
        fill_block(page, "a", "x")


def test_every_block_of_the_pages_has_its_benchmark() -> None:
    names = [name for page in PAGES for name in block_names(page.read_text(encoding="utf-8"))]
    assert {"retrieval", "cpu_budget"} <= set(names)
    assert [n for n in names if not (REPOSITORY / "benchmarks" / f"{n}.py").exists()] == []


def test_missing_question_sets_are_told_and_the_page_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- figures:retrieval:begin -->\nold\n<!-- figures:retrieval:end -->\n")
    command = [sys.executable, "benchmarks/quality.py", "--page", str(page)]
    environment = {"ERT_SHARED": str(tmp_path / "nowhere"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 1 and "name the shared folder in ERT_SHARED" in done.stderr
    assert "Traceback" not in done.stderr and "old" in page.read_text()
