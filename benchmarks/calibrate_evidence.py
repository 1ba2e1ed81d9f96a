"""The floors of the evidence: what share of answerable questions each refuses, and of unanswerable ones.

    python benchmarks/calibrate_evidence.py [--model NAME]

A floor is the evidence below which a chosen share of the answerable questions of `../shared/eval` lies;
the sets are those of one language, and of French questions on English documents and the reverse, where
the unanswerable questions are those of the questions' language. Prints Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from shared_sets import SETS, library, questions, unanswerable

SHARES = (0.02, 0.03, 0.04, 0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="")
    options = parser.parse_args()
    print("| set | answerable, refused now | unanswerable, refused now | floor at " + " | ".join(
        f"{share:.0%}" for share in SHARES) + " |")  # fmt: skip
    print("|---" * (3 + len(SHARES)) + "|")
    with tempfile.TemporaryDirectory() as home:
        libraries = {c: library(Path(home) / c, c, options.model) for c in ("fr", "en")}
        for name, (documents, language) in SETS.items():
            search = libraries[documents].search
            answerable = [search(q.question) for q in questions(name)]
            others = [search(q.question) for q in unanswerable(language)]
            refused = [np.mean([not found.sufficient for found in asked]) for asked in (answerable, others)]
            cells = [f"{share:.1%}" for share in refused]
            for share in SHARES:
                floor = float(np.quantile([found.evidence for found in answerable], share))
                caught = np.mean([found.evidence < floor for found in others])
                cells.append(f"{floor:.3f}: {caught:.1%}")
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
