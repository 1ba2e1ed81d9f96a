"""Files of questions: what is read, and what is refused with the number of its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.errors import ErtError, QuestionError
from ert_core.question_sets import KnownQuestion, normalised, read_questions, read_unanswerable, same_document

GOOD = '{"question": "How deep?", "answers": ["48.5 m"], "document": "well.md"}'


def test_a_file_is_read_with_its_byte_order_mark_and_empty_lines() -> None:
    other = json.dumps({"question": " Où\u2028donc ? ", "answers": ["", "ici"], "document": None}, ensure_ascii=False)
    content = f"\ufeff{GOOD}\r\n\r\n{other}\n".encode()
    assert read_questions(content, "q.jsonl", longest=100) == [
        KnownQuestion("How deep?", ("48.5 m",), "well.md"),
        KnownQuestion("Où\u2028donc ?", ("ici",), None),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("not json", "questions_line_json"),
        ('["question"]', "questions_line_json"),
        ("[" * 100_000, "questions_line_json"),
        ('{"answers": ["a"]}', "questions_line_question"),
        ('{"question": "  ", "answers": ["a"]}', "questions_line_question"),
        ('{"question": 3, "answers": ["a"]}', "questions_line_question"),
        ('{"question": "a"}', "questions_line_answers"),
        ('{"question": "a", "answers": []}', "questions_line_answers"),
        ('{"question": "a", "answers": "b"}', "questions_line_answers"),
        ('{"question": "a", "answers": [" "]}', "questions_line_answers"),
        ('{"question": "a", "answers": ["b"], "document": 7}', "questions_line_document"),
        (json.dumps({"question": "a" * 101, "answers": ["b"]}), "questions_line_long"),
    ],
)
def test_a_bad_line_is_named(line: str, code: str) -> None:
    with pytest.raises(QuestionError) as error:
        read_questions(f"{GOOD}\n\n{line}\n".encode(), "mine.jsonl", longest=100)
    assert error.value.code == code
    for language in ("fr", "en"):
        assert " 3 " in error.value.in_language(language)[0] and "mine.jsonl" in error.value.in_language(language)[0]


@pytest.mark.parametrize("content", [b"", b"\n \r\n", "\ufeff".encode()])
def test_a_file_without_a_question_is_told(content: bytes) -> None:
    for read in (read_questions, read_unanswerable):
        with pytest.raises(QuestionError) as error:
            read(content, "q.jsonl", longest=100)
        assert error.value.code == "questions_none"


def test_a_file_that_is_not_utf8_is_told() -> None:
    for content in (f"{GOOD}\n".encode() + "été".encode("latin-1"), GOOD.encode("utf-16")):
        with pytest.raises(QuestionError) as error:
            read_questions(content, "q.jsonl", longest=100)
        assert error.value.code == "questions_encoding"


def test_unanswerable_questions_need_no_answer() -> None:
    content = b'{"question": "Who?", "answers": [], "document": null}\n{"question": "When?"}'
    assert [q.question for q in read_unanswerable(content, "u.jsonl", longest=100)] == ["Who?", "When?"]
    with pytest.raises(QuestionError, match="Line 1"):
        read_unanswerable(b'{"answers": []}', "u.jsonl", longest=100)


def test_a_hit_folds_case_and_white_space_and_asks_for_the_document() -> None:
    known = KnownQuestion("?", ("Straße  48,5 M",), "well.md")
    assert known.answered_by("well.md", "in the STRASSE\n48,5\u00a0m deep")
    assert known.answered_by("deep/well.md", "strasse 48,5 m")
    assert not known.answered_by("farewell.md", "strasse 48,5 m")
    assert not known.answered_by("well.md", "strasse 48.5 m")
    assert KnownQuestion("?", ("a",), None).answered_by("any.txt", "A")
    assert not KnownQuestion("?", (), None).answered_by("any.txt", "A")


def test_a_name_is_matched_as_shown_or_without_its_folder() -> None:
    assert same_document("a\\b\\c.txt", "b/c.txt") and same_document("é.txt", "e\u0301.txt")
    assert not same_document("c.txt", "b/c.txt") and not same_document("bc.txt", "c.txt")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_give_questions_or_an_error_for_people(content: bytes) -> None:
    try:
        assert read_questions(content, "q", longest=50)
    except ErtError as error:
        assert error.message and error.in_language("fr")[1]


@given(st.text(max_size=40), st.sampled_from([" ", "\n", "\t\u00a0", "\r\n  "]))
def test_white_space_and_case_make_no_difference(text: str, space: str) -> None:
    assert normalised(space + text.replace(" ", space) + space) == normalised(text)
    assert normalised(normalised(text)).split() == normalised(text).casefold().split()
