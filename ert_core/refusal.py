"""The answer to a question that the documents do not seem to answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ert_core.locale import text
from ert_core.types import Answer, Retrieved, ScoredPassage

# The passages that a refusal names.
NEAREST = 3


def refusal(found: Retrieved, language: str) -> Answer:
    """The answer, in `language`, when the evidence is too weak: it names the nearest passages."""
    return Answer(
        " ".join(filter(None, (text("refusal.not_found", language), _nearest(found.passages, language)))),
        "quotes",
        language,
        passages=without_sentences(found.passages),
        evidence=found.evidence,
        refused=True,
        finish_reason="refused",
    )


def _nearest(passages: Sequence[ScoredPassage], language: str) -> str:
    """The sentence that names where the nearest passages stand, "" when there is none."""
    places = list(dict.fromkeys(_place(found, language) for found in passages[:NEAREST]))
    if not places:
        return ""
    return text(
        f"refusal.{'nearest' if len(places) == 1 else 'nearest_several'}",
        language,
        places=(" ; " if language == "fr" else "; ").join(places),
    )


def _place(found: ScoredPassage, language: str) -> str:
    name, page = " ".join(found.document_name.split()), found.passage.page
    return name if page is None else text("refusal.page", language, document=name, page=page)


def without_sentences(passages: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
    """What an answer keeps of the passages it was drawn from."""
    return tuple(replace(p, sentences=()) for p in passages)
