"""A written answer in the page: each statement looks as far as it was checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ert_core.citations import MARKER
from ert_core.types import Statement
from ert_core.ui.markdown import LINE_BREAK, escaped
from ert_core.ui.session import t

# Streamlit's colour of each part of a statement; None is plain text.
_BADGES = {"verified": "green", "moved": "blue"}
UNVERIFIED, NUMBER = "orange-background", "red-background"


def with_statements(text: str, statements: Sequence[Statement]) -> str:
    """A written answer as Markdown, nothing of it interpreted, its statements set off by their status.

    Markers become badges, green where the model cited rightly and blue where ERT moved or added the
    citation; unverified statements and numbers that stand in no passage have a background. What comes after
    the last statement is still being written: its markers show as plain text.
    """
    lines = [""]
    for style, part in styled(text, statements):
        for n, piece in enumerate(part.split("\n")):
            if n:
                lines.append("")
            lines[-1] += _shown(style, piece if lines[-1] else piece.lstrip())
    return LINE_BREAK.join(line.rstrip() for line in lines)


def legend(statements: Sequence[Statement]) -> tuple[str, str] | None:
    """A line under the answer that counts what was checked, and its help; None when nothing was."""
    statuses = [s.status for s in statements if s.status != "neutral"]
    if not statuses:
        return None
    parts = [t("statements.supported", number=len(statuses) - statuses.count("unverified"), total=len(statuses))]
    if numbers := sum(len(s.unsupported_numbers) for s in statements):
        parts.append(t("statements.numbers", number=numbers))
    return " · ".join(parts), t("statements.help")


def styled(text: str, statements: Sequence[Statement]) -> Iterator[tuple[str | None, str]]:
    position = 0
    for statement in statements:
        yield None, text[position : statement.start]
        yield from _parts(text, statement)
        position = statement.end
    yield None, text[position:]


def _parts(text: str, statement: Statement) -> Iterator[tuple[str | None, str]]:
    own = UNVERIFIED if statement.status == "unverified" else None
    badge = _BADGES.get(statement.status)
    marks = [(start, end, NUMBER) for start, end in statement.unsupported_numbers]
    if badge:
        for match in MARKER.finditer(text, statement.start, statement.end):
            if int(match.group(1)) in statement.markers:
                marks.append((*match.span(), f"{badge}-badge"))
    position = statement.start
    for start, end, style in sorted(marks):
        if start < position:  # over the mark before
            continue
        yield own, text[position:start]
        yield style, text[start:end]
        position = end
    yield own, text[position : statement.end]


def _shown(style: str | None, piece: str) -> str:
    if style is None or not piece.strip():
        return escaped(piece)
    if style.endswith("-badge"):
        marker = MARKER.match(piece)
        return f" :{style}[{marker[1] if marker else escaped(piece)}]"
    core = piece.strip()
    start = piece.index(core)
    return f"{escaped(piece[:start])}:{style}[{escaped(core)}]{escaped(piece[start + len(core) :])}"
