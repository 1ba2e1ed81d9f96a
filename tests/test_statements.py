"""Statements of a written answer in the page: their marks, and nothing of the text interpreted."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ert_core.types import Statement
from ert_core.ui.markdown import escaped_lines
from ert_core.ui.statements import with_statements
from tests.test_markdown import shown

TEXT = "It is [1] long.\nIt has 72 rods [2]. It is -> $9$ wide. Next [1"
STATEMENTS = (
    Statement(0, 15, "verified", (1,)),
    Statement(16, 35, "moved", (2,)),
    Statement(36, 54, "unverified", (), ((46, 47),)),
)


def test_each_status_looks_different() -> None:
    marked = with_statements(TEXT, STATEMENTS)
    first, second = marked.split("  \n")
    assert first == "It is :green-badge[1] long\\."
    assert second.startswith("It has 72 rods :blue-badge[2]\\. :orange-background[It is")
    assert ":red-background[9]" in second and second.endswith(" Next \\[1")
    assert ":orange-background[\\$ wide\\.]" in second


def test_paragraphs_stay_and_a_marker_that_is_none_of_the_statements_is_text() -> None:
    assert with_statements("One.\n\nTwo [3].", (Statement(6, 14, "verified", (1,)),)) == "One\\.  \n  \nTwo \\[3\\]\\."


def test_a_badge_holds_the_number_alone_and_marks_never_overlap() -> None:
    assert with_statements("One\t[1].", (Statement(0, 8, "verified", (1,)),)) == "One :green-badge[1]\\."
    marked = with_statements("12 sept", (Statement(0, 7, "unverified", (), ((3, 7), (3, 7))),))
    assert marked.count("sept") == 1


@given(st.text(alphabet="ab .[]1:$*_<>-\n", max_size=40), st.data())
def test_the_text_is_shown_whole_whatever_is_marked(text: str, data: Any) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    start, end = places
    number = ((start, min(start + 2, end)),) if start < end else ()
    marked = with_statements(text, [Statement(start, end, "unverified", (), number)])
    for style in ("orange", "red"):
        marked = marked.replace(f":{style}-background[", "\0")
    # an unescaped bracket closes a mark
    plain = "".join(
        c
        for i, c in enumerate(marked)
        if c != "\0" and not (c == "]" and (len(marked[:i]) - len(marked[:i].rstrip("\\"))) % 2 == 0)
    )
    squeezed = "".join(shown(escaped_lines(text)).split())
    assert "".join(shown(plain).split()) == squeezed
