"""Chat messages -> the tokens of a prompt, by a model's own template, and tokens -> text."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from ert_core.errors import LanguageModelError
from ert_core.model_errors import first_line

Messages = Sequence[Mapping[str, str]]


class ChatTokenizer:
    """The tokenizer of a model's folder. Thread-safe: fast tokenizers are not, and have a lock here."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load it. Raises LanguageModelError without a chat template, else what transformers raises."""
        from transformers import AutoTokenizer

        self._name = name
        self._lock = threading.Lock()
        self.tokenizer: Any = AutoTokenizer.from_pretrained(
            folder, use_fast=True, local_files_only=True, trust_remote_code=False
        )
        if not self.tokenizer.chat_template:
            raise LanguageModelError("model_no_chat_template", path=folder)

    def prompt(self, messages: Messages, *, answer: bool = True) -> list[int]:
        """The tokens of `messages` (role, content), up to where the model answers unless `answer` is False.

        Raises LanguageModelError when the template refuses them.
        """
        turns = [dict(message) for message in messages]
        with self._lock:
            try:
                try:
                    return self._rendered(turns, answer)
                except Exception:
                    if [turn["role"] for turn in turns[:2]] != ["system", "user"]:
                        raise
                    # Templates such as Gemma's know no system role: its text opens the first question.
                    system, first, *others = turns
                    first["content"] = f"{system['content']}\n\n{first['content']}"
                    return self._rendered([first, *others], answer)
            except Exception as error:  # templates raise what they like: a refused role, a missing key
                reason = first_line(error)
                raise LanguageModelError("chat_template_failed", model=self._name, reason=reason) from error

    @cached_property
    def answer_header(self) -> list[int]:
        """The tokens that a model's answer begins with, in a prompt that asks for it and in one that tells it alike."""
        question = [{"role": "user", "content": "?"}]
        try:
            asked = self.prompt(question, answer=False)
            asking = self.prompt(question)
            told = self.prompt([*question, {"role": "assistant", "content": "!"}], answer=False)
        except LanguageModelError:  # a template with demands of its own: headers are read with the answers
            return []
        if asking[: len(asked)] != asked or told[: len(asked)] != asked:
            return []
        pairs = zip(asking[len(asked) :], told[len(asked) :], strict=False)
        return [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]

    def text(self, tokens: list[int]) -> str:
        """What `tokens` say, special ones left out."""
        with self._lock:
            text: str = self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _rendered(self, turns: list[dict[str, str]], answer: bool) -> list[int]:
        # enable_thinking is a variable of the template: models without thinking ignore it.
        encoded = self.tokenizer.apply_chat_template(
            turns, add_generation_prompt=answer, tokenize=True, return_dict=True, enable_thinking=False
        )
        return list(encoded["input_ids"])
