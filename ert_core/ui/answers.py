"""One answer in the page: its text, its sources a click away, and one quiet line of figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ert_core.answer_history import tokens_per_second
from ert_core.assistant import Assistant
from ert_core.types import Answer, Citation
from ert_core.ui.answer_text import show_answer_text
from ert_core.ui.formats import duration, number, percentage, size
from ert_core.ui.markdown import escaped, escaped_lines, marked
from ert_core.ui.session import t
from ert_core.ui.statements import legend


def show_answer(ert: Assistant, answer: Answer, message: int, on_open: Callable[[int], None]) -> None:
    """The finished answer of a `message`.

    `on_open` is called with the marker whose source somebody asks to see while no panel of sources is there.
    """
    if answer.finish_reason == "small_talk":
        st.markdown(escaped_lines(answer.text))
        return
    if answer.notice:
        st.info(escaped_lines(answer.notice), icon=":material/info:")
    if answer.warned:
        st.warning(t("answer.warned"), icon=":material/warning:")
    cited = grouped(answer)
    states = {n: citation_state(ert, citations, moved=answer.was_moved(n)) for n, citations in cited.items()}
    if answer.text or answer.finish_reason != "cancelled":
        places = {n: place(citations[0].document, citations[0].page) for n, citations in cited.items()}
        show_answer_text(answer, message, states, places, on_open)
    if shown := legend(answer.statements):
        line, explained = shown
        st.caption(line, help=explained)
    if answer.finish_reason in ("cancelled", "length"):
        st.caption(t(f"answer.{answer.finish_reason}"))
    uncited = answer.mode == "written" and bool(answer.text) and not answer.citations
    if uncited:
        st.warning(t("answer.uncited"), icon=":material/warning:")
    if answer.refused or uncited:
        _show_nearest(answer)


def grouped(answer: Answer) -> dict[int, list[Citation]]:
    """The citations of each marker, in the order in which they come; none of a refusal."""
    found: dict[int, list[Citation]] = {}
    for citation in () if answer.refused else answer.citations:
        found.setdefault(citation.n, []).append(citation)
    return found


def citation_state(ert: Assistant, citations: Sequence[Citation], *, moved: bool) -> str:
    """What the citations of a marker are now: "verified", "moved" (by ERT), "unverified" or "gone"."""
    if not all(ert.check(citation) for citation in citations):
        return "gone"
    if not all(citation.verified for citation in citations):
        return "unverified"
    return "moved" if moved else "verified"


def place(document: str, page: int | None) -> str:
    """Document and page."""
    return document if page is None else t("place.page", document=document, page=page)


def _show_nearest(answer: Answer) -> None:
    for found in answer.passages[:3]:
        with st.expander(escaped(place(found.document_name, found.passage.page)), icon=":material/near_me:"):
            st.markdown(marked(found.passage.text))


def show_figures(answer: Answer) -> None:
    """One line, and a click away what each of its figures is."""
    total = float(answer.timings.get("total", 0.0))
    first = float(answer.timings.get("first_token", 0.0))
    rate = tokens_per_second(answer.new_tokens, answer.timings) or 0.0
    line, detail = [duration(first or total)], [t("figures.total", time=duration(total))]
    detail.insert(0, t("figures.search", time=duration(float(answer.timings.get("search", 0.0)))))
    if answer.new_tokens:
        line.append(t("figures.rate", rate=number(rate, 1)))
        detail.insert(1, t("figures.first_token", time=duration(first)))
        detail.append(t("figures.tokens", tokens=number(answer.new_tokens), rate=number(rate, 1)))
        detail.append(t("figures.prompt", tokens=number(answer.prompt_tokens)))
    if answer.cpu_mean is not None and answer.cpu_peak is not None:
        mean, peak, budget = (percentage(p or 0) for p in (answer.cpu_mean, answer.cpu_peak, answer.cpu_budget))
        line.append(t("figures.cpu_short", mean=mean, peak=peak))
        key = "figures.cpu" if answer.cpu_budget is None else "figures.cpu_of_budget"
        detail.append(t(key, mean=mean, peak=peak, budget=budget))
    if answer.memory_mb is not None:
        line.append(size(answer.memory_mb * 1e6))
        detail.append(t("figures.memory", memory=size(answer.memory_mb * 1e6)))
    line.append(t("figures.sources", count=len(grouped(answer))))
    detail.append(t("figures.evidence", share=percentage(100 * answer.evidence)))
    detail += [
        t("figures.characters", n=c.n, document=escaped(c.document), start=number(c.start), end=number(c.end))
        for c in answer.citations
    ]
    with st.popover(f":small[{' · '.join(line)}]", type="tertiary"):
        st.markdown("\n".join(f"- {entry}" for entry in detail))
