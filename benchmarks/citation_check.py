"""Precision and recall of the check of statements against passages (ert_core.verification.support).

    python benchmarks/citation_check.py [--data FILE] [--model FOLDER] [--json] [--errors]

Positive means "the passage supports the statement". A false number, a false name, a negation and a
plausible addition count as not supported. The "tune" pairs of the file were looked at while the rules
were made, the "test" pairs were not. `--errors` lists the statements judged wrongly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401 - the thread limits come first
from ert_core.embeddings import SentenceTransformerEmbeddings  # noqa: E402
from ert_core.verification.source_text import prepare  # noqa: E402
from ert_core.verification.support import support  # noqa: E402

# The statements and errors of the "test" pairs were never read; their aggregate was, some thirty times
# (docs/quality.md), so it is no blind figure.
Row = dict[str, Any]
GROUPS = ("fr", "en", "fr-on-en", "en-on-fr")


def judged(rows: Sequence[Row], embeddings: SentenceTransformerEmbeddings) -> list[Row]:
    """The rows with `supported`, `score` and `reason` as the check has them."""
    passages = list(dict.fromkeys(row["passage"] for row in rows))
    sources = dict(zip(passages, prepare(passages, embeddings.encode), strict=True))
    vectors = embeddings.encode([row["statement"] for row in rows])
    results = []
    for row, vector in zip(rows, vectors, strict=True):
        language = row["language"].split("-")[0]
        found = support(row["statement"], language, vector, sources[row["passage"]])
        results.append({**row, "supported": found.supported, "score": round(found.score, 3), "reason": found.reason})
    return results


def measures(rows: Sequence[Row]) -> dict[str, float | int | None]:
    """Counts, precision and recall of some judged rows."""
    hits = sum(row["supported"] and row["label"] == "true" for row in rows)
    claimed = sum(row["supported"] for row in rows)
    true = sum(row["label"] == "true" for row in rows)
    return {
        "pairs": len(rows),
        "true": true,
        "precision": round(hits / claimed, 4) if claimed else None,
        "recall": round(hits / true, 4) if true else None,
    }


def report(rows: Sequence[Row]) -> dict[str, Any]:
    """Measures of the whole, of each half and of each language; share judged rightly of each kind."""
    tables: dict[str, Any] = {"all": measures(rows)}
    for half in ("tune", "test"):
        tables[half] = measures([row for row in rows if row["split"] == half])
    for group in GROUPS:
        tables[group] = measures([row for row in rows if row["language"] == group])
    kinds = {}
    for kind in ("true", "false_number", "false_name", "negated", "unsupported"):
        of_kind = [row for row in rows if row["label"] == kind]
        right = sum(row["supported"] == (kind == "true") for row in of_kind)
        kinds[kind] = {"pairs": len(of_kind), "judged_rightly": round(right / len(of_kind), 4) if of_kind else None}
    return {"sets": tables, "kinds": kinds}


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY / "tests" / "data" / "statements.jsonl")
    parser.add_argument("--model", default="", help="a folder; the packaged MiniLM without it")
    parser.add_argument("--split", choices=("tune", "test"), default=None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines() if line]
    rows = [row for row in rows if options.split in (None, row["split"])]
    rows = judged(rows, SentenceTransformerEmbeddings(options.model))
    result = report(rows)
    if options.errors:
        for row in rows:
            if row["supported"] != (row["label"] == "true"):
                print(
                    row["id"],
                    row["split"],
                    row["language"],
                    row["label"],
                    row["score"],
                    row["reason"],
                    row["statement"],
                )
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    print("| set | pairs | supported | precision | recall |\n|---|---|---|---|---|")
    for name, m in result["sets"].items():
        shown = (m["pairs"], m["true"], *("–" if m[k] is None else f"{m[k]:.3f}" for k in ("precision", "recall")))
        print(f"| {name} | {' | '.join(map(str, shown))} |")
    print("\n| kind | pairs | judged rightly |\n|---|---|---|")
    for name, m in result["kinds"].items():
        print(
            f"| {name} | {m['pairs']} | {'–' if m['judged_rightly'] is None else format(m['judged_rightly'], '.3f')} |"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
