"""BM25 over stems, families of words, and slips of the keyboard."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.keyword_index import FAMILY_WEIGHT, K1, SLIP_WEIGHT, B, KeywordIndex, one_slip_apart

PASSAGES = [["well", "deep", "clay"], ["clay", "clay", "wet"], ["electrode"], []]


def groups(*words: str) -> list[frozenset[str]]:
    return [frozenset({w}) for w in words]


def scores(index: KeywordIndex, *words: str) -> np.ndarray:
    total = np.zeros(len(index))
    for word in index.match(groups(*words)):
        total[word.rows] += word.rarity * word.saturations
    return total


def test_scores_are_bm25() -> None:
    index = KeywordIndex.empty().extended(PASSAGES)
    found = scores(index, "clay")
    mean = sum(map(len, PASSAGES)) / len(PASSAGES)
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    expected = [
        idf
        * PASSAGES[row].count("clay")
        * (K1 + 1)
        / (PASSAGES[row].count("clay") + K1 * (1 - B + B * len(PASSAGES[row]) / mean))
        for row in range(4)
    ]
    assert np.allclose(found, expected)
    assert found[1] > found[0] > found[2] == 0


def test_a_word_that_no_passage_holds_weighs_most() -> None:
    known, unknown = KeywordIndex.empty().extended(PASSAGES).match(groups("clay", "basalt"))
    assert unknown.rarity > known.rarity
    assert not len(unknown.rows) and not unknown.terms
    assert not unknown.saturation(np.arange(4)).any()


def test_a_group_counts_once_whatever_stems_match() -> None:
    index = KeywordIndex.empty().extended([["resist", "resistiv"], ["resist"]])
    (word,) = index.match([frozenset({"resist", "resistiv"})])
    assert word.rows.tolist() == [0, 1] and (word.saturations > 0).all()
    assert word.terms == {"resist": 1.0, "resistiv": 1.0}


def test_a_word_finds_its_family_at_a_lower_weight() -> None:
    index = KeywordIndex.empty().extended([["naissanc"], ["naitr"], ["navir"]])
    (word,) = index.match(groups("naissant"))
    assert word.terms == {"naissanc": FAMILY_WEIGHT}, "the beginning but for two letters is shared, no less"
    exact, family = KeywordIndex.empty().extended([["resist"], ["resistiv"]]).match(groups("resist"))[0].saturations
    assert exact > family > 0


def test_a_slip_is_forgiven_only_where_the_word_is_unknown() -> None:
    index = KeywordIndex.empty().extended([["profondeur"], ["piezometr"]])
    (slip,) = index.match(groups("porfondeur"))
    assert slip.terms == {"profondeur": SLIP_WEIGHT}
    assert not KeywordIndex.empty().extended([["charge"]]).match(groups("xharge"))[0].terms, "not of the first letter"
    assert not KeywordIndex.empty().extended([["cart"]]).match(groups("card"))[0].terms, "not of a short word"
    both = KeywordIndex.empty().extended([["marche"], ["marhce"]]).match(groups("marhce"))[0]
    assert both.terms == {"marhce": 1.0}


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), min_size=1, max_size=12), st.data())
def test_what_a_word_gives_and_counts_by_row(passages: list[list[str]], data: st.DataObject) -> None:
    (word,) = KeywordIndex.empty().extended(passages).match(groups("a"))
    rows = np.array(data.draw(st.permutations(range(len(passages)))))
    holds = ["a" in passage for passage in passages]
    assert [bool(x) for x in word.saturation(rows)] == [holds[r] for r in rows]
    first, after = sorted(data.draw(st.tuples(*[st.integers(0, len(passages))] * 2)))
    assert word.passages_between(np.array([first]), np.array([after])).tolist() == [sum(holds[first:after])]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("clay", "clay", True), ("clay", "claay", True), ("clay", "cly", True), ("clay", "caly", True)]
    + [("clay", "clas", True), ("clay", "sand", False), ("clay", "claaay", False), ("ab", "ba", True)]
    + [("abcd", "badc", False)],
)
def test_one_slip(one: str, other: str, apart: bool) -> None:
    assert one_slip_apart(one, other) is apart and one_slip_apart(other, one) is apart


@given(
    st.text("abcd", max_size=8), st.integers(0, 8), st.sampled_from("abcd"), st.sampled_from(["add", "drop", "swap"])
)
def test_any_single_edit_is_one_slip(word: str, place: int, letter: str, edit: str) -> None:
    place = min(place, len(word))
    edited = {
        "add": word[:place] + letter + word[place:],
        "drop": word[:place] + word[place + 1 :],
        "swap": word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }[edit]
    assert one_slip_apart(word, edited)


def test_an_index_never_changes() -> None:
    first = KeywordIndex.empty().extended(PASSAGES[:2])
    second = first.extended(PASSAGES[2:])
    assert (len(first), len(second)) == (2, 4)
    assert scores(first, "electrode").sum() == 0
    assert scores(second, "electrode").argmax() == 2


def test_words_of_removed_passages_are_not_found() -> None:
    index = KeywordIndex.empty().extended([["profondeur"], ["profond"]]).without(np.array([0]))
    (word,) = index.match(groups("profondeur"))
    assert word.terms == {} or set(word.terms) == {"profond"}


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=12),
    st.sets(st.integers(0, 11)),
    st.integers(0, 12),
)
def test_extending_and_removing_equal_building_anew(passages: list[list[str]], removed: set[int], cut: int) -> None:
    rows = np.array(sorted(r for r in removed if r < len(passages)), dtype=np.int64)
    stepwise = KeywordIndex.empty().extended(passages[:cut]).extended(passages[cut:]).without(rows)
    anew = KeywordIndex.empty().extended([p for i, p in enumerate(passages) if i not in removed])
    assert np.allclose(scores(stepwise, "a", "b", "z"), scores(anew, "a", "b", "z"))
