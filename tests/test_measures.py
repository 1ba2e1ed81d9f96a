"""Ranks, rates and percentiles, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.measures import DEPTH, found_instead, hit_rate, mean, mean_reciprocal_rank, missed, percentile, rank_of
from ert_core.types import Passage, ScoredPassage


def passages(count: int) -> list[ScoredPassage]:
    return [ScoredPassage(Passage(i, "d", f"text {i}", None, i, i + 1), "d.txt", 0.5, 0.5, 0.5) for i in range(count)]


def test_the_rank_counts_from_one_and_not_beyond_the_depth() -> None:
    found = passages(DEPTH + 2)
    assert rank_of(found, lambda p: p.passage.id == 2) == 3
    assert rank_of(found, lambda p: p.passage.id == DEPTH) is None
    assert rank_of([], lambda p: True) is None


def test_rates_of_ranks() -> None:
    ranks = [1, 2, None, 5]
    assert [hit_rate(ranks, k) for k in (1, 3, 5, 10)] == [0.25, 0.5, 0.75, 0.75]
    assert mean_reciprocal_rank(ranks) == pytest.approx((1 + 0.5 + 0 + 0.2) / 4)
    assert hit_rate([], 1) is None and mean_reciprocal_rank([]) is None and mean([]) is None
    assert [missed(rank) for rank in (1, 5, 6, None)] == [False, False, True, True]


def test_percentiles_are_interpolated() -> None:
    assert percentile([40, 10, 20, 30], 50) == 25
    assert percentile([7.0], 99) == 7.0
    assert percentile(list(range(101)), 95) == 95
    assert percentile([], 50) is None


@given(st.lists(st.none() | st.integers(1, 10), min_size=1))
def test_hit_rates_grow_with_k_and_bound_the_mean_reciprocal_rank(ranks: list[int | None]) -> None:
    rates = [hit_rate(ranks, k) or 0.0 for k in (1, 3, 5, 10)]
    assert rates == sorted(rates)
    assert rates[0] - 1e-9 <= (mean_reciprocal_rank(ranks) or 0.0) <= rates[-1] + 1e-9


def test_of_what_was_found_instead_the_first_are_kept() -> None:
    assert [f.text for f in found_instead(passages(9))] == ["text 0", "text 1", "text 2"]
