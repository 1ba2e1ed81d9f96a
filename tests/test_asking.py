"""Questions answered in the background: found again, answered again, edited, with a scope or files of their own."""

import threading

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import QuestionError, QueueFullError
from ert_core.types import Answer, AnswerEvent, Scope, Source
from tests.asked import QUESTION, answer_of, conversation_of
from tests.conftest import SURVEY_EN


def test_background_answers_are_found_again(filled: Assistant) -> None:
    conversation = filled.conversations.start(QUESTION)
    job = filled.start_answer(QUESTION, conversation)
    assert filled.conversations.messages(conversation)[0].text == QUESTION, "saved before it is answered"
    assert filled.running_answer(conversation) in (job, None)
    assert answer_of(list(job.follow())).citations
    assert filled.running_answer(conversation) is None
    with pytest.raises(QuestionError):
        filled.start_answer(" ", conversation)
    question = filled.conversations.messages(conversation)[0].id
    again = filled.answer_again(question, conversation)
    assert again is not None and answer_of(list(again.follow())).citations
    assert [m.role for m in filled.conversations.messages(conversation)] == ["user", "assistant"]
    assert len(filled.conversations.variants(conversation)) == 2, "the first answer is kept beside it"
    assert filled.answer_again(12345, conversation) is None


def test_an_early_answer_made_again_is_shown_and_the_later_turns_are_kept(filled: Assistant) -> None:
    conversation = conversation_of(filled, "Quelle est la profondeur du forage F2 ?", "Et son débit ?")
    first, *_, last = filled.conversations.messages(conversation)
    job = filled.answer_again(first.id, conversation)
    assert job is not None and answer_of(list(job.follow())).citations
    shown = filled.conversations.messages(conversation)
    assert len(shown) == 2 and shown[1].parent == first.id and shown[1].id > last.id
    filled.conversations.show(conversation, last.id)
    assert len(filled.conversations.messages(conversation)) == 4


def test_what_was_shown_comes_back_when_the_answer_made_again_is_stopped(filled: Assistant) -> None:
    conversation = conversation_of(filled, "Quelle est la profondeur du forage F2 ?", "Et son débit ?")
    turns = filled.conversations.messages(conversation)
    blocked = threading.Event()

    def wait(cancelled):  # type: ignore[no-untyped-def]
        yield AnswerEvent(step="searching")
        blocked.wait(60)

    waiting = filled.answers.submit(wait)
    job = filled.answer_again(turns[0].id, conversation)
    assert job is not None and len(filled.conversations.messages(conversation)) == 1
    job.cancel()
    blocked.set()
    list(waiting.follow())
    list(job.follow())
    assert filled.running_answer(conversation) is None
    assert [m.id for m in filled.conversations.messages(conversation)] == [m.id for m in turns]


def test_an_edited_question_is_asked_with_the_turns_before_it(filled: Assistant) -> None:
    conversation = conversation_of(filled, "Quelle est la profondeur du forage F2 ?", "Et son débit ?")
    turns = filled.conversations.messages(conversation)
    answer = answer_of(list(filled.start_answer("Et sa profondeur ?", conversation, after=turns[1].id).follow()))
    assert not answer.refused and answer.citations[0].document == "combe-noire.md"
    shown = [m.text for m in filled.conversations.messages(conversation)]
    assert len(shown) == 4 and shown[2] == "Et sa profondeur ?"
    filled.conversations.show(conversation, turns[2].id)
    assert [m.text for m in filled.conversations.messages(conversation)] == [m.text for m in turns]


def test_a_question_is_asked_of_the_documents_of_its_scope(filled: Assistant) -> None:
    ids = {d.name: d.id for d in filled.library.store.documents()}
    well, survey = ids["combe-noire.md"], ids["harbour-lane.txt"]

    def asked(scope: Scope | None) -> Answer:
        conversation = filled.conversations.start(QUESTION)
        return answer_of(list(filled.start_answer(QUESTION, conversation, scope=scope).follow()))

    cited = asked(None).citations[0].document_id
    other = survey if cited == well else well
    assert {c.document_id for c in asked(Scope(documents=(cited,))).citations} == {cited}
    elsewhere = asked(Scope(documents=(other,)))
    assert elsewhere.refused and {p.passage.document_id for p in elsewhere.passages} <= {other}
    assert asked(Scope(documents=("gone",))).refused
    collection = filled.collections.create("Forages")
    assert asked(Scope(collection)).refused, "it is empty"
    filled.collections.add(collection, [cited])
    assert {c.document_id for c in asked(Scope(collection)).citations} == {cited}
    first = asked(Scope(documents=(other,), only=False))
    assert first.citations[0].document_id == cited, "all documents, where these hold no answer"


def test_files_given_with_a_question_are_added_and_searched_first(ert: Assistant) -> None:
    files = [Source("survey.txt", SURVEY_EN.encode()), Source("empty.txt", b" "), Source("x.pdf", b"%PDF-1.4 broken")]
    conversation = ert.conversations.start(QUESTION)
    events = list(ert.start_answer(QUESTION, conversation, sources=files, language="fr").follow())
    assert [d.name for d in ert.library.store.documents()] == ["survey.txt"]
    answer = answer_of(events)
    assert {c.document for c in answer.citations} == {"survey.txt"}
    assert answer.notice
    told = answer.notice.splitlines()
    assert len(told) == 2 and "empty.txt" in told[0] and "x.pdf" in told[1], "a line for each"
    question = ert.conversations.messages(conversation)[0]
    assert question.scope is not None and not question.scope.only and len(question.scope.documents) == 3


def test_answering_again_may_go_beyond_the_scope(filled: Assistant) -> None:
    conversation = filled.conversations.start(QUESTION)
    assert answer_of(
        list(filled.start_answer(QUESTION, conversation, scope=Scope(documents=("gone",))).follow())
    ).refused
    job = filled.answer_again(filled.conversations.messages(conversation)[0].id, conversation, widely=True)
    assert job is not None and answer_of(list(job.follow())).citations


def test_a_question_that_finds_the_queue_full_is_not_kept(filled: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = filled.conversations.start(QUESTION)
    monkeypatch.setattr(filled.answers, "_max_waiting", 0)
    with pytest.raises(QueueFullError):
        filled.start_answer(QUESTION, conversation)
    assert filled.conversations.messages(conversation) == []
