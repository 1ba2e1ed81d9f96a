"""The thread limits of the seed, as torch and the environment see them, in fresh processes."""

import json
import os
import subprocess
import sys

import pytest

from ert_core.threads import LIMITED_VARIABLES, bounded_threads, usable_cpus

REPORT = """
import {module}, json, os, sys
early = [m for m in ("numpy", "torch") if m in sys.modules]
import torch
from ert_core.threads import limit_torch_threads
limit_torch_threads({arguments})
print(json.dumps({{"early": early, "env": dict(os.environ), "threads": torch.get_num_threads(),
                  "interop": torch.get_num_interop_threads()}}))
"""


def report(arguments: str = "", module: str = "ert_core", **variables: str) -> dict[str, object]:
    environment = {k: v for k, v in os.environ.items() if k not in (*LIMITED_VARIABLES, "TOKENIZERS_PARALLELISM")}
    script = REPORT.format(module=module, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", script], env={**environment, **variables}, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["ert_core", "ert_core.cli"])
def test_variables_are_set_before_numpy_or_torch_load(module: str) -> None:
    seen = report(module=module)
    expected = str(min(4, usable_cpus()))
    assert seen["early"] == []
    assert [seen["env"][v] for v in LIMITED_VARIABLES] == [expected] * 3  # type: ignore[index]
    assert seen["env"]["TOKENIZERS_PARALLELISM"] == "false"  # type: ignore[index]
    assert seen["threads"] == min(4, usable_cpus())
    assert seen["interop"] == min(2, usable_cpus())


def test_a_value_the_user_exported_wins() -> None:
    seen = report(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="true")
    assert seen["env"]["OMP_NUM_THREADS"] == "1" and seen["threads"] == 1  # type: ignore[index]
    assert seen["env"]["TOKENIZERS_PARALLELISM"] == "true"  # type: ignore[index]


def test_threads_can_go_down_to_one() -> None:
    seen = report(arguments="1, 1")
    assert (seen["threads"], seen["interop"]) == (1, 1)


def test_ert_threads_bounds_the_variables_too() -> None:
    assert report(ERT_THREADS="1")["env"]["OMP_NUM_THREADS"] == "1"  # type: ignore[index]


def test_bounds() -> None:
    assert bounded_threads(10_000) == usable_cpus()
    assert bounded_threads(0) == 1
    assert bounded_threads(4, ceiling=1) == 1
