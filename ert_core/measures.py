"""What the evaluation and the self-test share: ranks, rates, percentiles and misses. Pure.

The rank of a question is the place (from 1) of the first passage found that answers it, None when none of
the first `DEPTH` does. hit@k is the share of questions with a rank of at most k; MRR is the mean of 1 / rank,
0 without a rank (Voorhees 1999, TREC-8 question answering track).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ert_core.types import ScoredPassage

if TYPE_CHECKING:
    from ert_core.evaluation import Evaluation
    from ert_core.self_test import SelfTest

T = TypeVar("T")

DEPTH = 10
# A miss is a question whose answer is not among so many passages: as many as an answer is made of by default.
MISS_DEPTH = 5
FOUND_INSTEAD = 3


@dataclass(frozen=True)
class Found:
    """A passage that was found, as in `types.Passage`, with the name of its document."""

    document: str
    page: int | None
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Miss:
    """A question whose answer was not among the first passages, and the first of those found instead.

    `rank` is its place when it came later, None when it was not found at all. `expected` is an answer or the
    sentence asked for.
    """

    question: str
    document: str | None
    expected: str
    rank: int | None
    found: tuple[Found, ...]


@dataclass(frozen=True)
class MeasureEvent:
    """Progress of a measurement: questions done of `total` (0 while they are prepared); the last has the result."""

    done: int
    total: int
    result: Evaluation | SelfTest | None = None


def rank_of(passages: Sequence[T], answers: Callable[[T], bool]) -> int | None:
    """The place, from 1, of the first passage that `answers`."""
    return next((place for place, passage in enumerate(passages[:DEPTH], start=1) if answers(passage)), None)


def hit_rate(ranks: Sequence[int | None], k: int) -> float | None:
    """The share of ranks of at most `k`, in [0, 1]; None without a question."""
    return share([rank is not None and rank <= k for rank in ranks])


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float | None:
    """The mean of 1 / rank, in [0, 1]; None without a question."""
    return mean([0.0 if rank is None else 1 / rank for rank in ranks])


def share(values: Sequence[bool]) -> float | None:
    """The share that is true, in [0, 1]; None of nothing."""
    return mean([float(value) for value in values])


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which `percent` of the values lie, interpolated between neighbours; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def missed(rank: int | None) -> bool:
    """Whether a question of this rank counts among the misses."""
    return rank is None or rank > MISS_DEPTH


def found_instead(passages: Sequence[ScoredPassage]) -> tuple[Found, ...]:
    """The first passages that were found, for a miss."""
    return tuple(
        Found(p.document_name, p.passage.page, p.passage.start, p.passage.end, p.passage.text)
        for p in passages[:FOUND_INSTEAD]
    )
