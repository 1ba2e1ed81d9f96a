"""The prompts of one conversation: each begins with the one before, and a number names one passage."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ert_core.prompts import build_prompt
from ert_core.types import Answer, Message
from tests.prompt_parts import conversation_prompts, count, scored, written

turns = st.lists(
    st.tuples(
        st.sampled_from(["How deep is the well?", "Et la pompe ?", "why"]),
        st.text(max_size=300).filter(str.strip),
        st.lists(st.integers(0, 9), unique=True, max_size=4),
    ),
    max_size=14,
)


def rendered(messages: list[dict[str, str]]) -> str:
    """The chat as templates write it: a message after the other."""
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)


@given(turns, st.integers(1, 900), st.integers(300, 5000))
def test_a_prompt_is_the_start_of_the_next_one(asked: list[tuple[str, str, list[int]]], size: int, budget: int) -> None:
    for limit in (budget, 10**6):
        prompts = [p.messages for p in conversation_prompts(asked, size, limit)]
        for before, after in zip(prompts, prompts[1:], strict=False):
            same = rendered(after).startswith(rendered(before))
            assert same or limit == budget, "where nothing has to go"
            assert after[0] == before[0], "the system text never changes in a conversation"


@given(turns, st.integers(1, 400), st.integers(400, 5000))
def test_a_number_names_its_passage_and_none_stands_twice(
    asked: list[tuple[str, str, list[int]]], size: int, budget: int
) -> None:
    for prompt in conversation_prompts(asked, size, budget):
        text = rendered(prompt.messages)
        for n, found in enumerate(prompt.passages, start=1):
            assert text.count(f'<passage n="{n}">\n{found.passage.text}\n</passage>') == 1
        assert len({p.passage.id for p in prompt.passages}) == len(prompt.passages)
        assert {p.passage.id for p in prompt.passages} == {p.passage.id for p in (*prompt.found, *prompt.earlier)}
        assert not {p.passage.id for p in prompt.found} & {p.passage.id for p in prompt.earlier}


def test_passages_that_stand_above_are_named_not_repeated() -> None:
    one, two, three = (scored(f"text {n}", n) for n in (1, 2, 3))
    history = [Message("user", "How deep is it?"), Message("assistant", "Deep [1].", written("Deep [1].", [one, two]))]
    prompt = build_prompt("And how wide is it?", "en", [two, three], history, budget=10_000, count_tokens=count)
    last = prompt.messages[-1]["content"]
    assert '<passage n="3">\ntext 3' in last and "text 2" not in last and "given above: [2]" in last
    assert prompt.passages == (one, two, three) and prompt.found == (two, three) and prompt.earlier == (one,)
    again = build_prompt("And how wide is it?", "en", [two], history, budget=10_000, count_tokens=count)
    assert "<passage" not in again.messages[-1]["content"]


def test_markers_follow_their_passages_when_older_turns_are_gone() -> None:
    one, two = scored("text 1", 1), scored("text 2", 2)
    late = Answer(
        "Wide [2]. Deep [1].", "written", "en", written("", [one, two]).citations, (two,), earlier_passages=(one,)
    )
    history = [Message("user", "How wide?"), Message("assistant", late.text, late)]
    prompt = build_prompt("Why is it?", "en", [], history, budget=10_000, count_tokens=count)
    assert prompt.passages == (two,)
    assert prompt.messages[2]["content"] == "Wide [1]. Deep.", "[2] is number 1 here, and [1] is not here any more"


def test_a_marker_stays_where_passages_overlap() -> None:
    one, two = scored("text 1", 1), scored("text 2", 2)
    beside = replace(two, passage=replace(two.passage, document_id=one.passage.document_id, start=1003, end=1020))
    cited = replace(written("", [one, beside]).citations[1], start=1004)  # within both of them
    answer = Answer("Wide [2].", "written", "en", (replace(cited, n=2),), (one, beside))
    history = [Message("user", "How wide?"), Message("assistant", answer.text, answer)]
    prompt = build_prompt("Why is it?", "en", [], history, budget=10_000, count_tokens=count)
    assert prompt.messages[2]["content"] == "Wide [2].", "what the model read of it stands"


def test_only_written_answers_stand_under_passages() -> None:
    quotes = Answer("« 48 m » [1]", "quotes", "en", written("", [scored("48 m")]).citations, (scored("48 m"),))
    history = [Message("user", "How deep?"), Message("assistant", quotes.text, quotes)]
    prompt = build_prompt("Why is it?", "en", [], history, budget=10_000, count_tokens=count)
    assert prompt.passages == () and prompt.messages[2]["content"] == "« 48 m »"
