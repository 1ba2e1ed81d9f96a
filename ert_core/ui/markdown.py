"""Text of documents, names and models inside Streamlit's Markdown: shown as written, never interpreted."""

from __future__ import annotations

import re

# The word joiner: no width, no line break at it, and no white space to a browser.
JOINER = "\u2060"
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit replaces these after it has parsed the Markdown, where a backslash no longer helps: arrows and
# dashes that stand alone, names of emoji and icons, bare addresses and e-mail addresses. A joiner goes in
# at the end of each match. JavaScript counts U+FEFF as white space, Python does not.
_ENDS = r"(?![^\s\ufeff])"
_REPLACED = re.compile(
    rf"(?<![^\s\ufeff])(?:<(?=->{_ENDS}|[-=]{_ENDS})|-(?=[->]{_ENDS})|[>~](?=={_ENDS}))"
    r"|:(?=[\w+-]+:)"
    r"|(?i:https?(?=://)|www(?=\.))"
    r"|(?<=[\w.+-])@(?=[\w-])"
)
LINE_BREAK = "  \n"


def escaped(text: str) -> str:
    """`text` so that Markdown shows every character of it and makes nothing of it.

    No link, image, formula, emoji, icon, arrow, list or heading. Word joiners, which do not show, are added.
    """
    return _PUNCTUATION.sub(r"\\\1", _REPLACED.sub(rf"\g<0>{JOINER}", text))


def escaped_lines(text: str) -> str:
    """As `escaped`, line breaks kept and indentation not taken for code."""
    return LINE_BREAK.join(escaped(line.strip()) for line in text.splitlines())


def marked(text: str, *spans: tuple[int, int]) -> str:
    """`text` as `escaped_lines` has it, the characters start to end of each of `spans` marked; none overlap."""
    lines = []
    position = 0
    for line in text.splitlines(keepends=True):
        shown = line.strip()
        indent = line.index(shown) if shown else 0
        parts, at = [], 0
        for span in sorted(spans):
            first, last = (min(max(place - position - indent, at), len(shown)) for place in span)
            quote = shown[first:last].strip()
            if quote:
                first = shown.index(quote, first)
                parts.append(f"{escaped(shown[at:first])}:green-background[{escaped(quote)}]")
                at = first + len(quote)
        lines.append("".join(parts) + escaped(shown[at:]))
        position += len(line)
    return LINE_BREAK.join(lines)
