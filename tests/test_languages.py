"""Words of French and English as retrieval sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.languages import detect_language, fold, is_stop_word, reply_language, stem, stems, words


def test_elisions_accents_and_case_do_not_hide_a_word() -> None:
    assert words("L'Aquifère qu'une") == ["aquifere", "une"]
    assert words("Aujourd'hui") != ["hui"]


def test_a_decimal_comma_reads_like_a_decimal_point() -> None:
    assert words("48,5 m") == words("48.5 m") == ["48.5", "m"]
    assert words("48, 5") == ["48", "5"]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [("résistivités", "resistivite", "fr"), ("électrodes", "électrode", "fr"), ("measured", "measuring", "en")],
)
def test_forms_of_a_word_share_their_stem(one: str, other: str, language: str) -> None:
    assert stem(fold(one), language) == stem(fold(other), language)


def test_different_words_keep_different_stems() -> None:
    assert stem("argile", "fr") != stem("argent", "fr")


def test_stop_words_leave_the_question_but_not_its_subject() -> None:
    assert stems("Quelle est la profondeur du forage ?", "fr") == ["profondeur", "forag"]
    assert is_stop_word("the", "en") and not is_stop_word("the", "fr")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Quelle est la profondeur maximale du forage ?", "fr"),
        ("et sa profondeur ?", "fr"),
        ("What is the depth of the well?", "en"),
        ("what about clay?", "en"),
        ("Der Brunnen ist achtundvierzig Meter tief und liegt am Rand der Stadt.", "de"),
    ],
)
def test_language_of_questions(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_no_clue_gives_the_default() -> None:
    assert detect_language("ERT", "fr") == "fr"
    assert detect_language("", "en") == "en"


@given(st.text(max_size=300))
def test_any_text_has_words_and_a_language(text: str) -> None:
    assert all(w and w == fold(w) for w in words(text))
    assert detect_language(text)


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "question",
    [
        "Wer hat die Mühle gebaut?",
        "Chi ha costruito il mulino?",
        "Qual é a profundidade do poço?",
        "¿Cuál es la resistividad de la arcilla?",
        "Wie tief ist der Brunnen?",
        "ما هي مقاومة الطين؟",
    ],
)
@pytest.mark.parametrize("interface", ["fr", "en"])
def test_a_question_in_a_third_language_is_answered_in_the_interfaces(question: str, interface: str) -> None:
    assert reply_language(question, interface) == interface


@pytest.mark.parametrize("interface", ["fr", "en"])
def test_a_french_or_english_question_is_answered_in_its_own(interface: str) -> None:
    assert reply_language("Ce film s'appelle « ¡Three Amigos! », qui l'a tourné ?", interface) == "fr"
    assert reply_language("Quel est le prix du bail de la rue de la Paix ?", interface) == "fr"
    assert reply_language("Who made the film “Como agua para chocolate”?", interface) == "en"
    assert reply_language("porosité", interface) == "fr" and reply_language("F2", interface) == interface
