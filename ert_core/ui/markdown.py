"""Text of documents, names and models inside Streamlit's Markdown: shown as written, never interpreted."""

from __future__ import annotations

import re

from ert_core.citations import MARKER

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_LINK_START = re.compile(r"(?i)(https?|ftp|mailto|www)(?=[:.])")
_ZERO_WIDTH = "\u200b"


def escaped(text: str) -> str:
    """`text` so that Markdown shows every character of it and makes nothing of it: no link, image or formula."""
    # A zero-width space keeps bare addresses from becoming links.
    broken = _LINK_START.sub(lambda m: m.group()[:-1] + _ZERO_WIDTH + m.group()[-1], text)
    return _PUNCTUATION.sub(r"\\\1", broken.replace("@", "@" + _ZERO_WIDTH))


def escaped_lines(text: str) -> str:
    """As `escaped`, line breaks kept and indentation not taken for code."""
    return "  \n".join(escaped(line.strip()) for line in text.splitlines())


def marked(text: str, start: int, end: int) -> str:
    """`text` escaped, its characters start to end marked."""
    middle = "  \n".join(
        f":green-background[{escaped(line.strip())}]" for line in text[start:end].splitlines() if line.strip()
    )
    return f"{escaped_lines(text[:start])} {middle} {escaped_lines(text[end:])}".strip()


def with_markers(text: str) -> str:
    """An answer escaped, its citation markers [n] set off."""
    parts = []
    position = 0
    for match in MARKER.finditer(text):
        parts.append(escaped(text[position : match.start()]))
        parts.append(f" :green-badge[{match.group(1)}]")
        position = match.end()
    parts.append(escaped(text[position:]))
    return "".join(parts)
