"""Text of documents in Streamlit's Markdown, against the replacements its page makes after parsing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.ui.markdown import JOINER, escaped, escaped_lines, marked

# What Streamlit 1.67's page (StreamlitMarkdown.*.js, remark-emoji.*.js) looks for in the text of the parsed
# Markdown. JavaScript's white space is Python's and U+FEFF; its \w is ASCII.
SPACE = r"[\s\ufeff]"
REPLACED = [
    *(re.compile(rf"(^|{SPACE}){pair}({SPACE}|\Z)") for pair in ("<->", "->", "<-", "--", ">=", "<=", "~=")),
    re.compile(r":\+1:|:-1:|:[\w-]+:", re.ASCII),
    re.compile(r":material_(\w+):", re.ASCII),
    re.compile(r":streamlit:"),
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.ASCII | re.IGNORECASE),
    re.compile(r"[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.ASCII),
]
PARTS = ["<->", "->", "<-", "--", ">=", "<=", "~=", ":smile:", ":+1:", ":material_home:", ":streamlit:", ":a:b:"]
PARTS += [
    "https://x.org",
    "www.x.org",
    "WWW.x.org",
    "me@x.org",
    " ",
    "\ufeff",
    "\u00a0",
    "a",
    "1.",
    "# ",
    "[1]",
    "\\",
    "$x$",
]


def parsed(markdown: str) -> str:
    """The text of Markdown that holds backslash escapes only."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def shown(markdown: str) -> str:
    return parsed(markdown).replace(JOINER, "")


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3)).map("".join))
def test_escaped_text_is_shown_as_written(text: str) -> None:
    text = text.replace(JOINER, "")
    assert shown(escaped(text)) == text
    assert not any(pattern.search(parsed(escaped(text))) for pattern in REPLACED)


@given(st.text(alphabet="ab \t.[]#*1-", max_size=30))
def test_every_punctuation_mark_is_escaped(text: str) -> None:
    assert not re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped(text)).strip("ab \t1" + JOINER)


@pytest.mark.parametrize("text", ["a->b", "x>=5", "at 12:30", "a: b", "@home", "httpd", "---", "a - b", "5 > 3"])
def test_text_that_streamlit_leaves_alone_gets_no_joiner(text: str) -> None:
    assert JOINER not in escaped(text)


@pytest.mark.parametrize("text", ["a -> b", "--", "x >=", ":smile:", "http://x.org", "www.x.org", "me@x.org"])
def test_text_that_streamlit_replaces_gets_one_joiner(text: str) -> None:
    assert escaped(text).count(JOINER) == 1


def test_lines_are_kept_and_indentation_is_not_code() -> None:
    assert escaped_lines("one\n    two\n\n\tthree") == "one  \ntwo  \n  \nthree"
    assert "\n" not in escaped_lines("one two")


def test_the_marked_characters_are_those_of_the_quote() -> None:
    text = "Title\n\nBefore (the\n  quote -> x). After"
    start, end = text.index("the"), text.index(").")
    assert marked(text, (start, end)) == (
        f"Title  \n  \nBefore \\(:green-background[the]  \n:green-background[quote \\-{JOINER}\\> x]\\)\\. After"
    )
    assert marked(text, (0, 0)) == marked(text) == escaped_lines(text)
    assert marked("a b c", (4, 5), (0, 1)) == ":green-background[a] b :green-background[c]"
    assert marked("abc", (-2, 1)) == ":green-background[a]bc"
