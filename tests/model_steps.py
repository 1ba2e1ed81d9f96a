"""What a tiny model writes, step by step, and one that writes on until its length ends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ert_core.language_model import GenerationStep, LanguageModel
from ert_core.types import GenerationOptions

QUESTION = [
    {"role": "system", "content": "Réponds avec les passages."},
    {"role": "user", "content": "Quelle est la résistivité de l'argile ?"},
]


def steps(model: LanguageModel, **options) -> list[GenerationStep]:
    """The answer to QUESTION, of at most 40 tokens."""
    return list(model.generate(QUESTION, GenerationOptions(**{"max_new_tokens": 40, **options})))


def written(answer: list[GenerationStep]) -> str:
    """The text of an answer."""
    return "".join(step.delta for step in answer)


def endless_model(folder: Path, path: Path) -> LanguageModel:
    """A copy of the model at `path`, loaded: nothing ends its answers but their length."""
    shutil.copytree(folder, path)
    without_end(path)
    model = LanguageModel(path, threads=1, interop_threads=1)
    model.load()
    model._end_tokens = frozenset()
    return model


def without_end(folder: Path) -> None:
    """Let nothing end an answer but its length."""
    path = folder / "generation_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "eos_token_id": 599}), encoding="utf-8")
    path = folder / "tokenizer_config.json"
    content = json.loads(path.read_text())
    content["eos_token"] = "<|im_start|>"
    path.write_text(json.dumps(content), encoding="utf-8")
