"""The source of a citation: its page of a PDF with the quote marked, or the text around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.page_pictures import PDF
from ert_core.source_text import Stretch, after, around, before, flowing
from ert_core.types import Citation, Document
from ert_core.ui.answer_text import ICONS
from ert_core.ui.answers import citation_state, place
from ert_core.ui.errors import errors_shown
from ert_core.ui.icon_button import icon_button
from ert_core.ui.markdown import escaped, marked
from ert_core.ui.session import t
from ert_core.ui.source_page import show_page
from ert_core.ui.source_place import SourcePlace

_MARKDOWN = "text/markdown"
_COLOURS = {"verified": "green", "moved": "blue", "unverified": "orange", "gone": "gray"}


def show_source(
    ert: Assistant,
    citations: Sequence[Citation],
    key: str,
    *,
    moved: bool = False,
    answering: bool = False,
    on_close: Callable[[], None] | None = None,
) -> None:
    """The source of the `citations` of one marker, all of one document.

    `key` is unique in the page; where one reads is kept under it, until other citations are shown there.
    `moved`: ERT has moved or added the citation. A click in here reruns nothing but this, unless ERT is `answering`;
    `on_close` is called for a click on the button to close it, which is drawn with it.
    """
    with errors_shown():
        _show_heading(ert, citations, key, moved, on_close)
    # A fragment waits for the run at hand, which lasts as long as an answer takes: then its clicks stop that run.
    panel = _panel if answering else st.fragment(_panel)
    panel(ert, tuple(citations), key)


def _show_heading(
    ert: Assistant, citations: Sequence[Citation], key: str, moved: bool, on_close: Callable[[], None] | None
) -> None:
    first = citations[0]
    state = citation_state(ert, citations, moved=moved)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        badge = f":{_COLOURS[state]}-badge[:material/{ICONS[state]}: {escaped(t(f'citation.{state}'))}]"
        st.markdown(f"**{escaped(place(first.document, first.page))}** {badge}", width="stretch")
        if on_close is not None:
            icon_button(t("source.close"), ":material/close:", f"close_{key}", on_click=on_close)


def _panel(ert: Assistant, citations: tuple[Citation, ...], key: str) -> None:
    first = citations[0]
    with errors_shown():
        document = ert.library.store.document(first.document_id)
        if document is None:
            st.caption(t("source.gone"))
            for citation in citations:
                st.markdown(marked(citation.quote, (0, len(citation.quote))))
            return
        spans = tuple((c.start, c.end) for c in citations if ert.check(c))
        where = SourcePlace(key, (document.id, first.page, spans))
        if document.media_type == PDF and first.page is not None:
            show_page(ert, document, first.page, spans, where)
        else:
            _show_text(ert, document, spans, where)
        _offer_file(ert, document, key)


def _show_text(ert: Assistant, document: Document, spans: Sequence[tuple[int, int]], where: SourcePlace) -> None:
    text = ert.library.store.text(document.id) or ""
    stretch = _stretch(text, spans, where)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            t("source.earlier"),
            icon=":material/arrow_upward:",
            key=f"{where.key}-earlier",
            disabled=not stretch.earlier,
            on_click=where.read_before,
            args=(stretch.start,),
        )
        st.button(
            t("source.show_quote"),
            icon=":material/format_quote:",
            key=f"{where.key}-show_quote",
            disabled=where.reading is None,
            on_click=where.show_quote,
        )
    shown = flowing(stretch.text) if document.media_type == _MARKDOWN else stretch.text
    st.markdown(marked(shown, *stretch.spans))
    st.button(
        t("source.later"),
        icon=":material/arrow_downward:",
        key=f"{where.key}-later",
        disabled=not stretch.later,
        on_click=where.read_after,
        args=(stretch.end,),
    )


def _stretch(text: str, spans: Sequence[tuple[int, int]], where: SourcePlace) -> Stretch:
    if where.reading is None:
        return around(text, spans)
    direction, position = where.reading
    return before(text, position, spans) if direction == "before" else after(text, position, spans)


def _offer_file(ert: Assistant, document: Document, key: str) -> None:
    """The file as it was added; it is read when somebody asks for it."""
    st.download_button(
        t("source.download"),
        data=lambda: ert.library.store.content(document.id) or b"",
        file_name=document.name,
        mime=document.media_type,
        icon=":material/download:",
        key=f"{key}-download",
        on_click="ignore",
    )
