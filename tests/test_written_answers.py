"""Written answers with a real (tiny) model of transformers: streamed, checked, stopped, or replaced by quotes."""

import threading
import time
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.citations import MARKER
from ert_core.errors import LanguageModelError
from ert_core.language_model import GenerationStep, LanguageModel
from ert_core.live_figures import LiveFigures
from tests.asked import QUESTION, answer_of
from tests.scripted_model import build_model, scripted_generate, writing


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def written(filled: Assistant, tiny_model: Path) -> Assistant:
    return writing(filled, tiny_model)


def test_written_answers_stream_and_join_to_the_text(written: Assistant) -> None:
    events = list(written.ask(QUESTION))
    answer = answer_of(events)
    assert answer.mode == "written" and answer.finish_reason in ("stop", "length")
    assert 0 < answer.new_tokens <= 24 and answer.prompt_tokens > 50
    assert [e.step for e in events if e.step][:3] == ["searching", "loading_model", "reading_sources"]
    streamed = "".join(e.delta for e in events).strip()
    # markers alone may be missing (of passages that do not exist) or have moved before a full stop
    assert MARKER.sub("", answer.text) == MARKER.sub("", streamed)
    counts = [e.new_tokens for e in events if e.delta]
    assert counts == sorted(counts) and counts[0] > 0 and counts[-1] <= answer.new_tokens
    assert all(filled_passage.document_name for filled_passage in answer.passages)


@pytest.fixture
def scripted(written: Assistant, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """An engine whose loaded model writes a known answer, until it is stopped."""
    monkeypatch.setattr(LanguageModel, "generate", scripted_generate)
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


def test_the_pace_of_the_answer_at_hand_is_among_the_live_figures(
    written: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates, now = [threading.Event(), threading.Event()], [1000.0]

    def generate(self, messages, options, cancelled):  # type: ignore[no-untyped-def]
        yield GenerationStep(delta="The survey used ", new_tokens=10)
        gates[0].wait(60)
        yield GenerationStep(delta="72 electrodes [2].", new_tokens=34)
        gates[1].wait(60)
        yield GenerationStep(finish_reason="stop", new_tokens=34)

    monkeypatch.setattr(LanguageModel, "generate", generate)
    figures = LiveFigures(written.workers, written.live_figures._being_written, clock=lambda: now[0])
    job = written.start_answer(QUESTION, written.conversations.start(QUESTION))
    paces = []
    for tokens, gate in zip((10, 34), gates, strict=True):
        while job.last is None or job.last.new_tokens < tokens:
            assert not job.done
            time.sleep(0.01)
        sample = figures.samples()[-1]
        paces.append(sample.tokens_per_second)
        assert sample.running == ("answers",)
        now[0] += 2
        gate.set()
    assert list(job.follow())[-1].answer is not None and written.answers.join(60)
    sample = figures.samples()[-1]
    assert paces == [None, 12.0] and sample.tokens_per_second is None and sample.running == ()


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
