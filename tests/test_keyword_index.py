"""BM25 over stems."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ert_core.keyword_index import K1, B, KeywordIndex

PASSAGES = [["well", "deep", "clay"], ["clay", "clay", "wet"], ["electrode"], []]


def groups(*words: str) -> list[frozenset[str]]:
    return [frozenset({w}) for w in words]


def test_scores_are_bm25() -> None:
    index = KeywordIndex.empty().extended(PASSAGES)
    found = index.search(groups("clay"))
    mean = sum(map(len, PASSAGES)) / len(PASSAGES)
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    expected = [
        idf
        * PASSAGES[row].count("clay")
        * (K1 + 1)
        / (PASSAGES[row].count("clay") + K1 * (1 - B + B * len(PASSAGES[row]) / mean))
        for row in range(4)
    ]
    assert np.allclose(found.scores, expected)
    assert found.scores[1] > found.scores[0] > found.scores[2] == 0


def test_coverage_is_the_share_of_the_words_weights() -> None:
    index = KeywordIndex.empty().extended(PASSAGES)
    both = index.search(groups("well", "deep"))
    assert both.coverage.tolist() == [1.0, 0.0, 0.0, 0.0]
    half = index.search(groups("well", "unknown"))
    assert 0 < half.coverage[0] < 0.5  # the unknown word weighs more than the known one
    assert index.search([]).coverage.tolist() == [0.0] * 4


def test_a_group_counts_once_whatever_stems_match() -> None:
    index = KeywordIndex.empty().extended([["resist", "resistiv"], ["resist"]])
    found = index.search([frozenset({"resist", "resistiv"})])
    assert found.coverage.tolist() == [1.0, 1.0]


def test_an_index_never_changes() -> None:
    first = KeywordIndex.empty().extended(PASSAGES[:2])
    second = first.extended(PASSAGES[2:])
    assert (len(first), len(second)) == (2, 4)
    assert first.search(groups("electrode")).scores.sum() == 0
    assert second.search(groups("electrode")).scores.argmax() == 2


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=12),
    st.sets(st.integers(0, 11)),
    st.integers(0, 12),
)
def test_extending_and_removing_equal_building_anew(passages: list[list[str]], removed: set[int], cut: int) -> None:
    rows = np.array(sorted(r for r in removed if r < len(passages)), dtype=np.int64)
    stepwise = KeywordIndex.empty().extended(passages[:cut]).extended(passages[cut:]).without(rows)
    anew = KeywordIndex.empty().extended([p for i, p in enumerate(passages) if i not in removed])
    asked = groups("a", "b", "z")
    assert np.allclose(stepwise.search(asked).scores, anew.search(asked).scores)
    assert np.allclose(stepwise.search(asked).coverage, anew.search(asked).coverage)
