"""The right passage first, in both languages, and an honest evidence score."""

import pytest

from ert_core.assistant import Assistant
from ert_core.retrieval import question_terms
from ert_core.types import Source
from tests.conftest import add

QUESTIONS = [
    ("Quelle est la profondeur du forage F2 ?", "combe-noire.md", "48,5 m"),
    ("Quelle est la résistivité moyenne de l'aquifère ?", "combe-noire.md", "240 Ω·m"),
    ("resistivite aquifere", "combe-noire.md", "240 Ω·m"),
    ("How many electrodes were used?", "harbour-lane.txt", "72 electrodes"),
    ("What resistivity does the leachate plume have?", "harbour-lane.txt", "below 8 ohm-metres"),
]


@pytest.mark.parametrize(("question", "document", "words"), QUESTIONS)
def test_the_passage_that_answers_comes_first(filled: Assistant, question: str, document: str, words: str) -> None:
    found = filled.search(question)
    assert found.passages[0].document_name == document
    assert words in found.passages[0].passage.text
    assert found.sufficient


@pytest.mark.parametrize("question", ["Qui a peint la Joconde ?", "Who won the football world cup in 1998?"])
def test_what_no_document_holds_is_not_sufficient(filled: Assistant, question: str) -> None:
    found = filled.search(question)
    assert not found.sufficient
    assert found.passages, "the nearest passages are named all the same"


def test_scores_are_shares_in_order(filled: Assistant) -> None:
    found = filled.search("resistivity of the leachate plume", k=10)
    scores = [p.score for p in found.passages]
    assert scores == sorted(scores, reverse=True)
    for p in found.passages:
        assert 0 <= p.score <= 1 and 0 <= p.lexical <= 1 and 0 <= p.dense <= 1
    assert 0 <= found.evidence <= 1


def test_k_bounds_the_passages(ert: Assistant) -> None:
    add(ert, *(Source(f"{i}.txt", f"The pump number {i} moves water.".encode()) for i in range(8)))
    assert len(ert.search("Which pump moves water?", 3).passages) == 3
    assert len(ert.search("Which pump moves water?", 100).passages) == 8


def test_an_empty_library_gives_nothing(ert: Assistant) -> None:
    found = ert.search("anything at all")
    assert found.passages == () and not found.sufficient


def test_a_one_word_library_and_strange_questions(ert: Assistant) -> None:
    add(ert, Source("one.txt", b"Water"))
    for question in ("water", "?!", "the of and", "水はどこですか", "ما هذا", "a" * 3999):
        assert len(ert.search(question).passages) == 1


def test_the_words_of_a_question() -> None:
    terms = question_terms("Quelle est la profondeur de l'aquifère ?", frozenset({"fr", "en"}))
    assert terms.language == "fr" and len(terms.groups) == 2
    assert question_terms("what is it", frozenset({"en"})).groups, "all stop words: all are kept"
