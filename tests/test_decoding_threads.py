"""The number of threads a token is computed with: what pays, found while writing."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ert_core.decoding_threads import _KEPT, DecodingThreads, ThreadChoice
from ert_core.threads import usable_cpus


def settled(choice: ThreadChoice, seconds: dict[int, float]) -> int:
    """The number chosen when each takes so long, and a step after a change a little longer."""
    before = 0
    for _ in range(40):
        threads = choice.threads
        choice.took(seconds[threads] + (threads != before))
        before = threads
    return choice.threads


@pytest.mark.parametrize(
    ("seconds", "right"),
    [
        ({4: 0.5, 2: 0.7, 1: 1.0}, 4),
        ({4: 0.99, 2: 0.98, 1: 1.0}, 1),
        ({4: 1.4, 2: 0.6, 1: 1.0}, 2),
    ],
)
def test_more_threads_are_taken_where_they_pay(seconds: dict[int, float], right: int) -> None:
    assert settled(ThreadChoice(4), seconds) == right


def test_another_load_is_noticed() -> None:
    choice = ThreadChoice(2)
    assert settled(choice, {2: 0.5, 1: 1.0}) == 2
    for _ in range(_KEPT):
        choice.took(3.0)
    assert settled(choice, {2: 3.0, 1: 1.0}) == 1


@given(st.integers(1, 16), st.lists(st.floats(0.001, 10), max_size=60))
def test_never_more_than_the_limit(most: int, seconds: list[float]) -> None:
    choice = ThreadChoice(most)
    for took in seconds:
        assert 1 <= choice.threads <= most
        choice.took(took)


def test_only_what_does_not_depend_on_threads_is_tuned() -> None:
    most = min(2, usable_cpus())
    plain, tuned = (DecodingThreads(lambda: (2, 1), tuned=t) for t in (False, True))
    seen: dict[DecodingThreads, set[int]] = {plain: set(), tuned: set()}
    for threads in (plain, tuned):
        for _ in range(20):
            with threads.writing():
                seen[threads].add(torch.get_num_threads())
        threads.reading()
        assert torch.get_num_threads() == most, "prompts are read with all of them"
    assert seen[plain] == {most} and seen[tuned] == {1, most}
