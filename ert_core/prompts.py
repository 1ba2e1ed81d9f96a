"""The prompt of written answers, within its token budget.

Of the history, only answered questions go in, so that the roles alternate as chat templates want it.
When the prompt is too long, the oldest pairs of question and answer go first, then the last passages.

What comes first stays the same from turn to turn, so that the keys and values computed for it can be used again:
the system text is in the language the conversation began in, a turn is laid out as it was sent (`prompt_layout`),
and pairs are dropped in blocks, up to half of those that would fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ert_core.languages import detect_language
from ert_core.prompt_layout import ChatMessages, Prompt, Turn, lay_out
from ert_core.types import Message, ScoredPassage


def build_prompt(
    question: str,
    language: str,
    passages: Sequence[ScoredPassage],
    history: Sequence[Message],
    *,
    budget: int,
    count_tokens: Callable[[ChatMessages], int],
) -> Prompt:
    """The longest prompt of at most `budget` tokens, as `count_tokens` counts them, older pairs dropped in blocks.

    `language` is asked for where the words of the question do not tell theirs. Where not even the last pair fits
    with its passages, pairs stand without theirs.
    More messages must count more tokens: what is kept is found by bisection. A question that alone
    passes the budget is cut at its end. Only a budget below the system text and one character is
    passed; the model refuses such a prompt where its context is that small.
    """
    turns = answered_questions(history)
    language = detect_language(question, language)
    system = detect_language(next((m.text for m in history if m.role == "user"), question))

    def built(n_turns: int, n_passages: int, whole: bool = True) -> Prompt:
        kept = turns[len(turns) - n_turns :]
        return lay_out(system, kept, question, language, passages[:n_passages], with_passages=whole)

    def fits(n_turns: int, n_passages: int, whole: bool = True) -> bool:
        return count_tokens(built(n_turns, n_passages, whole).messages) <= budget

    for whole in (True, False):
        fitting = _largest(len(turns), lambda n, whole=whole: fits(n, len(passages), whole))  # type: ignore[misc]
        if fitting is None:
            break
        if fitting or not turns or not whole:
            kept = len(turns) - _block_start(len(turns), fitting)
            # Other numbers may count a token more.
            while kept and kept != fitting and not fits(kept, len(passages), whole):
                kept -= 1
            return built(kept, len(passages), whole)
    kept_passages = _largest(len(passages) - 1, lambda n: fits(0, n))
    if kept_passages is not None:
        return built(0, kept_passages)
    while len(question) > 1:
        question = question[: len(question) // 2]
        if fits(0, 0):
            break
    return built(0, 0)


def answered_questions(history: Sequence[Message]) -> list[Turn]:
    """(question, answer) of the turns, the oldest first; of several answers in a row the last counts.

    A question without an answer, or with an empty one, is left out.
    """
    pairs: list[Turn] = []
    question: Message | None = None
    for message in history:
        if message.role == "user":
            question = message
        elif question is not None and message.text.strip():
            if pairs and pairs[-1][0] is question:
                pairs.pop()
            pairs.append((question, message))
    return pairs


def _block_start(pairs: int, fitting: int) -> int:
    """The first pair to keep of `pairs`, when the last `fitting` ones fit: a multiple of a block of pairs.

    A block is the largest power of two in half of what fits, rounded up: over as many turns the first pair kept
    stays the same, without anything remembered from turn to turn.
    """
    if fitting in (0, pairs):
        return pairs - fitting
    block = 1 << (((fitting + 1) // 2).bit_length() - 1)
    return -(-(pairs - fitting) // block) * block


def _largest(most: int, fits: Callable[[int], bool]) -> int | None:
    """The largest n in [0, most] that fits, None when none does; if n fits, all below do."""
    if most < 0:
        return None
    if fits(most):
        return most
    fitting, failing = -1, most
    while failing - fitting > 1:
        middle = (fitting + failing) // 2
        if fits(middle):
            fitting = middle
        else:
            failing = middle
    return None if fitting < 0 else fitting
