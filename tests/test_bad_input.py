"""Whatever a file or a question holds: an answer with exact citations or a clear sentence, never a traceback."""

from __future__ import annotations

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ert_core.assistant import Assistant
from ert_core.errors import ErtError, QuestionError
from ert_core.locale import LANGUAGES
from ert_core.passages import MAX_CHARACTERS
from ert_core.types import Answer, Source
from tests.conftest import SURVEY_EN, WELL_FR, add

ARABIC = "يصل عمق البئر إلى ثمانية وأربعين مترا. الماء عذب في الطبقة الجيرية. هل الماء عذب؟ نعم."
HEBREW = "עומק הבאר F2 הוא 48 מטר. המים מתוקים."
CHINESE = "这口井的深度为四十八米。水质良好！石灰岩含水层从三十一米开始。"
JAPANESE = "この井戸の深さは四十八メートルです。水質は良好です。"
THAI = "บ่อน้ำนี้ลึกสี่สิบแปดเมตร น้ำมีคุณภาพดี"
EMOJI = "Le débit est bon 👍🏽. L'équipe 👩‍🔬👨‍👩‍👧 est partie. Cafe\u0301 et Z\u0335a\u0322lgo\u0336 restent."
MIXED = (
    "Le forage F2 atteint une profondeur de 48,5 m. The borehole F3 was abandoned at 12 m. "
    "Il traverse des argiles grises. The clay is stiff and dry. " * 3
)


def ask(engine: Assistant, question: str, *, anyway: bool = True) -> Answer:
    answer = list(engine.ask(question, mode="quotes", anyway=anyway))[-1].answer
    assert answer is not None
    return answer


def assert_proven(engine: Assistant, answer: Answer) -> None:
    """A text to read, and every quote at its own characters."""
    assert answer.text.strip() or not answer.citations
    for citation in answer.citations:
        text = engine.library.store.text(citation.document_id)
        assert text is not None and text[citation.start : citation.end] == citation.quote
        assert citation.quote.strip() and citation.verified and engine.check(citation)


def assert_found_exactly(engine: Assistant, question: str) -> None:
    for found in engine.search(question, k=10).passages:
        passage = found.passage
        text = engine.library.store.text(passage.document_id)
        assert text is not None and text[passage.start : passage.end] == passage.text
        assert len(passage.text) <= MAX_CHARACTERS


