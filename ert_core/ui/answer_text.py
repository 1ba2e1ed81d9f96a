"""The text of an answer in the page, its markers a click away from their source.

Streamlit's Markdown has no part that can be clicked inside a sentence, hence a component of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import streamlit as st

from ert_core.citations import MARKER
from ert_core.types import Answer
from ert_core.ui.components import component
from ert_core.ui.session import t
from ert_core.ui.statements import NUMBER, UNVERIFIED, styled

# The classes of the component's style sheet, by the style of a part of a statement.
_BADGES = {"green-badge": "verified", "blue-badge": "moved"}
# The icon of each state of a citation, of those that Streamlit brings along.
ICONS = {"verified": "verified", "moved": "move_down", "unverified": "help", "gone": "link_off"}
_STYLES = {None: "plain", UNVERIFIED: "unverified", NUMBER: "number"}


def show_answer_text(
    answer: Answer,
    message: int,
    states: Mapping[int, str],
    places: Mapping[int, str],
    on_open: Callable[[int], None],
) -> None:
    """Draw it, and below it its sources. What was clicked is asked of the panel of sources (`source_beside`).

    Where none hears it, `on_open` is called with it, before the next run of the page. `message` is the answer's id.
    `states` says of each marker what its citation is: "verified", "moved", "unverified" or "gone"; `places` says where
    it is.
    """
    sources = [{"marker": n, "icon": ICONS[s], "place": places[n], "title": _title(n, s)} for n, s in states.items()]
    key = f"text-{message}"
    component("answer_text")(
        key=key,
        data={
            "message": message,
            "lines": lines(answer, states),
            "sources": sources,
            "text": answer.text,
            "copy": t("answer.copy"),
            "copied": t("answer.copied"),
        },
        on_opened_change=lambda: on_open(int(st.session_state[key].opened)),
    )


def lines(answer: Answer, states: Mapping[int, str]) -> list[list[dict[str, Any]]]:
    """The text in lines of pieces: a style and a text, or a marker with what it is called."""
    made: list[list[dict[str, Any]]] = [[]]
    parts = styled(answer.text, answer.statements) if answer.statements else _quoted(answer)
    for style, text in parts:
        found = MARKER.match(text) if style not in _STYLES else None
        if found:
            n = int(found[1])
            state = states.get(n, "unverified")
            if state in _BADGES.values() and style in _BADGES:
                state = _BADGES[style]  # of this statement
            if made[-1] and "text" in made[-1][-1]:
                made[-1][-1]["text"] = made[-1][-1]["text"].rstrip()  # the space before it is the style sheet's
            made[-1].append({"style": state, "marker": n, "title": _title(n, state)})
            continue
        for number, piece in enumerate(text.split("\n")):
            if number:
                made.append([])
            if piece.strip() or (piece and made[-1]):
                made[-1].append({"style": _STYLES[style], "text": piece})
    return [line for line in made if any("marker" in piece or piece["text"].strip() for piece in line)]


def _title(n: int, state: str) -> str:
    return t("answer.open_source", n=n, state=t(f"citation.{state}"))


def _quoted(answer: Answer) -> Iterator[tuple[str | None, str]]:
    """The parts of an answer made of quotes: ERT's own marker ends a paragraph, others are the document's."""
    numbers = {citation.n for citation in answer.citations}
    for paragraph in (answer.text or t("answer.nothing")).split("\n\n"):
        found = list(MARKER.finditer(paragraph))
        last = found[-1] if found else None
        if last is not None and last.end() == len(paragraph.rstrip()) and int(last[1]) in numbers:
            yield None, paragraph[: last.start()]
            yield "marker", last[0]
        else:
            yield None, paragraph
        yield None, "\n"
