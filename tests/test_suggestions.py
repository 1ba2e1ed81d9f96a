"""Questions to begin with come from the documents, and are answered from them."""

from __future__ import annotations

import pytest

from ert_core.assistant import Assistant
from ert_core.suggestions import suggested_questions
from ert_core.types import Source
from ert_core.ui.samples import sample_sources
from tests.conftest import add


@pytest.mark.thorough
def test_the_samples_suggest_questions_that_they_answer(ert: Assistant) -> None:
    for _ in ert.ingest(sample_sources()):
        pass
    questions = [question for _, question in suggested_questions(ert.library.store, most=6)]
    assert len(questions) == len(set(questions)) == 6
    for question in questions:
        answers = [e.answer for e in ert.ask(question, mode="quotes") if e.answer is not None]
        assert answers[0].citations, question


def test_a_heading_becomes_a_question_in_the_language_of_its_document(ert: Assistant) -> None:
    assert suggested_questions(ert.library.store) == []
    body = "Les terrains conducteurs sont des argiles. Le reste est du sable.\n"
    add(ert, Source("rapport.md", f"# Rapport\n\n## 2.1 Lecture des résistivités\n\n{body}".encode()))
    written = "Lecture des résistivités"
    assert suggested_questions(ert.library.store) == [(written, f"{written}\u00a0?")]
    asked = "Que dire des sables ?"
    add(ert, Source("sables.md", f"# Sables\n\n## {asked}\n\n{body}".encode()))
    assert (asked, "Que dire des sables\u00a0?") in suggested_questions(ert.library.store), "one mark is enough"


def test_a_question_mark_is_no_word_of_a_heading(ert: Assistant) -> None:
    body = "Le reste est du sable, et rien de plus.\n"
    add(ert, Source("pourquoi.md", f"## Pourquoi ?\n\n{body}".encode()))
    assert suggested_questions(ert.library.store) == []


def test_captions_and_rows_of_letters_are_no_subject(ert: Assistant) -> None:
    body = "The survey crossed the field in three days and found two walls. Nothing else was seen.\n"
    add(ert, Source("a.md", f"## Table 3. Classes\n\n{body}\n## A M N B\n\n{body}".encode()))
    assert suggested_questions(ert.library.store) == []


def test_the_questions_in_the_readers_language_come_first(ert: Assistant) -> None:
    add(ert, Source("lines.md", b"## Survey lines\n\nThe lines crossed the field in three days and found two walls.\n"))
    add(ert, Source("sable.md", b"## Lecture des sables\n\nLe reste est du sable, et rien de plus.\n"))
    french = ("Lecture des sables", "Lecture des sables\u00a0?")
    english = ("Survey lines", "Survey lines?")
    assert suggested_questions(ert.library.store, reader="fr") == [french, english]
    assert suggested_questions(ert.library.store, reader="en") == [english, french]
