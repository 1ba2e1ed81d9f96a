"""What guessing tokens from the prompt gains or costs, by what is written. Prints Markdown.

    python benchmarks/prompt_lookup.py [--model FOLDER] [--prompts N] [--tokens N] [--rounds N]

Prompts of conversations of tests/data/follow_ups.jsonl with their passages (`second_question.py`). The model, of
Qwen2.5-0.5B's shape with random weights, computes each step; which token it "writes" is laid down, as random weights
write nothing to copy: quotes of the passages, other documents in its language, or, against guessing, threes of
tokens of the prompt that go on otherwise than there. Each answer is written with and without guessing in turns; seconds
are those from the first token to the last.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import qwen_shape
import real_texts
import torch
from follow_ups import sources
from second_question import pairs

from ert_core import cpu_budget
from ert_core.assistant import Assistant
from ert_core.language_model import LanguageModel
from ert_core.languages import detect_language
from ert_core.settings import Settings

KINDS = ("quotes of its passages", "other documents", "against guessing")


def against(prompt: Sequence[int], tokens: int, chance: random.Random) -> list[int]:
    """Threes of tokens of the prompt in an order of their own: what is guessed after each is wrong."""
    starts = chance.choices(range(len(prompt) - 3), k=tokens // 3)
    return [token for at in starts for token in prompt[at : at + 3]]


def seconds(model: LanguageModel, prompt: list[int], script: Sequence[int], guessing: bool) -> float:
    """From the first token of `script` to its last, with the prompt read before."""

    def choose(answer: Sequence[int], logits: torch.Tensor) -> int:
        logits.argmax(dim=-1)  # what a real choice computes
        return script[len(answer)]

    model._guessing = guessing
    began = 0.0
    with closing(model._steps(prompt, model._pieces(prompt), choose, len(script), None)) as steps:
        for step in steps:
            if step.token is not None and not began:
                began = time.perf_counter()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path(tempfile.gettempdir()) / "qwen-shape")
    parser.add_argument("--prompts", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    model = LanguageModel(qwen_shape.build(options.model))
    with tempfile.TemporaryDirectory() as home, closing(Assistant(Settings.load(home=Path(home)))) as ert:
        for _ in ert.ingest(sources()):
            pass
        chosen = pairs(ert, model, options.prompts)
    cpu_budget.apply(100)
    model.load()
    if not model._guessing:
        raise SystemExit("this machine cannot check several tokens at once with the bits of one by one")
    chance = random.Random(0)
    encode = model._load_tokenizer().tokenizer.encode
    others = real_texts.documents()
    ratios: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for pair in chosen:
        prompt, quotes = model._prompt(pair.first), pair.answered[-1]["content"]
        other = chance.choice(others[detect_language(quotes)])
        scripts = (encode(quotes), encode(other), against(prompt, options.tokens, chance))
        for kind, script in zip(KINDS, (script[: options.tokens] for script in scripts), strict=True):
            took: dict[bool, list[float]] = {True: [], False: []}
            for _ in range(options.rounds):
                for guessing, found in took.items():
                    found.append(seconds(model, prompt, script, guessing))
            ratios[kind].append(statistics.median(took[True]) / statistics.median(took[False]))
    print("| what is written | time with guessing / without (median) | least | most |\n|---|---|---|---|")
    for kind, found in ratios.items():
        print(f"| {kind} | {statistics.median(found):.2f} | {min(found):.2f} | {max(found):.2f} |")
    print(f"\n{len(chosen)} prompts, at most {options.tokens} tokens each, medians of {options.rounds} rounds.")
    print(f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
