"""A question to the engine and the answer it ends with."""

from ert_core.assistant import Assistant
from ert_core.types import Answer, AnswerEvent

QUESTION = "How many electrodes were used?"


def answer_of(events: list[AnswerEvent]) -> Answer:
    """The answer, which the last event holds and no other."""
    assert events[-1].answer is not None
    assert all(e.answer is None for e in events[:-1])
    return events[-1].answer


def conversation_of(engine: Assistant, *questions: str) -> str:
    """The id of a conversation in which the questions were asked and answered."""
    conversation = engine.conversations.start(questions[0])
    for question in questions:
        list(engine.ask(question, conversation_id=conversation))
    return conversation
