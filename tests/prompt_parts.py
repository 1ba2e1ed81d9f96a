"""Passages, answers and whole conversations for prompts, and their tokens counted."""

from collections.abc import Sequence

from ert_core.prompt_layout import Prompt
from ert_core.prompts import build_prompt
from ert_core.types import Answer, Citation, Message, Passage, ScoredPassage


def scored(text: str, n: int = 1) -> ScoredPassage:
    """A passage found, with the id `n`."""
    return ScoredPassage(Passage(n, "d", text, None, 1000 * n, 1000 * n + len(text)), "d.txt", 1.0, 1.0, 1.0)


def count(messages: list[dict[str, str]]) -> int:
    """The tokens of a chat, as if each had four letters."""
    return sum(len(m["content"]) // 4 + 4 for m in messages)


def written(text: str, passages: Sequence[ScoredPassage], cited: Sequence[int] = ()) -> Answer:
    """A written answer as it is saved. Passage i was number i + 1 in its prompt, or `cited[i]`."""
    numbers = cited or range(1, len(passages) + 1)
    citations = [
        Citation(n, p.passage.document_id, p.document_name, None, p.passage.start, p.passage.end, p.passage.text, True)
        for n, p in zip(numbers, passages, strict=True)
    ]
    return Answer(text, "written", "en", citations=tuple(citations), passages=tuple(passages))


def conversation_prompts(asked: list[tuple[str, str, list[int]]], size: int, budget: int) -> list[Prompt]:
    """The prompt of each turn of a conversation; each turn finds passages by number, of `size` characters."""
    history: list[Message] = []
    prompts = []
    for question, text, numbers in asked:
        found = [scored(f"{n} " + "p" * size, n) for n in numbers]
        prompt = build_prompt(question, "en", found, history, budget=budget, count_tokens=count)
        prompts.append(prompt)
        history += [Message("user", question), Message("assistant", text, written(text, prompt.found))]
    return prompts
