"""The server of the trials of the pages: ERT's own, but for its two models.

All vectors are the same, so that every question finds something, and the language model writes the answers of a file,
in the steps given there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ert_core import language_model
from ert_core.embedders import Embedders
from ert_core.language_model import GenerationStep, LanguageModel
from ert_core.ui import markdown, security
from trials.stub import DIMENSION, StubEmbeddings

# In the data directory: a list of answers, each a list of the pieces it is written in.
ANSWERS = "answers.json"


class SameEmbeddings(StubEmbeddings):
    """Every text is as near as can be to every other."""

    def encode(self, texts: Sequence[str], **_: Any) -> np.ndarray:
        """Shape (texts, DIMENSION), float32."""
        return np.full((len(texts), DIMENSION), DIMENSION**-0.5, dtype=np.float32)

    encode_passages = encode


class ToldModel(LanguageModel):
    """Writes the answers of the file in the data directory, one after the other."""

    loaded, context_length = True, 32_768  # type: ignore[assignment]

    def __init__(self, model: str | Path, *, device: str = "cpu", home: Path, **options: Any) -> None:
        super().__init__(model, device=device, home=home, **options)
        self._answers = iter(json.loads((home / ANSWERS).read_text()))

    def load(self) -> None:
        """There is nothing to load."""

    def count_tokens(self, messages: Any) -> int:
        """As many as there are words."""
        return sum(len(content.split()) for message in messages for content in message.values())

    def generate(self, messages: Any, options: Any = None, cancelled: Any = None) -> Iterator[GenerationStep]:
        """The next answer."""
        for delta in next(self._answers, ()):
            time.sleep(0.005)  # the page shows some of the steps
            yield GenerationStep(delta=delta)
        yield GenerationStep(finish_reason="stop", prompt_tokens=1, new_tokens=1)


def serve(broken: bool) -> None:
    """Streamlit's command line, in the server's process. `broken`: nothing is escaped, and everything may be loaded."""
    Embedders.named = lambda self, name: SameEmbeddings(name)  # type: ignore[method-assign,assignment,return-value]
    language_model.LanguageModel = ToldModel  # type: ignore[misc]
    import streamlit
    from streamlit.elements.markdown import MarkdownMixin
    from streamlit.web.cli import main

    if broken:
        markdown.escaped = lambda text: text
        security.content_security_policy = lambda html: "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'"
        real = MarkdownMixin.markdown

        def unsafe(self: Any, body: str, **options: Any) -> Any:
            self.html(body, unsafe_allow_javascript=True)
            return real(self, body, **{**options, "unsafe_allow_html": True})

        MarkdownMixin.markdown = unsafe  # type: ignore[method-assign]
        streamlit.markdown = partial(unsafe, streamlit._main)
    main(prog_name="streamlit")
