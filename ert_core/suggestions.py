"""Questions to begin with, made of what the documents are about: their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ert_core.document_store import DocumentStore
from ert_core.languages import fold
from ert_core.locale import LANGUAGES, text
from ert_core.sentences import block_spans, is_heading

# Documents looked at, the last added first, and characters read of each.
_DOCUMENTS, _CHARACTERS = 12, 8000
_WORDS = range(2, 9)
# "2.", "3.1", "IV -", "#": what stands before the words of a heading.
_NUMBERED = re.compile(r"^(?:(?:#+|\d+(?:\.\d+)*[.)]?|[IVX]+[.)]?\s*[-–]?)\s+)+")
_MARKS = re.compile(r"[*_`|#]")
_DIGIT = re.compile(r"\d")


class Suggestion(NamedTuple):
    """A heading as the document has it, and the question that is made of it."""

    heading: str
    question: str


def suggested_questions(store: DocumentStore, most: int = 3, *, reader: str | None = None) -> list[Suggestion]:
    """Up to `most` questions about different documents, each in its document's language, the `reader`'s first."""
    questions: list[Suggestion] = []
    for document_id, language in sorted(store.last_added(_DOCUMENTS), key=lambda added: added[1] != reader):
        beginning = store.excerpt(document_id, 0, _CHARACTERS) or ""
        heading = next(_headings(beginning), None)
        if heading is not None and language in LANGUAGES:
            question = text("suggestion.about", language, heading=heading.rstrip(" :.?"))
            questions.append(Suggestion(heading, question))
        if len(questions) == most:
            break
    return questions


def _headings(beginning: str) -> Iterator[str]:
    """The headings of a text that name a subject, the title last: it says what all of it is about."""
    found = [beginning[start:end] for start, end in block_spans(beginning) if is_heading(beginning[start:end])]
    shown = [" ".join(_MARKS.sub("", _NUMBERED.sub("", heading)).split()).rstrip(" :.") for heading in found]
    told = list({fold(heading): heading for heading in shown if _names_a_subject(heading)}.values())
    yield from [*told[1:], *told[:1]]


def _names_a_subject(heading: str) -> bool:
    """Neither a caption ("Table 3"), nor a row of letters or figures."""
    words = heading.rstrip(" ?").split()
    return len(words) in _WORDS and not _DIGIT.search(heading) and any(len(word) > 4 for word in words)
