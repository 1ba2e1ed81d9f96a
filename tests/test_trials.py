"""A tenth of every trial of `trials/`, with its null control: `make trials-short`."""

from __future__ import annotations

from pathlib import Path

import pytest

from trials import TRIALS
from trials.__main__ import row, with_rows
from trials.trial import Result, Trial, carry_out

SHARE = 0.1
SEED = 1
# Seconds each; the others take up to minutes.
QUICK = {
    *("kill-steps", "forbidden-paths", "index-damaged", "database-damaged", "two-starts", "writer-killed", "strangers"),
    *("bombs", "file-names"),
}


@pytest.mark.parametrize(
    "trial",
    [
        pytest.param(t, id=t.name, marks=() if t.name in QUICK else pytest.mark.thorough)
        for t in TRIALS
        if t.tries(SHARE)
    ],
)
def test_a_tenth_passes_and_the_broken_step_is_noticed(trial: Trial, tmp_path: Path) -> None:
    result = carry_out(trial, SEED, tmp_path, SHARE)
    if result.missing:
        pytest.skip(result.missing)
    assert not result.failures, "\n".join(result.failures)
    assert result.control_failures, f"the null control was not noticed: {trial.breaks}"


def test_the_page_keeps_the_rows_of_trials_that_were_not_run_again() -> None:
    first, second = TRIALS[0], TRIALS[1]
    page = "# Page\n\n<!-- trials:begin -->\n<!-- trials:end -->\n\nrest\n"
    passed = Result(first.name, 7, 1000, (), 10, 3, 61.0)
    lost = Result(second.name, 8, 50, ("try 3: a document is lost",), 5, 0, 200.0)
    page = with_rows(page, {second.name: row(second, lost)})
    page = with_rows(page, {first.name: row(first, passed)})
    lines = [line for line in page.splitlines() if line.startswith("| <!--")]
    assert [line.split("-->")[0] for line in lines] == [f"| <!-- {first.name} ", f"| <!-- {second.name} "]
    assert "1,000" in lines[0] and "passed" in lines[0] and "reported (3 in 10)" in lines[0]
    assert "**1 failed**: try 3: a document is lost" in lines[1] and "**not reported**" in lines[1]
    assert page.endswith("\n\nrest\n") and not lost.passed and passed.passed
