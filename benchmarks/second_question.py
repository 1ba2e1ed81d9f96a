"""How soon the second question of a conversation gets its first token, against the same prompt read cold.

    python benchmarks/second_question.py [--model FOLDER] [--conversations N] [--tokens N]

Conversations of tests/data/follow_ups.jsonl over samples/ and tests/data/follow_up_documents/, five passages a
question; the answer to the first question is made of its quotes, as long as a written one. Both prompts of a pair
are timed one after the other in this process, and their answers of `--tokens` tokens at temperature 0 compared.
Without --model, a model of Qwen2.5-0.5B's shape is made in the temporary directory (`qwen_shape.py`).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import qwen_shape
from follow_ups import conversations, sources

from ert_core import cpu_budget
from ert_core.assistant import Assistant
from ert_core.follow_up import search_query
from ert_core.language_model import LanguageModel
from ert_core.prompt_layout import ChatMessages, Prompt
from ert_core.prompts import build_prompt
from ert_core.settings import Settings
from ert_core.types import GenerationOptions, Message


@dataclass(frozen=True)
class Pair:
    """The first prompt with its answer, and the second prompt, of one conversation."""

    first: ChatMessages
    answered: ChatMessages
    second: ChatMessages


def pairs(ert: Assistant, model: LanguageModel, most: int) -> list[Pair]:
    """The first two prompts of conversations of at least two turns."""
    made = []
    for conversation in conversations(None):
        turns = conversation["turns"][:2]
        if len(turns) == 2 and len(made) < most:
            first, second = (prompt.messages for prompt in _prompts(ert, model, turns))
            # The answer as it stands in the second prompt: a model writes the numbers that its passages have there.
            made.append(Pair(first, [*first, second[len(first)]], second))
    return made


def _prompts(ert: Assistant, model: LanguageModel, turns: Sequence[str]) -> list[Prompt]:
    history: list[Message] = []
    prompts: list[Prompt] = []
    for question in turns:
        found = ert.answering.search(search_query(question, history), ert.settings.passages)
        prompt = build_prompt(
            question, found.language, found.passages, history, budget=6000, count_tokens=model.count_tokens
        )
        prompts.append(prompt)
        quotes = ert.answering.quotes(found, found.language)
        text = quotes.text.replace("\n\n", " ")
        answer = replace(quotes, mode="written", text=text, passages=prompt.found)
        history += [Message("user", question), Message("assistant", text, answer)]
    return prompts


def first_token(model: LanguageModel, messages: ChatMessages, tokens: int) -> tuple[float, str]:
    """Seconds to the first token, and the text of all of them."""
    started = time.perf_counter()
    seconds, text = 0.0, ""
    for step in model.generate(messages, GenerationOptions(max_new_tokens=tokens)):
        if step.new_tokens == 1 and not seconds:
            seconds = time.perf_counter() - started
        text += step.delta
    return seconds, text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path(tempfile.gettempdir()) / "qwen-shape")
    parser.add_argument("--conversations", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=8)
    options = parser.parse_args()
    model = LanguageModel(qwen_shape.build(options.model))
    with tempfile.TemporaryDirectory() as home, closing(Assistant(Settings.load(home=Path(home)))) as ert:
        for _ in ert.ingest(sources()):
            pass
        chosen = pairs(ert, model, options.conversations)
    cpu_budget.apply(100)
    model.load()
    cold, warm, tokens, same = [], [], [], 0
    for pair in chosen:
        model.forget()
        first_token(model, pair.first, 1)
        model.read_ahead(pair.answered)
        seconds, warm_text = first_token(model, pair.second, options.tokens)
        warm.append(seconds)
        model.forget()
        seconds, cold_text = first_token(model, pair.second, options.tokens)
        cold.append(seconds)
        same += warm_text == cold_text
        tokens.append(model.count_tokens(pair.second))
    ratios = [w / c for w, c in zip(warm, cold, strict=True)]
    rows = {
        "conversations": f"{len(chosen)}",
        "second prompt, tokens (median)": f"{statistics.median(tokens):.0f}",
        "first token cold, s (median)": f"{statistics.median(cold):.2f}",
        "first token warm, s (median)": f"{statistics.median(warm):.2f}",
        "warm / cold (median)": f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        "same text warm and cold": f"{same} of {len(chosen)}",
    }
    print("| | |\n|---|---|", *(f"| {name} | {value} |" for name, value in rows.items()), sep="\n")
    print(f"\nLoad average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
