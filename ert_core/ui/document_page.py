"""A document's own page: what is known of it, its text as ERT sees it, its passages, and where it was cited."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import PurePath

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.cited_in import CitedIn, cited_in
from ert_core.passages import PageSpan
from ert_core.types import Document
from ert_core.ui.formats import date_time, number, size
from ert_core.ui.languages import language_name
from ert_core.ui.markdown import escaped, escaped_lines, marked
from ert_core.ui.session import t

# Characters shown at once; a page of a book has 2,000 to 3,000.
SHEET_CHARACTERS = 6_000
PASSAGES_SHOWN = 20
MOST_CITED = 50
QUOTE_CHARACTERS = 600


def show_document(ert: Assistant, document: Document) -> None:
    """The whole page of one document."""
    st.title(escaped(document.name))
    st.caption(" · ".join(_facts(document)))
    inside = [c for c in ert.collections.listed() if document.id in ert.collections.document_ids(c.id)]
    if inside:
        st.markdown(" ".join(f":green-badge[:material/folder_special: {escaped(c.name)}]" for c in inside))
    with st.container(horizontal=True):
        st.download_button(
            t("document.download"),
            data=partial(_content, ert, document.id),
            file_name=PurePath(document.name.replace("\\", "/")).name,
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key="download",
        )
        with st.popover(t("document.delete"), icon=":material/delete:"):
            st.write(t("documents.delete_sure"))
            if st.button(t("documents.delete_yes"), type="primary", key="delete"):
                ert.library.remove(document.id)
                st.switch_page("documents.py")
    views: dict[str, Callable[[Assistant, Document], None]] = {
        "text": _show_text,
        "passages": _show_passages,
        "cited": _show_cited,
    }
    # No segmented control: on a dark page the words of its chosen part have a contrast of 3.6, under the AA level.
    view = st.radio(
        t("document.view"),
        list(views),
        horizontal=True,
        format_func=lambda name: t(f"document.view_{name}"),
        label_visibility="collapsed",
        key="view",
    )
    views[view or "text"](ert, document)


def _facts(document: Document) -> list[str]:
    spoken = language_name(document.language)
    return [
        size(document.size),
        t("document.pages", count=number(document.pages)),
        t("document.characters", count=number(document.characters)),
        t("document.passages", count=number(document.passages)),
        escaped(spoken),
        t("document.added", time=date_time(document.added_at)),
    ]


def _content(ert: Assistant, document_id: str) -> bytes:
    return ert.library.store.content(document_id) or b""


def _show_text(ert: Assistant, document: Document) -> None:
    text = ert.library.store.text(document.id) or ""
    sheets = sheets_of(text, ert.library.store.pages(document.id))
    if not sheets:
        return
    page, start, end = sheets[_turn(len(sheets), "sheet", in_address=True) - 1]
    place = t("source.characters", start=number(start), end=number(end))
    st.caption(place if page is None else f"{t('document.page', number=page)} · {place}")
    st.code(text[start:end], language=None, wrap_lines=True)


def sheets_of(text: str, pages: list[PageSpan]) -> list[tuple[int | None, int, int]]:
    """(page number, start, end) of what is shown at once: pages, the long ones cut at ends of lines; no empty ones."""
    sheets = []
    for page in pages:
        start = page.start
        while start < page.end:
            end = min(start + SHEET_CHARACTERS, page.end)
            if end < page.end:
                end = max(text.rfind("\n", start + SHEET_CHARACTERS // 2, end) + 1, 0) or end
            if text[start:end].strip():
                sheets.append((page.number, start, end))
            start = end
    return sheets


def _show_passages(ert: Assistant, document: Document) -> None:
    ids = ert.library.store.passage_ids_of(document.id)
    chosen = _turn(-(-len(ids) // PASSAGES_SHOWN), "passages")
    shown = ids[(chosen - 1) * PASSAGES_SHOWN : chosen * PASSAGES_SHOWN]
    passages = ert.library.store.passages(shown)
    for place, passage_id in enumerate(shown, (chosen - 1) * PASSAGES_SHOWN + 1):
        passage = passages.get(passage_id)
        if passage is None:
            continue
        with st.container(border=True):
            parts = [f"**{number(place)}**"]
            if passage.page is not None:
                parts.append(t("document.page", number=passage.page))
            parts.append(t("source.characters", start=number(passage.start), end=number(passage.end)))
            st.caption(" · ".join(parts))
            st.markdown(escaped_lines(passage.text))


def _show_cited(ert: Assistant, document: Document) -> None:
    found = cited_in(ert.database, document.id, MOST_CITED)
    if not found:
        st.write(t("document.never_cited"))
        return
    if len(found) == MOST_CITED:
        st.caption(t("document.last_cited", count=MOST_CITED))
    for answer in found:
        _show_answer(answer)


def _show_answer(answer: CitedIn) -> None:
    with st.container(border=True):
        st.page_link(
            "chat.py",
            label=escaped(" ".join((answer.question or answer.title).split())[:QUOTE_CHARACTERS]),
            icon=":material/forum:",
            query_params={"c": answer.conversation_id},
        )
        st.caption(
            " · ".join(part for part in (escaped(answer.title), answer.asked_at and date_time(answer.asked_at)) if part)
        )
        for quote in answer.quotes:
            shown = quote if len(quote) <= QUOTE_CHARACTERS else f"{quote[:QUOTE_CHARACTERS]}…"
            st.markdown(marked(shown, (0, len(shown))))


def _turn(count: int, key: str, *, in_address: bool = False) -> int:
    """The page chosen, from 1 to `count`."""
    if count <= 1:
        return 1
    return min(st.pagination(count, key=key, bind="query-params" if in_address else None), count)
