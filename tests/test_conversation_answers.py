"""Follow-ups, small talk and refusals, as the engine answers them in a conversation."""

from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import QuestionError
from ert_core.types import Source
from tests.asked import answer_of, conversation_of
from tests.conftest import SURVEY_EN, WELL_FR, add


def test_a_follow_up_is_answered_about_the_subject_in_its_own_language(filled: Assistant) -> None:
    add(filled, Source("moulin.md", WELL_FR.replace("F2", "F5").replace("48,5", "17").encode()))
    conversation = conversation_of(filled, "Quel a été le débit d'essai du forage F5 ?")
    answer = answer_of(list(filled.ask("Et sa profondeur ?", conversation_id=conversation)))
    assert not answer.refused and answer.language == "fr"
    assert "F5 atteint une profondeur de 17 m" in answer.citations[0].quote
    english = answer_of(list(filled.ask("And how deep is F2?", conversation_id=conversation)))
    assert english.language == "en"
    turns = filled.conversations.messages(conversation)
    assert turns[2].text == "Et sa profondeur ?", "the person's own words are kept"


def test_a_follow_up_nobody_answers_is_refused_and_can_be_asked_anyway(filled: Assistant) -> None:
    conversation = conversation_of(filled, "How many electrodes did the Harbour Lane survey use?")
    question = "Who won its chess tournament?"
    refused = answer_of(list(filled.ask(question, conversation_id=conversation)))
    assert refused.refused and "The nearest" in refused.text and "harbour-lane.txt" in refused.text
    job = filled.answer_again(filled.conversations.messages(conversation)[-2].id, conversation, anyway=True)
    assert job is not None
    answer = answer_of(list(job.follow()))
    assert answer.warned and not answer.refused and answer.citations[0].document == "harbour-lane.txt"


def test_a_refusal_names_documents_and_pages_in_the_language_of_the_question(filled: Assistant) -> None:
    slides = Path(__file__).resolve().parents[1] / "samples" / "consignes-de-securite.pptx"
    add(filled, Source("consignes.pptx", path=slides))
    french = answer_of(list(filled.ask("Qui a peint la Joconde et dans quelle ville ?")))
    assert french.refused and french.text.startswith("Vos documents ne semblent pas contenir la réponse")
    places = french.text.split(" : ", 1)[1]
    for found in french.passages[:3]:
        page = "" if found.passage.page is None else f", page {found.passage.page}"
        assert f"{found.document_name}{page}" in places
    english = answer_of(list(filled.ask("Who won the chess championship in Reykjavik?")))
    assert english.refused and "The nearest" in english.text


def test_small_talk_is_answered_without_documents_and_without_a_search(
    ert: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ert.retriever, "search", lambda *_: pytest.fail("nothing is searched"))
    ert.change_settings(llm="nobody/nothing", answer_mode="written")
    conversation = ert.conversations.start("bonjour")
    answer = answer_of(list(ert.start_answer("bonjour", conversation).follow()))
    assert answer.finish_reason == "small_talk" and answer.text.startswith("Bonjour") and not answer.passages
    assert [m.text for m in ert.conversations.messages(conversation)] == ["bonjour", answer.text]
    assert answer_of(list(ert.ask("where do my documents go?"))).language == "en"
    job = ert.start_ingest([Source("a.txt", (SURVEY_EN * 40).encode())])
    assert answer_of(list(ert.ask("merci !"))).finish_reason == "small_talk"
    job.cancel()
    list(job.follow())
    with pytest.raises(QuestionError):
        ert.start_answer("Bonjour, quelle est la profondeur du forage F2 ?", conversation)


def test_thanks_between_two_questions_leaves_the_subject(filled: Assistant) -> None:
    conversation = conversation_of(filled, "Quel a été le débit d'essai du forage F2 ?", "merci beaucoup !")
    answer = answer_of(list(filled.ask("Et sa profondeur ?", conversation_id=conversation)))
    assert "48,5 m" in answer.citations[0].quote


def test_a_greeting_before_a_question_does_not_weaken_it(filled: Assistant) -> None:
    plain, polite = (
        answer_of(list(filled.ask(q)))
        for q in ("Quelle est la profondeur du forage F2 ?", "Bonjour, quelle est la profondeur du forage F2 ?")
    )
    assert polite.citations == plain.citations and polite.evidence == pytest.approx(plain.evidence, abs=0.02)


LATIN = "Vestibulum ante ipsum primis in faucibus orci et ultrices. Proin et quam. Donec et mi."


@pytest.mark.parametrize("question", ["et où ?", "et quand ?", "Et pourquoi ?"])
def test_function_words_alone_prove_nothing(ert: Assistant, question: str) -> None:
    add(ert, Source("filler.txt", LATIN.encode()), Source("well.md", WELL_FR.encode()))
    assert answer_of(list(ert.ask(question))).refused, "as a first question"
    conversation = ert.conversations.start("Qui a peint la Joconde ?")
    for asked in ("Qui a peint la Joconde ?", question):
        assert answer_of(list(ert.ask(asked, conversation_id=conversation))).refused
    answered = ert.conversations.start("Quelle est la profondeur du forage F2 ?")
    list(ert.ask("Quelle est la profondeur du forage F2 ?", conversation_id=answered))
    assert not answer_of(list(ert.ask("Et de F2 ?", conversation_id=answered))).refused


@pytest.mark.parametrize(
    ("question", "interface", "said"),
    [
        ("Welche Eigenschaften hat eine Isometrie in der Ebene?", "fr", "fr"),
        ("¿Cuál es la resistividad de la arcilla?", "en", "en"),
        ("ما هي مقاومة الطين؟", "fr", "fr"),
        ("?", "fr", "fr"),
        ("oui", "fr", "fr"),
        ("Qui a peint la Joconde ?", "en", "fr"),
        ("Who painted the Mona Lisa over there?", "fr", "en"),
    ],
)
def test_a_refusal_speaks_the_questions_language_else_the_interfaces(
    filled: Assistant, question: str, interface: str, said: str
) -> None:
    answer = answer_of(list(filled.ask(question, language=interface)))
    assert answer.language == said
    assert not answer.refused or answer.text.startswith({"fr": "Vos documents", "en": "Your documents"}[said])
