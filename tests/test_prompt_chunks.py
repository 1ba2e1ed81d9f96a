"""Where prompts are cut: the laws that prefix reuse stands on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ert_core.prompt_chunks import chunk_ends

END, BREAK, START, ROLE = 0, 1, 2, 3
HEADER = [START, ROLE]
tokens = st.lists(st.integers(0, 6), max_size=60)


def cut(prompt: list[int], chunk: int = 5) -> list[int]:
    return chunk_ends(prompt, {END}, HEADER, chunk)


@given(tokens)
def test_the_pieces_are_the_prompt(prompt: list[int]) -> None:
    ends = cut(prompt)
    sizes = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    assert sum(sizes) == len(prompt) and all(0 < size <= 5 for size in sizes)


@given(tokens, tokens)
def test_what_follows_the_header_does_not_move_the_cuts_before(prompt: list[int], more: list[int]) -> None:
    """A question's prompt ends with the header; the next one of the conversation goes on from there."""
    first = [*prompt, END, BREAK, *HEADER]
    ends = cut(first)
    assert cut([*first, *more])[: len(ends)] == ends


@given(tokens, tokens)
def test_what_was_read_ahead_up_to_an_answers_end_is_cut_the_same(prompt: list[int], more: list[int]) -> None:
    ahead = [*prompt, END]
    ends = cut(ahead)
    assert cut([*ahead, BREAK, 5, *more])[: len(ends)] == ends


def test_messages_end_pieces_and_the_header_goes_with_the_question() -> None:
    system, question, answer = [9, 9, 9, END], [BREAK, 8, 8, END, BREAK, *HEADER], [7, 7, END]
    assert chunk_ends([*system, *question, *answer], {END}, HEADER, 100) == [4, 11, 14]
    assert chunk_ends([*system, *question, *answer], {END}, [], 100) == [4, 8, 14], "without a header known"
    assert chunk_ends([9] * 12, {END}, HEADER, 5) == [5, 10, 12]
    assert chunk_ends([], {END}, HEADER, 5) == []
