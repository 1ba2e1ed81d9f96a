"""Files of questions with known answers, for measuring: JSON Lines, UTF-8.

One object a line: `{"question": str, "answers": [str, ...], "document": name | null}`. A passage answers
the question when it comes from `document` (from any, when null) and holds one of the answers, case folded
and white space normalised. In a file of unanswerable questions only `question` is read.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ert_core.errors import QuestionError
from ert_core.sources import encodable


@dataclass(frozen=True)
class KnownQuestion:
    """A question of a file. `answers` is empty for an unanswerable one."""

    question: str
    answers: tuple[str, ...] = ()
    document: str | None = None

    def answered_by(self, document: str, text: str) -> bool:
        """Whether `text`, from the document of this name, holds one of the answers."""
        if self.document is not None and not same_document(document, self.document):
            return False
        held = normalised(text)
        return any(normalised(answer) in held for answer in self.answers)


def normalised(text: str) -> str:
    """`text` case folded, its white space runs as one space."""
    return " ".join(text.casefold().split())


def same_document(name: str, expected: str) -> bool:
    """Whether a document's name is the one expected, or ends in it after a folder ("deep/a.txt" for "a.txt")."""
    name, expected = (unicodedata.normalize("NFC", n).replace("\\", "/") for n in (name, expected))
    return name == expected or name.endswith(f"/{expected}")


def read_bytes(path: Path) -> bytes:
    """The content of a file of questions. Raises QuestionError."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise QuestionError("questions_unreadable", name=encodable(str(path)), reason=reason) from error


def read_questions(content: bytes, name: str, *, longest: int) -> list[KnownQuestion]:
    """The answerable questions of a file, each with at least one answer.

    `name` is the file's, for the errors; `longest` the longest question, characters. Raises
    QuestionError, which names the line, when one cannot be used, and when there is none.
    """
    questions = []
    for line, fields in _lines(content, name, longest):
        answers, document = fields.get("answers"), fields.get("document")
        if not isinstance(answers, list) or not all(isinstance(a, str) for a in answers):
            raise QuestionError("questions_line_answers", name=name, line=line)
        kept = tuple(encodable(a) for a in answers if a.strip())
        if not kept:
            raise QuestionError("questions_line_answers", name=name, line=line)
        if document is not None and (not isinstance(document, str) or not document.strip()):
            raise QuestionError("questions_line_document", name=name, line=line)
        questions.append(KnownQuestion(fields["question"], kept, document and encodable(document.strip())))
    if not questions:
        raise QuestionError("questions_none", name=name)
    return questions


def read_unanswerable(content: bytes, name: str, *, longest: int) -> list[KnownQuestion]:
    """The questions of a file of unanswerable ones. Raises QuestionError as `read_questions`."""
    questions = [KnownQuestion(fields["question"]) for _, fields in _lines(content, name, longest)]
    if not questions:
        raise QuestionError("questions_none", name=name)
    return questions


def _lines(content: bytes, name: str, longest: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of every line that is not empty, its question checked."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = content.count(b"\n", 0, error.start) + 1
        raise QuestionError("questions_encoding", name=name, line=place) from error
    # Not str.splitlines: a JSON text may hold U+2028 or U+0085 as they are.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise QuestionError("questions_line_json", name=name, line=number) from error
        if not isinstance(fields, dict):
            raise QuestionError("questions_line_json", name=name, line=number)
        question = fields.get("question")
        if not isinstance(question, str) or not question.strip():
            raise QuestionError("questions_line_question", name=name, line=number)
        if len(question.strip()) > longest:
            raise QuestionError("questions_line_long", name=name, line=number, limit=longest)
        yield number, {**fields, "question": encodable(question.strip())}
