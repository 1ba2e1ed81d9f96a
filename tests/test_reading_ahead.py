"""What a prompt takes over from the one before it, and the reading ahead that prepares the next."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ert_core.answer_jobs import is_answered
from ert_core.assistant import Assistant
from ert_core.language_model import LanguageModel
from ert_core.settings import Settings
from tests.asked import QUESTION, answer_of
from tests.scripted_model import build_model, scripted_generate, writing


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def written(filled: Assistant, tiny_model: Path) -> Assistant:
    return writing(filled, tiny_model)


@pytest.fixture
def scripted(written: Assistant, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """An engine whose loaded model writes a known answer, until it is stopped."""
    monkeypatch.setattr(LanguageModel, "generate", scripted_generate)
    return written


@pytest.fixture
def prompts(scripted: Assistant, monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, str]]]:
    """The messages that the scripted model was given, and those it was given to read ahead."""
    given: list[list[dict[str, str]]] = []
    generate = LanguageModel.generate
    monkeypatch.setattr(
        LanguageModel,
        "generate",
        lambda self, messages, *rest: given.append(messages) or generate(self, messages, *rest),
    )
    monkeypatch.setattr(LanguageModel, "read_ahead", lambda self, messages, cancelled: given.append(messages))
    return given


def test_a_prompt_begins_with_the_one_before_after_a_restart_too(
    scripted: Assistant, prompts: list[list[dict[str, str]]]
) -> None:
    conversation = scripted.conversations.start(QUESTION)
    first = answer_of(list(scripted.ask(QUESTION, conversation_id=conversation)))
    assert [m["role"] for m in prompts[0]] == ["system", "user"]
    assert prompts[1] == [*prompts[0], {"role": "assistant", "content": first.text}], "read ahead, as it was checked"
    again = Assistant(Settings.load(home=scripted.settings.home))
    again.embedders.share(scripted.embeddings())
    second = answer_of(list(again.ask("And who measured the contact resistances?", conversation_id=conversation)))
    assert prompts[2][:3] == prompts[1]
    asked = prompts[2][-1]["content"]
    for found in first.passages:
        assert found.passage.text not in asked, "what stands above is not given again"
    assert "given above: [" in asked and second.mode == "written"
    again.close()


def test_a_passage_given_with_an_earlier_question_can_be_cited(
    scripted: Assistant, prompts: list[list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = scripted.conversations.start(QUESTION)
    first = answer_of(list(scripted.ask(QUESTION, conversation_id=conversation)))
    search = scripted.answering.search

    def other(query, k, documents=None):  # type: ignore[no-untyped-def]
        found = search(query, k)
        return replace(
            found, sufficient=True, passages=tuple(p for p in found.passages if p.document_name.endswith("md"))
        )

    monkeypatch.setattr(scripted.answering, "search", other)
    second = answer_of(list(scripted.ask("Quelle est la profondeur ?", conversation_id=conversation)))
    survey = next(p for p in first.passages if p.document_name == "harbour-lane.txt")
    assert survey.passage.id not in {p.passage.id for p in second.passages}
    assert survey in second.earlier_passages, "its page can show it"
    assert any(c.document == "harbour-lane.txt" for c in second.citations)
    assert scripted.conversations.messages(conversation)[-1].answer == second
    scripted.library.remove(survey.passage.document_id)
    saved = scripted.conversations.messages(conversation)[-1].answer
    assert saved is not None and not saved.earlier_passages, "a deleted document does not live on"


def test_nothing_is_read_ahead_outside_a_conversation_or_after_a_stop(
    scripted: Assistant, prompts: list[list[dict[str, str]]]
) -> None:
    list(scripted.ask(QUESTION))
    cancelled = threading.Event()
    conversation = scripted.conversations.start(QUESTION)
    for event in scripted.ask(QUESTION, conversation_id=conversation, cancelled=cancelled):
        if event.statements:
            cancelled.set()
    assert [m[-1]["role"] for m in prompts] == ["user", "user"]


def test_reading_ahead_gives_way_to_the_next_question_and_to_a_stop(
    scripted: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, ended = threading.Semaphore(0), threading.Semaphore(0)

    def read_ahead(self, messages, cancelled):  # type: ignore[no-untyped-def]
        reading.release()
        while not cancelled.is_set():
            cancelled.wait(0.001)
        ended.release()

    monkeypatch.setattr(LanguageModel, "read_ahead", read_ahead)
    one, other = (scripted.conversations.start(QUESTION) for _ in range(2))
    first = scripted.start_answer(QUESTION, one)
    assert reading.acquire(timeout=60)
    assert not first.done and is_answered(first) and not ended.acquire(blocking=False), "it reads on while nobody waits"
    assert scripted.running_answer(one) is None, "its answer is there: the page has nothing to wait for"
    second = scripted.start_answer(QUESTION, other)
    assert ended.acquire(timeout=10), "the next question ends it"
    assert reading.acquire(timeout=60) and first.done and is_answered(second)
    second.cancel()
    assert ended.acquire(timeout=10), "a stop ends it"
    assert answer_of(list(second.follow())).text == answer_of(list(first.follow())).text
