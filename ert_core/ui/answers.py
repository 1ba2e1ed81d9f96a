"""One answer in the page: its text, and under it the sources with the quoted sentence marked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.types import Answer, Citation, ScoredPassage
from ert_core.ui.markdown import escaped, escaped_lines, marked, with_markers
from ert_core.ui.session import t
from ert_core.ui.statements import legend, with_statements


def show_answer(ert: Assistant, answer: Answer, key: str) -> None:
    """A finished answer. `key` is unique in the page."""
    if answer.finish_reason == "small_talk":
        st.markdown(escaped_lines(answer.text))
        return
    if answer.notice:
        st.info(escaped(answer.notice), icon=":material/info:")
    if answer.warned:
        st.warning(t("answer.warned"), icon=":material/warning:")
    if answer.statements:
        _show_statements(answer)
    else:
        numbers = {citation.n for citation in answer.citations}
        for paragraph in (answer.text or t("answer.nothing")).split("\n\n"):
            st.markdown(with_markers(paragraph, numbers, only_last=answer.mode == "quotes"))
    if answer.finish_reason == "cancelled":
        st.caption(t("answer.cancelled"))
    elif answer.finish_reason == "length":
        st.caption(t("answer.length"))
    uncited = answer.mode == "written" and bool(answer.text) and not answer.citations
    if uncited:
        st.warning(t("answer.uncited"), icon=":material/warning:")
    if answer.refused or uncited:
        _show_nearest(answer)
    else:
        for n in dict.fromkeys(citation.n for citation in answer.citations):
            _show_source(ert, answer, [c for c in answer.citations if c.n == n], f"{key}-{n}")
    _show_figures(answer)


def place(document: str, page: int | None) -> str:
    """Document and page, escaped."""
    return escaped(document) if page is None else t("place.page", document=escaped(document), page=page)


def _show_statements(answer: Answer) -> None:
    st.markdown(with_statements(answer.text, answer.statements))
    if shown := legend(answer.statements):
        line, explained = shown
        st.caption(line, help=explained)


def _show_source(ert: Assistant, answer: Answer, citations: Sequence[Citation], key: str) -> None:
    """The passage of one marker, each of its quotes marked."""
    first = citations[0]
    if not all(ert.check(citation) for citation in citations):
        mark, word = ":material/link_off:", t("citation.gone")
    elif all(citation.verified for citation in citations):
        mark, word = ":material/verified:", t("citation.verified")
    else:
        mark, word = ":material/help:", t("citation.unverified")
    with st.expander(f"**{first.n}** · {place(first.document, first.page)} · {word}", icon=mark, key=key):
        passage = _passage_of(answer, first)
        if passage is None:
            for citation in citations:
                st.markdown(marked(citation.quote, (0, len(citation.quote))))
        else:
            offset = passage.passage.start
            spans = [(c.start - offset, c.start - offset + len(c.quote)) for c in citations]
            st.markdown(marked(passage.passage.text, *spans))
        for citation in citations:
            st.caption(t("source.characters", start=citation.start, end=citation.end))


def _show_nearest(answer: Answer) -> None:
    for found in answer.passages[:3]:
        with st.expander(place(found.document_name, found.passage.page), icon=":material/near_me:"):
            st.markdown(marked(found.passage.text))


def _passage_of(answer: Answer, citation: Citation) -> ScoredPassage | None:
    for found in (*answer.passages, *answer.earlier_passages):
        passage = found.passage
        if passage.document_id == citation.document_id and passage.start <= citation.start < passage.end:
            return found
    return None


def _show_figures(answer: Answer) -> None:
    parts = [t("figures.time", seconds=float(answer.timings.get("total", 0.0)))]
    if answer.new_tokens:
        writing = answer.timings["total"] - answer.timings.get("first_token", 0.0)
        rate = answer.new_tokens / writing if writing > 0 else 0.0
        parts.append(t("figures.tokens", tokens=answer.new_tokens, rate=rate))
    if answer.cpu_mean is not None and answer.cpu_peak is not None:
        key = "figures.cpu" if answer.cpu_budget is None else "figures.cpu_of_budget"
        budget = f"{answer.cpu_budget or 0:.0f}"
        parts.append(t(key, mean=f"{answer.cpu_mean:.0f}", peak=f"{answer.cpu_peak:.0f}", budget=budget))
    if answer.memory_mb is not None:
        parts.append(t("figures.memory", mb=f"{answer.memory_mb:.0f}"))
    st.caption(" · ".join(parts))
