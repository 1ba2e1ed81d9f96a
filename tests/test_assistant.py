"""The engine: questions checked, turns saved, settings kept, work in the background that ends with it."""

import threading

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import QuestionError, SettingsError
from ert_core.settings import Settings
from ert_core.types import Source
from tests.asked import QUESTION, answer_of
from tests.conftest import SURVEY_EN, WELL_FR, add


@pytest.mark.parametrize("question", ["", "   \n ", "x" * 100_000])
def test_a_wrong_question_gets_one_sentence_and_changes_nothing(filled: Assistant, question: str) -> None:
    conversation = filled.conversations.start("first")
    for call in (lambda: list(filled.ask(question, conversation_id=conversation)), lambda: filled.search(question)):
        with pytest.raises(QuestionError):
            call()
    assert filled.conversations.messages(conversation) == []


def test_no_documents_is_told(ert: Assistant) -> None:
    with pytest.raises(QuestionError, match="Add documents"):
        list(ert.ask("anything?"))


def test_a_question_during_the_first_ingestion_is_told_to_wait(ert: Assistant) -> None:
    job = ert.start_ingest([Source("a.txt", (SURVEY_EN * 40).encode())])
    with pytest.raises(QuestionError, match="still being added"):
        list(ert.ask("anything?"))
    list(job.follow())
    assert answer_of(list(ert.ask(QUESTION)))


def test_both_turns_are_saved_before_the_answer_is_given(filled: Assistant) -> None:
    conversation = filled.conversations.start(QUESTION)
    for event in filled.ask(QUESTION, conversation_id=conversation):
        if event.answer is not None:
            turns = filled.conversations.messages(conversation)
            assert [t.role for t in turns] == ["user", "assistant"]
            assert turns[1].answer == event.answer


def test_an_answer_tells_its_times_and_its_cost(filled: Assistant) -> None:
    answer = answer_of(list(filled.ask(QUESTION)))
    assert 0 < answer.timings["search"] <= answer.timings["total"]
    assert answer.memory_mb is not None and answer.memory_mb > 100
    assert answer.cpu_peak is None or 0 <= (answer.cpu_mean or 0) <= answer.cpu_peak <= 101


def test_changed_settings_survive_a_restart_and_bad_ones_are_refused(filled: Assistant) -> None:
    filled.change_settings(passages=3)
    with pytest.raises(SettingsError):
        filled.change_settings(passages=0)
    again = Assistant(Settings.load(home=filled.settings.home))
    assert again.settings.passages == 3
    filled.change_settings(passages=None)
    assert filled.settings.passages == 5


def test_background_ingestion(ert: Assistant) -> None:
    job = ert.start_ingest([Source("a.txt", SURVEY_EN.encode()), Source("b.md", WELL_FR.encode())])
    reports = [e.report for e in job.follow() if e.report]
    assert [r.status for r in reports] == ["added", "added"]
    assert add(ert, Source("c.txt", SURVEY_EN.encode()))[0].status == "duplicate"


def test_no_thread_computes_after_the_end(ert: Assistant) -> None:
    """A thread inside torch when Python ends aborts the process."""
    job = ert.start_ingest([Source(f"{n}.txt", f"Report {n}. {SURVEY_EN * 200}".encode()) for n in range(4)])
    while not any(event.step == "embedding" for event in job.events(timeout=None)):
        assert not job.done
    ert.close()
    assert job.done and len([e for e in job.events() if e.report is not None]) < 4
    assert not [t.name for t in threading.enumerate() if t.name.startswith("ert-")]
