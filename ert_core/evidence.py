"""How far the passages found hold an answer at all, and the floor below which ERT says no.

Floors and weights are calibrated by `benchmarks/calibrate_evidence.py`, which says on what.
"""

from __future__ import annotations

from typing import Literal

from ert_core.ranking import Parts

LanguageCase = Literal["same", "other"]

# Share of the question's word weights in a passage, and in one of its sentences; cosine of that
# sentence, and of the passage. The sum of each row is 1.
WEIGHTS: dict[LanguageCase, tuple[float, float, float, float]] = {
    "same": (0.14, 0.32, 0.32, 0.22),
    "other": (0.1, 0.25, 0.4, 0.25),
}
# By whether the embedding model is bilingual, the case, and the question's language. About 3 % of answerable
# questions lie below.
FLOORS: dict[bool, dict[LanguageCase, dict[str, float]]] = {
    True: {"same": {"fr": 0.437, "en": 0.46}, "other": {"fr": 0.39, "en": 0.32}},
    False: {"same": {"fr": 0.495, "en": 0.46}, "other": {"fr": 0.195, "en": 0.21}},
}


def evidence(parts: Parts, i: int, case: LanguageCase) -> float:
    """The evidence that candidate `i` gives, in [0, 1]."""
    coverage, covered, nearest, mean = WEIGHTS[case]
    sentences = parts.sentences[i]
    return float(
        coverage * parts.coverage[i]
        + covered * sentences.covered.max(initial=0.0)
        + nearest * sentences.cosine.max(initial=0.0)
        + mean * parts.mean[i]
    )
