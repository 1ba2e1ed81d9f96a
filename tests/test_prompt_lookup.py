"""Guesses from the prompt: found where text is copied, given up where they do not pay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ert_core.prompt_lookup import ALLOWED_LOSS, MOST_GUESSED, PromptLookup, guessing_cost


def test_what_followed_the_last_tokens_before_is_guessed() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 50, 51])
    assert lookup.guess(7) == []
    for token in (2, 3, 4):
        lookup.push(token)
    assert lookup.guess(7) == [5, 6, 7], "no more may be lost at first"
    lookup.learn(3, 3)
    assert lookup.guess(7) == [5, 6, 7, 8, 9, 10, 11]
    assert lookup.guess(2) == [5, 6] and lookup.guess(0) == []
    lookup.push(99)
    assert lookup.guess(7) == []


def test_the_last_place_counts_and_an_answer_may_repeat_itself() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 1, 2, 3, 5, 0])
    for token in (1, 2, 3):
        lookup.push(token)
    assert lookup.guess(1) == [5]
    lookup.push(8)
    for token in (1, 2, 3):
        lookup.push(token)
    assert lookup.guess(1) == [8]


@given(st.lists(st.integers(0, 3), min_size=3, max_size=40), st.lists(st.integers(0, 3), max_size=200))
def test_the_loss_stays_within_what_is_allowed(prompt: list[int], answer: list[int]) -> None:
    """However the answer goes: in steps of one row, an answer is never slower than one by one by more than that."""
    lookup = PromptLookup(prompt)
    spent = place = 0.0
    place = 0
    while place < len(answer):
        guessed = lookup.guess(len(answer) - place - 1)
        assert len(guessed) <= MOST_GUESSED
        right = 0
        while right < len(guessed) and guessed[right] == answer[place + right]:
            right += 1
        written = answer[place : place + right + 1]
        for token in written:
            lookup.push(token)
        lookup.learn(len(guessed), right)
        place += len(written)
        spent += 1 + guessing_cost(len(guessed))
    assert spent <= len(answer) * (1 + ALLOWED_LOSS) + 1
