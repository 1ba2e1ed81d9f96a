"""The list of misses of a measurement, with what was found instead."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ert_core.measures import DEPTH, MISS_DEPTH, Miss
from ert_core.ui.answers import place
from ert_core.ui.markdown import escaped, escaped_lines
from ert_core.ui.session import t

SHOWN = 30
PASSAGE_CHARACTERS = 400


def show_misses(misses: Sequence[Miss], *, in_file: bool) -> None:
    """The first misses, each in an expander. `in_file`: all of them stand in the JSON file offered beside."""
    st.markdown(f"**{t('quality.misses', count=len(misses))}**")
    if not misses:
        st.caption(t("quality.no_misses", k=MISS_DEPTH))
        return
    if len(misses) > SHOWN:
        key = "quality.misses_shown" if in_file else "quality.misses_shown_only"
        st.caption(t(key, shown=SHOWN, count=len(misses)))
    for miss in misses[:SHOWN]:
        with st.expander(escaped(" ".join(miss.question.split())), icon=":material/search_off:"):
            _show(miss)


def _show(miss: Miss) -> None:
    document = escaped(miss.document) if miss.document else t("quality.any_document")
    rank = t("quality.not_found", depth=DEPTH) if miss.rank is None else t("quality.rank", rank=miss.rank)
    st.markdown(f"**{t('quality.expected')}** · {document}")
    st.markdown(escaped_lines(miss.expected))
    st.caption(rank)
    if not miss.found:
        st.markdown(t("quality.nothing_found"))
        return
    first = miss.found[0]
    st.markdown(f"**{t('quality.found_instead')}** · {escaped(place(first.document, first.page))}")
    text = first.text if len(first.text) <= PASSAGE_CHARACTERS else f"{first.text[:PASSAGE_CHARACTERS]}…"
    st.markdown(escaped_lines(text))
    others = list(dict.fromkeys(escaped(place(f.document, f.page)) for f in miss.found[1:]))
    if others:
        st.caption(" · ".join(others))
