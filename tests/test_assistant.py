"""The engine: questions checked, turns saved, written answers with a real (tiny) model of transformers."""

import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ert_core.assistant import Assistant, is_answered
from ert_core.citations import MARKER
from ert_core.errors import LanguageModelError, QuestionError, QueueFullError, SettingsError
from ert_core.language_model import GenerationStep, LanguageModel
from ert_core.settings import Settings
from ert_core.types import Answer, AnswerEvent, Source
from tests.conftest import SURVEY_EN, WELL_FR, add
from tests.tiny_model import build_tiny_model

QUESTION = "How many electrodes were used?"


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real Qwen2-shaped model with random weights, on the words of the test documents."""
    return build_tiny_model(tmp_path_factory.mktemp("tiny"), vocabulary_texts=[SURVEY_EN, WELL_FR])


@pytest.fixture
def written(filled: Assistant, tiny_model: Path) -> Assistant:
    """An engine that writes its answers, at most 24 tokens long."""
    filled.change_settings(llm=str(tiny_model), answer_mode="written", max_new_tokens_cpu=24)
    return filled


def answer_of(events: list[AnswerEvent]) -> Answer:
    assert events[-1].answer is not None
    assert all(e.answer is None for e in events[:-1])
    return events[-1].answer


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


def test_written_answers_stream_and_join_to_the_text(written: Assistant) -> None:
    events = list(written.ask(QUESTION))
    answer = answer_of(events)
    assert answer.mode == "written" and answer.finish_reason in ("stop", "length")
    assert 0 < answer.new_tokens <= 24 and answer.prompt_tokens > 50
    assert [e.step for e in events if e.step][:3] == ["searching", "loading_model", "reading_sources"]
    streamed = "".join(e.delta for e in events).strip()
    # markers alone may be missing (of passages that do not exist) or have moved before a full stop
    assert MARKER.sub("", answer.text) == MARKER.sub("", streamed)
    assert all(filled_passage.document_name for filled_passage in answer.passages)


WRITES = (
    "Here is what they say: The survey used 72 ", "electrodes [2]. Dr. Hale measured", " 9 lines [8]. ",
    "The leachate plume lies near the eastern embankment",
)  # fmt: skip


@pytest.fixture
def scripted(written: Assistant, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """An engine whose loaded model writes a known answer, until it is stopped."""

    def generate(self, messages, options, cancelled):  # type: ignore[no-untyped-def]
        for n, piece in enumerate(WRITES, start=1):
            if cancelled.is_set():
                break
            yield GenerationStep(delta=piece, new_tokens=n)
        yield GenerationStep(finish_reason="cancelled" if cancelled.is_set() else "stop", new_tokens=n)

    monkeypatch.setattr(LanguageModel, "generate", generate)
    return written


def test_sentences_are_checked_while_they_are_written(scripted: Assistant) -> None:
    events = list(scripted.ask(QUESTION))
    answer = answer_of(events)
    first = next(e for e in events if len(e.statements) == 1)
    assert first.text is not None and first.text.startswith("Here is what they say")
    assert events.index(first) < len(events) - 2, "told before the end"
    for event in events:
        assert event.statements == answer.statements[: len(event.statements)]
        assert event.text is None or "[8]" not in event.text
    assert [s.status for s in answer.statements] == ["moved", "unverified", "moved"]
    assert [answer.text[a:b] for s in answer.statements for a, b in s.unsupported_numbers] == ["9"]
    number = answer.statements[0].markers[0]
    assert "72 electrodes" in next(c.quote for c in answer.citations if c.n == number)
    assert all(c.verified and scripted.check(c) for c in answer.citations)
    assert answer.verified_share == pytest.approx(2 / 3)


def test_a_stop_keeps_the_checks_of_what_was_written(scripted: Assistant) -> None:
    conversation = scripted.conversations.start(QUESTION)
    cancelled = threading.Event()
    events = []
    for event in scripted.ask(QUESTION, conversation_id=conversation, cancelled=cancelled):
        events.append(event)
        if event.statements:
            cancelled.set()
    answer = answer_of(events)
    assert answer.finish_reason == "cancelled" and answer.statements[0].status == "moved"
    assert MARKER.sub("", answer.text).endswith("Dr. Hale measured") and len(answer.statements) == 2
    assert scripted.conversations.messages(conversation)[-1].answer == answer


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

    def other(query, k):  # type: ignore[no-untyped-def]
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


def test_an_idle_model_leaves_the_memory_and_comes_back(written: Assistant) -> None:
    first = answer_of(list(written.ask(QUESTION)))
    model = written.answering.model
    assert model is not None and model.loaded
    left = threading.Event()
    unload = model.unload
    model.unload = lambda: (unload(), left.set())  # type: ignore[assignment, method-assign, func-returns-value]
    written.answering.idle.apply(0.01)
    assert left.wait(30) and not model.loaded
    written.change_settings(idle_unload_minutes=0)
    assert answer_of(list(written.ask(QUESTION))).text == first.text
    assert model.loaded and not [t for t in threading.enumerate() if t.name == "ert-idle"], "0 is never"


def test_a_replaced_model_is_never_loaded_again_beside_the_new_one(
    written: Assistant, tiny_model: Path, tmp_path: Path
) -> None:
    another = shutil.copytree(tiny_model, tmp_path / "another")
    steps = written.ask(QUESTION, fall_back=True)
    while next(steps).step != "loading_model":
        pass
    old = written.answering.model
    written.change_settings(llm=str(another))
    answer = answer_of([*steps])
    assert old is not None and not old.loaded and written.answering.model is not old
    assert answer.mode == "quotes" and "was replaced" in (answer.notice or "")
    assert answer_of(list(written.ask(QUESTION))).mode == "written"
    assert not old.loaded


def test_temperature_zero_repeats(written: Assistant) -> None:
    first, second = (answer_of(list(written.ask(QUESTION))) for _ in range(2))
    assert first.text == second.text


def test_no_evidence_calls_no_model(written: Assistant) -> None:
    answer = answer_of(list(written.ask("Qui a peint la Joconde ?")))
    assert answer.refused
    assert written.answering.model is not None and not written.answering.model.loaded


def test_a_stopped_answer_is_kept_and_marked(written: Assistant) -> None:
    written.change_settings(max_new_tokens_cpu=800)
    conversation = written.conversations.start(QUESTION)
    cancelled = threading.Event()
    events = []
    for event in written.ask(QUESTION, conversation_id=conversation, cancelled=cancelled):
        events.append(event)
        if sum(bool(e.delta) for e in events) >= 3:
            cancelled.set()
    answer = answer_of(events)
    assert answer.finish_reason == "cancelled" and 0 < answer.new_tokens < 100
    assert written.conversations.messages(conversation)[-1].answer == answer
    written.change_settings(max_new_tokens_cpu=16)
    assert answer_of(list(written.ask(QUESTION))).finish_reason in ("stop", "length")


def test_a_missing_model_is_an_error_or_quotes_with_a_notice(filled: Assistant, tmp_path: Path) -> None:
    filled.change_settings(llm=str(tmp_path / "nowhere"))
    with pytest.raises(LanguageModelError):
        list(filled.ask(QUESTION, mode="written"))
    answer = answer_of(list(filled.ask(QUESTION, mode="written", fall_back=True)))
    assert answer.mode == "quotes" and "nowhere" in (answer.notice or "")
    assert answer.citations[0].quote.startswith("The survey used 72")
    filled.change_settings(llm="")
    with pytest.raises(LanguageModelError, match="No language model"):
        list(filled.ask(QUESTION, mode="written"))


def test_changed_settings_survive_a_restart_and_bad_ones_are_refused(filled: Assistant) -> None:
    filled.change_settings(passages=3)
    with pytest.raises(SettingsError):
        filled.change_settings(passages=0)
    again = Assistant(Settings.load(home=filled.settings.home))
    assert again.settings.passages == 3
    filled.change_settings(passages=None)
    assert filled.settings.passages == 5


def test_background_answers_are_found_again(filled: Assistant) -> None:
    conversation = filled.conversations.start(QUESTION)
    job = filled.start_answer(QUESTION, conversation)
    assert filled.conversations.messages(conversation)[0].text == QUESTION, "saved before it is answered"
    assert filled.running_answer(conversation) in (job, None)
    assert answer_of(list(job.follow())).citations
    assert filled.running_answer(conversation) is None
    with pytest.raises(QuestionError):
        filled.start_answer(" ", conversation)
    list(filled.start_answer(QUESTION, conversation, anyway=True).follow())
    assert [m.role for m in filled.conversations.messages(conversation)] == ["user", "assistant", "assistant"]


def test_a_question_that_finds_the_queue_full_is_not_kept(filled: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = filled.conversations.start(QUESTION)
    monkeypatch.setattr(filled.answers, "_max_waiting", 0)
    with pytest.raises(QueueFullError):
        filled.start_answer(QUESTION, conversation)
    assert filled.conversations.messages(conversation) == []


def test_background_ingestion(ert: Assistant) -> None:
    job = ert.start_ingest([Source("a.txt", SURVEY_EN.encode()), Source("b.md", WELL_FR.encode())])
    reports = [e.report for e in job.follow() if e.report]
    assert [r.status for r in reports] == ["added", "added"]
    assert add(ert, Source("c.txt", SURVEY_EN.encode()))[0].status == "duplicate"


def test_gpu_mode_moves_the_model_and_the_embeddings_and_changes_the_cap(
    written: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That weights really move is tested with the model itself; this is that both are told, at once."""
    model = written.answering.model
    assert model is not None and model.cap == 24
    moved: list[str] = []
    monkeypatch.setattr("ert_core.devices.cuda_status", lambda: (True, "available"))
    monkeypatch.setattr(written.embeddings(), "move_to", moved.append)
    monkeypatch.setattr(
        type(model), "move_to", lambda self, device: (moved.append(device), setattr(self, "device", device))
    )
    written.change_settings(gpu=True)
    assert moved == ["cuda", "cuda"]
    assert written.answering.model is model and model.cap == 2500
    written.change_settings(gpu=False)
    assert moved[2:] == ["cpu", "cpu"] and model.cap == 24