@pytest.mark.parametrize("content", ["", " \n\t\u00a0\u2003\n", "\u200b\ufeff\u200e", "\x00\x01"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.html", "a.json"])
def test_a_file_without_text_is_told_as_empty(ert: Assistant, name: str, content: str) -> None:
    (report,) = add(ert, Source(name, content.encode()))
    assert report.status in ("empty", "failed")
    if report.status == "failed":
        assert report.error is not None
        assert all(all(report.error.in_language(language)) for language in LANGUAGES)
    with pytest.raises(QuestionError) as refused:
        ask(ert, "Quelle est la profondeur du forage ?")
    assert refused.value.code == "no_documents"
    assert ert.search("Quelle est la profondeur ?").passages == ()


def test_a_library_of_one_word(ert: Assistant) -> None:
    add(ert, Source("mot.txt", b"aquifere"))
    for question in ("aquifere", "Quelle est la profondeur du forage ?", "aquifere ?", "?"):
        assert_proven(ert, ask(ert, question))
        assert_found_exactly(ert, question)
    assert ask(ert, "Où est l'aquifère ?").citations[0].quote == "aquifere"
    assert ask(ert, "What is the price of gold in London?", anyway=False).refused


@pytest.mark.timeout(300)
@pytest.mark.parametrize("piece", ["mot ", "a", "雨"])
def test_a_very_long_text_without_a_full_stop(ert: Assistant, piece: str) -> None:
    # A hundredth of a million here, for the vectors take long; test_sentences.py and test_passages.py take the million.
    (report,) = add(ert, Source("long.txt", ("Le forage atteint 48 m " + piece * (10_000 // len(piece))).encode()))
    assert report.status == "added" and report.passages >= 10
    assert_proven(ert, ask(ert, "Quelle profondeur atteint le forage ?"))
    assert_found_exactly(ert, "forage")


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        (MIXED, "Quelle profondeur atteint le forage F2 ?", "48,5 m"),
        (MIXED, "Where was the borehole F3 abandoned?", "12 m"),
        (ARABIC, "ما عمق البئر؟", "وأربعين"),
        (HEBREW, "מה עומק הבאר F2?", "48"),
        (CHINESE, "这口井的深度是多少？", "四十八米"),
        (JAPANESE, "井戸の深さは？", "四十八"),
        (THAI, "บ่อน้ำลึกเท่าไร", "สี่สิบแปด"),
        (EMOJI, "Comment est le débit ?", "👍🏽"),
        (ARABIC + "\n\nLe puits est situé à Pau.\n\n" + CHINESE, "Où est situé le puits ?", "Pau"),
    ],
    ids=["mixed-fr", "mixed-en", "arabic", "hebrew", "chinese", "japanese", "thai", "emoji", "all"],
)
def test_other_scripts_and_mixed_texts_are_quoted_exactly(
    ert: Assistant, text: str, question: str, expected: str
) -> None:
    assert [r.status for r in add(ert, Source("texte.txt", text.encode()))] == ["added"]
    answer = ask(ert, question)
    assert_proven(ert, answer)
    assert_found_exactly(ert, question)
    assert any(expected in citation.quote for citation in answer.citations)
    assert all(len(citation.quote) < len(text) for citation in answer.citations) or text == THAI


QUESTIONS = [
    "¿Cuál es la profundidad del pozo F2?",
    "Wie tief ist der Brunnen F2?",
    "ما هو عمق البئر F2؟",
    "F2井的深度是多少？",
    "de la à qui que",
    "the of what is it",
    "???!!! ... --- «»",
    "123 456,7 12/03/2024",
    "x",
    "forage " * 571,
    "a" * 4000,
    "\u0301" * 50,
    "forage\x00\x07\x1b[31m profondeur",
    "forage \ud83d profondeur \udc4d",
    "\u202eforage\u202c \u200bprofondeur\ufeff",
    "<script>alert(1)</script> ' OR 1=1; -- \" ) NEAR(",
    "👩‍🔬👍🏽",
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: ascii(q[:18]))
def test_any_question_ends_in_quotes_or_a_sentence(filled: Assistant, question: str) -> None:
    conversation = filled.conversations.start(question)
    for anyway in (False, True):
        events = list(filled.ask(question, mode="quotes", anyway=anyway, conversation_id=conversation))
        answer = events[-1].answer
        assert answer is not None
        assert_proven(filled, answer)
        if not anyway and answer.refused:
            assert answer.text.strip()
    assert filled.conversations.messages(conversation)
    assert_found_exactly(filled, question)


@pytest.mark.parametrize("question", ["", "  \n\t ", "\u200b", "\x00\x00", "a" * 5001], ids=ascii)
def test_no_question_is_said_to_be_none(filled: Assistant, question: str) -> None:
    try:
        answer = ask(filled, question)
    except ErtError as error:
        assert error.code in ("question_empty", "question_long")
        assert all(all(error.in_language(language)) for language in LANGUAGES)
    else:
        assert_proven(filled, answer)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(st.characters(codec=None), min_size=1, max_size=60))
def test_any_characters_at_all(filled: Assistant, question: str) -> None:
    try:
        assert_proven(filled, ask(filled, question))
    except QuestionError as error:
        assert error.code == "question_empty"


def test_a_document_that_says_one_thing_only(ert: Assistant) -> None:
    add(ert, Source("same.txt", ("La vanne est fermée. " * 100).encode()))
    answer = ask(ert, "La vanne est-elle fermée ?")
    assert_proven(ert, answer)
    assert [citation.quote for citation in answer.citations] == ["La vanne est fermée."]


def test_a_sheet_of_numbers(ert: Assistant) -> None:
    rows = "\n".join(f"{n};{n * n};{n / 7:.3f}" for n in range(40))
    assert [r.status for r in add(ert, Source("nombres.csv", rows.encode()))] == ["added"]
    for question in ("Que vaut 144 ?", "12", "What is the mean of the second column?"):
        assert_proven(ert, ask(ert, question))
        assert_found_exactly(ert, question)
    named = "forage;profondeur\n" + "\n".join(f"F{n};{n + 20},5" for n in range(45))
    add(ert, Source("noms.csv", named.encode()))
    answer = ask(ert, "Quelle est la profondeur du forage F37 ?")
    assert answer.citations[0].quote == "forage: F37 | profondeur: 57,5"


def test_nothing_of_it_is_logged_as_a_failure(ert: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        texts = [
            ARABIC,
            CHINESE,
            EMOJI,
            WELL_FR,
            SURVEY_EN,
            "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
        ]
        add(ert, *[Source(f"{n}.txt", text.encode()) for n, text in enumerate(texts)])
        for question in QUESTIONS[:8]:
            ask(ert, question)
    assert not [record for record in caplog.records if record.exc_info]
