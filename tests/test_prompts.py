"""The prompt: budget never passed, what goes first when it is tight, and the language it asks for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.languages import detect_language
from ert_core.prompt_layout import Prompt, lay_out, neutralised
from ert_core.prompts import answered_questions, build_prompt
from ert_core.types import Message, ScoredPassage
from tests.prompt_parts import conversation_prompts, count, scored, written


@given(
    st.text(max_size=400),
    st.lists(st.text(max_size=800), max_size=6),
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=800), st.integers(0, 4)), max_size=12),
    st.integers(250, 2500),
)
def test_the_budget_is_never_passed_and_the_roles_alternate(
    question: str, passages: list[str], turns: list[tuple[Any, str, int]], budget: int
) -> None:
    """Whatever the history: with answers that had passages, in part the same ones, and without."""
    found = [scored(t, n) for n, t in enumerate(passages)]
    history = [
        Message(role, text, written(text, found[:n]) if role == "assistant" else None) for role, text, n in turns
    ]
    prompt = build_prompt(question, "fr", found, history, budget=budget, count_tokens=count)
    assert count(prompt.messages) <= budget
    roles = [m["role"] for m in prompt.messages]
    assert roles == ["system", *["user", "assistant"] * (len(roles) // 2 - 1), "user"]
    pairs = answered_questions(history)
    kept = len(roles) // 2 - 1
    assert [m["content"] for m in prompt.messages[2::2]] == [neutralised(a.text) for _, a in pairs[len(pairs) - kept :]]
    assert [p.passage.text for p in prompt.found] == passages[: len(prompt.found)]
    assert len(prompt.passages) == sum(m["content"].count("<passage n=") for m in prompt.messages)
    if len(prompt.found) == len(passages):
        fitting = next(
            (n for whole in (True, False) if (n := fits_at_most(pairs, prompt, question, found, budget, whole))), 0
        )
        assert fitting // 2 <= kept <= fitting, "a block goes, not more than half of what fits"


def fits_at_most(
    pairs: list[Any], prompt: Prompt, question: str, found: list[ScoredPassage], budget: int, whole: bool
) -> int:
    """How many of the last pairs fit before the whole last message, with or without their passages."""
    system = "fr" if "Tu réponds" in prompt.messages[0]["content"] else "en"
    language = detect_language(question, "fr")
    sizes = [
        count(lay_out(system, pairs[len(pairs) - n :], question, language, found, with_passages=whole).messages)
        for n in range(len(pairs) + 1)
    ]
    return max((n for n, size in enumerate(sizes) if size <= budget), default=0)


def test_where_no_turn_fits_with_its_passages_turns_stand_without() -> None:
    asked = [("How deep is it?", "Deep. " * 5, [n]) for n in range(6)]
    tight = conversation_prompts(asked, 1500, 700)[-1]
    roomy = conversation_prompts(asked, 1500, 10_000)[-1]
    assert len(tight.passages) == 1 and len(tight.messages) > 6
    assert len(roomy.passages) == 6 and len(roomy.messages) == 12


def test_the_history_is_dropped_in_blocks() -> None:
    asked = [(f"question {n:02}", "answer " * 20, [n]) for n in range(40)]
    prompts = [p.messages for p in conversation_prompts(asked, 40, 900)]
    firsts = [p[1]["content"].split("Question:")[1] for p in prompts[1:]]
    assert all(count(p) <= 900 for p in prompts)
    changes = sum(a != b for a, b in zip(firsts, firsts[1:], strict=False))
    longest = max(len(p) // 2 - 1 for p in prompts)
    assert longest >= 8 and 0 < changes <= 39 // (longest // 4), "one change in several turns, not one a turn"
    assert min(len(p) // 2 - 1 for p in prompts[longest + 1 :]) >= longest // 2


def test_history_goes_before_passages() -> None:
    passages = [scored("first passage " * 20, 1), scored("second passage " * 20, 2)]
    history = [Message("user", "old " * 100), Message("assistant", "older " * 100)]
    roomy = build_prompt("q", "en", passages, history, budget=10_000, count_tokens=count)
    assert len(roomy.messages) == 4 and len(roomy.passages) == 2
    without_history = count(build_prompt("q", "en", passages, [], budget=10_000, count_tokens=count).messages)
    tight = build_prompt("q", "en", passages, history, budget=without_history, count_tokens=count)
    assert len(tight.messages) == 2 and len(tight.passages) == 2
    tighter = build_prompt("q", "en", passages, history, budget=without_history - 1, count_tokens=count)
    assert [p.passage.id for p in tighter.passages] == [1]


def test_history_is_answered_questions() -> None:
    turns = "u:lost u:q1 a:refused a:anyway u:q2 a: u:q3 a:r3 u:open"
    history = [Message("user" if t[0] == "u" else "assistant", t[2:]) for t in ["a:stray", *turns.split()]]
    assert [(q.text, a.text) for q, a in answered_questions(history)] == [("q1", "anyway"), ("q3", "r3")]


@pytest.mark.parametrize("budget", [600, 3000, 6000])
def test_a_long_history_is_counted_a_few_times(budget: int) -> None:
    history = [Message("user" if i % 2 == 0 else "assistant", "word " * 20) for i in range(200)]
    counts = []

    def counted(messages: list[dict[str, str]]) -> int:
        counts.append(len(messages))
        return count(messages)

    prompt = build_prompt("q", "en", [scored("p " * 400)], history, budget=budget, count_tokens=counted)
    assert count(prompt.messages) <= budget and len(counts) <= 9
    assert len(prompt.messages) > 2


def test_a_question_over_the_budget_is_cut() -> None:
    prompt = build_prompt("q" * 4000, "en", [scored("p")], [], budget=300, count_tokens=count)
    assert count(prompt.messages) <= 300 and prompt.passages == ()
    assert "qqqq" in prompt.messages[-1]["content"]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Quelle est la profondeur du forage ?", "Réponds en français, à partir"),
        ("How deep is the borehole?", "Answer in English, from"),
        ("Wie tief ist das Bohrloch, und wer hat die Pumpe im letzten Jahr ersetzt?", "language of the question"),
    ],
)
def test_the_language_of_the_question_is_asked_for_last(question: str, asked: str) -> None:
    prompt = build_prompt(question, "en", [scored("p")], [], budget=1000, count_tokens=count)
    assert asked in prompt.messages[-1]["content"].splitlines()[-1]
    french = "Tu réponds" in prompt.messages[0]["content"]
    assert french == question.startswith("Quelle")


def test_a_switch_of_language_changes_the_last_message_only() -> None:
    history = [Message("user", "How deep is the borehole?"), Message("assistant", "112 m [1]")]
    english = build_prompt("How much did it cost?", "en", [], history, budget=1000, count_tokens=count).messages
    french = build_prompt("Et combien a-t-il coûté ?", "fr", [], history, budget=1000, count_tokens=count).messages
    assert french[:-1] == english[:-1]
    assert "Réponds en français" in french[-1]["content"] and "Answer in English" in english[-1]["content"]