def test_another_cap_or_thread_count_does_not_load_the_model_again(written: Assistant) -> None:
    list(written.ask(QUESTION))
    model = written.answering.model
    assert model is not None and model.loaded
    written.change_settings(max_new_tokens_cpu=30, threads=1)
    list(written.ask(QUESTION))
    assert written.answering.model is model and model.loaded and model.cap == 30
    import torch

    assert torch.get_num_threads() == 1
    written.change_settings(threads=None)


def test_the_thread_limits_reach_torch_in_the_thread_that_writes(tiny_model: Path) -> None:
    script = f"""
import threading, ert_core, torch
from ert_core.language_model import LanguageModel
model = LanguageModel({str(tiny_model)!r}, threads=1, interop_threads=1, cap_cpu=2)
def write():
    list(model.generate([{{"role": "user", "content": "x"}}]))
    print(torch.get_num_threads(), torch.get_num_interop_threads())
model.load()
thread = threading.Thread(target=write)
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]


def conversation_of(engine: Assistant, *questions: str) -> str:
    conversation = engine.conversations.start(questions[0])
    for question in questions:
        list(engine.ask(question, conversation_id=conversation))
    return conversation


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
    job = filled.start_answer(question, conversation, anyway=True)
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


def test_no_thread_computes_after_the_end(ert: Assistant) -> None:
    """A thread inside torch when Python ends aborts the process."""
    job = ert.start_ingest([Source(f"{n}.txt", f"Report {n}. {SURVEY_EN * 200}".encode()) for n in range(4)])
    while not any(event.step == "embedding" for event in job.events(timeout=None)):
        assert not job.done
    ert.close()
    assert job.done and len([e for e in job.events() if e.report is not None]) < 4
    assert not [t.name for t in threading.enumerate() if t.name.startswith("ert-")]
