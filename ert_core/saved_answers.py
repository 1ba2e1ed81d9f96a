"""An answer in the database: JSON without the text of its passages, which is read again where it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ert_core.database import Database
from ert_core.row_checks import PASSAGE_IS_SOUND, TEXT_IS_SOUND
from ert_core.types import Answer, Citation, Passage, ScoredPassage, Statement


class SavedAnswers:
    """Reads the answers of one database. Raises DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, text: str) -> Answer:
        """A saved answer, its passages read again; those of deleted documents are left out."""
        data: dict[str, Any] = json.loads(text)
        data["passages"] = self._passages(data["passages"])
        # Answers saved before prompts kept the passages of earlier turns have none.
        data["earlier_passages"] = self._passages(data.get("earlier_passages", ()))
        data["citations"] = tuple(Citation(**c) for c in data["citations"])
        # Answers saved before statements were checked have none.
        data["statements"] = tuple(_statement(s) for s in data.get("statements", ()))
        return Answer(**data)

    def _passages(self, saved: Sequence[dict[str, Any]]) -> tuple[ScoredPassage, ...]:
        ids = [p["passage"]["id"] for p in saved]
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, text, {PASSAGE_IS_SOUND} FROM passages WHERE id IN ({marks})"
        by_id = dict(self._database.checked_rows(query, ids))
        texts = [by_id.get(i) or self._text_at(p["passage"]) for i, p in zip(ids, saved, strict=True)]
        return tuple(
            ScoredPassage(**{**p, "sentences": (), "passage": Passage(**{**p["passage"], "text": text})})
            for p, text in zip(saved, texts, strict=True)
            if text is not None
        )

    def _text_at(self, passage: Mapping[str, Any]) -> str | None:
        """The text of a saved passage whose id went when its document was analysed again: its characters stay."""
        start, end = passage["start"], passage["end"]
        query = f"SELECT substr(text, ?, ?), {TEXT_IS_SOUND} FROM documents WHERE id = ?"
        rows = self._database.checked_rows(query, (start + 1, end - start, passage["document_id"]))
        return str(rows[0][0]) if rows else None


def _statement(data: dict[str, Any]) -> Statement:
    numbers = tuple((start, end) for start, end in data["unsupported_numbers"])
    return Statement(**{**data, "markers": tuple(data["markers"]), "unsupported_numbers": numbers})


def to_json(answer: Answer) -> str:
    """An answer without the text of its passages: a document that is deleted must not live on here."""
    data = asdict(answer)
    for scored in (*data["passages"], *data["earlier_passages"]):
        scored["passage"]["text"] = ""
    return json.dumps(data, ensure_ascii=False)
