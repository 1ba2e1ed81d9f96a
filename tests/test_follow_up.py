"""Follow-up questions: which questions lean on the conversation, and what they take along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.anaphora import content_words, depends_on_conversation
from ert_core.follow_up import SearchQuery, fused, search_query
from ert_core.languages import detect_language, fold
from ert_core.types import Answer, Citation, Message, Passage, Retrieved, ScoredPassage

DATA = Path(__file__).parent / "data"
CONVERSATIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "follow_ups.jsonl").read_text(encoding="utf-8").splitlines()
]
LEANING = """
Et sa profondeur maximale ?|Et en 2019 ?|Pourquoi ?|Qui l'a foré ?|Quand a-t-elle été posée ?|Combien coûte-t-il ?
Qu'en est-il des nitrates ?|Quel est son débit ?|Quelle profondeur atteint-il ?|Et celui du Moulin-Brûlé ?
Quelle est la durée de ce contrat ?|Lequel est le plus profond ?|Où est-elle née ?|Mais combien exactement ?
what about clay?|And in 2019?|Why?|Who wrote it?|Where was she born?|How deep is it?|What was the date of its signature?
And the other one?|How about children?|What does that mean?|Which one is deeper?|When did they meet?|What else?
"""
STANDING = """
Quelle est la profondeur du forage des Aulnes ?|Que faut-il faire en cas d'orage sur la ligne de mesure ?
Quand le forage des Aulnes a-t-il été creusé ?|Le locataire de Mme Vautrin peut-il repeindre ses murs ?
Où la société Repro-Ouest envoie-t-elle ses factures ?|Est-il interdit de repeindre les murs d'un logement loué ?
Et où est né Thomas Merrow, l'ingénieur du pont ?|Qu'est-ce que la tomographie électrique ?
How should Lorenzine be stored and what is its dose?|Is it safe to touch an electrode during the injection of current?
Where was Thomas Merrow born?|When did Ada Whitcombe publish her main book?|What is Archie's law?
And where was Thomas Merrow, the bridge engineer, born?|Which fruit juice must be avoided with Lorenzine?
"""


def listed(block: str) -> list[str]:
    return [question for line in block.strip().splitlines() for question in line.split("|")]


def history(*questions: str, document_id: str = "d") -> list[Message]:
    """Turns answered with a quote of a document."""
    cited = Citation(1, document_id, "d.md", None, 0, 1, "x", True)
    turns = []
    for question in questions:
        turns += [Message("user", question), Message("assistant", "x", Answer("x", "quotes", "en", citations=(cited,)))]
    return turns


def found(*scores: tuple[int, float], evidence: float, sufficient: bool, document_id: str = "other") -> Retrieved:
    passages = [ScoredPassage(Passage(i, document_id, "x", None, 0, 1), "n", s, s, s) for i, s in scores]
    return Retrieved("q", "en", tuple(passages), evidence, sufficient)


@pytest.mark.parametrize("question", listed(LEANING))
def test_a_question_that_says_too_little_leans_on_the_conversation(question: str) -> None:
    assert depends_on_conversation(question, detect_language(question))


@pytest.mark.parametrize("question", listed(STANDING))
def test_a_question_that_stands_by_itself_takes_nothing_along(question: str) -> None:
    assert not depends_on_conversation(question, detect_language(question))
    query = search_query(question, history("Quel est le loyer de la rue des Tanneurs ?"))
    assert query.text == question and not query.leans


@pytest.mark.parametrize(
    ("turns", "carried", "left"),
    [
        (["Quel est le débit du forage des Aulnes ?", "Et sa profondeur ?"], "forage aulnes", "debit"),
        (["Where was Ada Whitcombe born?", "And Thomas Merrow?"], "born", "ada whitcombe"),
        (["What is the purpose of borehole BH2 at Wexmoor?", "And BH3?"], "purpose borehole wexmoor", "bh2"),
        (["Combien d'eau les Aulnes ont-ils fourni en 2019 ?", "Et en 2022 ?"], "eau aulnes", "2019"),
        (["What is the usual resistivity of sandstone?", "What about clay?"], "resistivity", ""),
        (["Where was Ada Whitcombe born?", "And Thomas Merrow?", "When did he die?"], "thomas merrow", "whitcombe"),
        (["Quel est le débit du forage F9 ?", "Et les nitrates ?", "Pourquoi ?"], "f9 nitrates", ""),
        (["What does Calvarine treat?", "How is it taken?", "For how long?", "And by children?"], "calvarine", ""),
        (["What does Lorenzine cost?", "What does Calvarine treat?", "Who makes it?"], "calvarine", "lorenzine"),
        (["Quelle est la profondeur du forage des Aulnes ?", "How much did it cost?"], "forage aulnes", "profondeur"),
        (["What did Ada Whitcombe write?", "Où est-elle née ?"], "ada whitcombe", ""),
    ],
)
def test_the_subject_is_carried_and_what_is_replaced_is_left(turns: list[str], carried: str, left: str) -> None:
    query = search_query(turns[-1], history(*turns[:-1]))
    assert set(carried.split()) <= set(query.carried)
    assert not set(left.split()) & set(query.carried)
    assert query.text.startswith(turns[-1]) and query.question == turns[-1]
    assert query.document_id == "d", "the document quoted last is preferred"


def test_the_language_is_that_of_the_question_or_of_the_conversation() -> None:
    french, english = history("Quel est le débit du forage F2 ?"), history("How deep is borehole F2?")
    assert search_query("How much did it cost?", french).language == "en"
    assert search_query("Où est-il ?", english).language == "fr"
    assert search_query("F3 ?", french).language == "fr"
    assert search_query("F3?", english).language == "en"


def test_the_first_question_stands_alone_and_a_refused_one_still_names_the_subject() -> None:
    assert search_query("Pourquoi ?", []) == SearchQuery("Pourquoi ?", "Pourquoi ?", "fr")
    refused = Answer("no", "quotes", "fr", refused=True)
    turns = [Message("user", "Quel est l'âge du forage F2 ?"), Message("assistant", "no", refused)]
    query = search_query("Et sa profondeur ?", turns)
    assert "f2" in query.carried and query.document_id is None


def test_own_words_decide_and_the_subject_breaks_the_tie() -> None:
    query = SearchQuery("dose calvarine", "dose", "en", ("dose",), ("calvarine",), None)
    alone = found((1, 0.9), (2, 0.9), (3, 0.2), evidence=0.6, sufficient=True)
    subject = found((2, 0.8), (3, 1.0), (1, 0.1), evidence=0.7, sufficient=True)
    both = fused(query, alone, subject, 2)
    assert [p.passage.id for p in both.passages] == [2, 1]
    assert both.question == "dose" and both.sufficient
    assert all(0 <= p.score <= 1 for p in both.passages)


@pytest.mark.parametrize(
    ("own", "alone", "subject", "sufficient"),
    [(("tall",), 0.05, 0.6, False), ((), 0.05, 0.6, True), (("dose",), 0.4, 0.6, True), (("dose",), 0.4, 0.3, False)],
)
def test_the_subject_alone_is_no_evidence(own: tuple[str, ...], alone: float, subject: float, sufficient: bool) -> None:
    query = SearchQuery("x y", "x", "en", own, ("y",), None)
    one, two = (found((1, 0.5), evidence=e, sufficient=e >= 0.42) for e in (alone, subject))
    assert fused(query, one, two, 5).sufficient == sufficient


@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=80))
def test_any_conversation_gives_a_query(questions: list[str], last: str) -> None:
    query = search_query(last, [Message("user", q) for q in questions])
    assert query.text.startswith(last)
    assert len(query.carried) == len(set(query.carried)) <= 12
    assert not set(query.carried) & {w.folded for w in content_words(last, query.language)}


def test_the_set_is_balanced_and_its_answers_stand_in_its_documents() -> None:
    kinds = [c["kind"] for c in CONVERSATIONS]
    assert kinds.count("follow_up") >= 60 and kinds.count("mixed") >= 8 and kinds.count("topic_change") >= 15
    follow_ups = [c["language"] for c in CONVERSATIONS if c["kind"] == "follow_up"]
    assert follow_ups.count("fr") == follow_ups.count("en")
    for conversation in CONVERSATIONS:
        path = DATA / "follow_up_documents" / (conversation["document"] or "-")
        if path.exists():
            text = fold(" ".join(path.read_text(encoding="utf-8").split()))
            assert all(fold(answer) in text for answer in conversation["answers"]), conversation
