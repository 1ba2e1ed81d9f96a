"""A statement judged against one passage."""

from __future__ import annotations

from collections.abc import Callable

from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.verification.source_text import prepare
from ert_core.verification.support import Support, support

Judge = Callable[[str, str, str], Support]


def judge_with(embeddings: SentenceTransformerEmbeddings) -> Judge:
    """What judges a statement, against a passage, in a language."""

    def one(statement: str, passage: str, language: str) -> Support:
        return support(statement, language, embeddings.encode([statement])[0], prepare([passage], embeddings.encode)[0])

    return one
