"""Guesses what comes next from where the last tokens stood before: answers copy from their passages.

Prompt-lookup decoding (Saxena, 2023, github.com/apoorvumang/prompt-lookup-decoding): the guess is checked by the model
in one step, and what it would not have written itself is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence

# Most tokens guessed at once: with the last token they are the few rows of one step.
MOST_GUESSED = 7
# So many last tokens must have stood together before.
_GRAM = 3
# What wrong guesses may cost at the beginning, in steps of one token, and for each step made.
_ADVANCE = 0.8
ALLOWED_LOSS = 0.03


def guessing_cost(guessed: int) -> float:
    """How much longer a step with so many guesses takes, in steps of one token.

    Measured at 2 to 8 rows on processors with AMX and with AVX-512 alone, the dearer of both.
    """
    return 0.2 + 0.2 * guessed if guessed else 0.0


class PromptLookup:
    """The tokens of a prompt and of its answer, by the three tokens before each."""

    def __init__(self, prompt: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        self._credit = _ADVANCE
        for token in prompt:
            self.push(token)

    def push(self, token: int) -> None:
        """The next token, of the prompt or of the answer."""
        before = tuple(self._tokens[-_GRAM:])
        if len(before) == _GRAM:
            self._after[before] = len(self._tokens)
        self._tokens.append(token)

    def guess(self, most: int) -> list[int]:
        """At most `most` tokens that may come next, none where there is nothing to go by or guessing does not pay."""
        most = min(most, MOST_GUESSED, self._affordable())
        place = self._after.get(tuple(self._tokens[-_GRAM:]))
        return [] if place is None or most < 1 else self._tokens[place : place + most]

    def learn(self, guessed: int, right: int) -> None:
        """A step was made with `guessed` tokens more, of which the first `right` were what the model writes."""
        self._credit += ALLOWED_LOSS + right - guessing_cost(guessed)

    def _affordable(self) -> int:
        """Guesses that may all turn out wrong without the answer having become slower by more than is allowed."""
        return next((n for n in range(MOST_GUESSED, 0, -1) if guessing_cost(n) <= self._credit), 0)
