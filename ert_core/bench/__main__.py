"""One step in this process: `python -m ert_core.bench STEP JSON`; lines of JSON on stdout, the last one its figures."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import json
import sys

from ert_core.bench.steps import STEPS

if __name__ == "__main__":
    STEPS[sys.argv[1]](**json.loads(sys.argv[2]))
