"""Where the reading of a prompt is cut: at the ends of its messages, and every so many tokens between them.

A place depends only on the tokens before it and a few after it, so two prompts that begin with the same messages are
read in the same pieces up to there, and what was computed of one is, bit for bit, what would be computed of the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ert_core.model_memory import PROMPT_CHUNK

# Tokens that a template may put between the end of a message and the header of an answer (a line break).
_BETWEEN = 1


def chunk_ends(
    prompt: Sequence[int], ends: Collection[int] = (), header: Sequence[int] = (), chunk: int = PROMPT_CHUNK
) -> list[int]:
    """The ends of the pieces, rising, the last one the length of the prompt. No piece is longer than `chunk`.

    `ends` are the tokens that end a message, `header` those that begin the model's answer. The header belongs to
    the message before it: a prompt that ends with it is one piece less.
    """
    prompt = list(prompt)
    found: list[int] = []
    start = 0
    for place in [*message_ends(prompt, ends, header), len(prompt)]:
        while place - start > chunk:
            start += chunk
            found.append(start)
        if place > start:
            start = place
            found.append(start)
    return found


def message_ends(prompt: Sequence[int], ends: Collection[int], header: Sequence[int]) -> list[int]:
    """The places after a message, or after the header that follows it."""
    prompt, header = list(prompt), list(header)
    size = len(header)

    def has_header(place: int) -> bool:
        return size > 0 and prompt[place : place + size] == header

    found = []
    for n, token in enumerate(prompt):
        if has_header(n):
            found.append(n + size)
        elif token in ends and not any(has_header(n + 1 + gap) for gap in range(_BETWEEN + 1)):
            found.append(n + 1)
    return sorted(set(found))
