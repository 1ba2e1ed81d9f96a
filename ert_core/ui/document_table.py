"""The table of documents: filtered by name, collection and language, sorted by a click on a column."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.document_collections import Collection
from ert_core.languages import fold
from ert_core.types import Document
from ert_core.ui.collection_dialog import offer_collections
from ert_core.ui.document_actions import show_actions
from ert_core.ui.figures import on_readers_clock
from ert_core.ui.formats import number
from ert_core.ui.languages import language_name
from ert_core.ui.session import language, t

PAGE = "document.py"


@dataclass(frozen=True)
class _Table:
    """The documents of one generation of the library; row i of `rows` (a pyarrow.Table) is `documents[i]`."""

    documents: tuple[Document, ...]
    folded: tuple[str, ...]
    rows: Any


@st.fragment
def show_documents(ert: Assistant) -> None:
    """List the documents; those selected can be deleted and put into collections, a click opens one."""
    generation = ert.database.generation()
    table = _table(ert, str(ert.database.path), generation, language(), st.context.timezone)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("documents.list", count=number(len(table.documents))), width="stretch")
        if table.documents:
            offer_collections(ert)
    if not table.documents:
        st.write(t("documents.none"))
        return
    if damaged := sum(d.damaged for d in table.documents):
        st.warning(t("documents.damaged", count=damaged), icon=":material/warning:")
    words, collection, spoken = _filters(ert, table)
    rows = _filtered(ert, table, words, collection, spoken)
    if not rows:
        st.write(t("library.none_found"))
        return
    st.caption(t("library.found", count=number(len(rows)), total=number(len(table.documents))))
    # What is clicked is a row of these: of others, after a change, it would be another document.
    key = f"{zlib.crc32(repr((generation, words, collection, spoken)).encode()):08x}"
    chosen = [table.documents[rows[row]] for row in _show(table, rows, key)]
    clicked = (st.session_state.get(f"open-{key}") or {}).get("row")
    if clicked is not None:
        st.switch_page(PAGE, query_params={"d": table.documents[rows[clicked]].id})
    if chosen:
        show_actions(ert, chosen, collection)
    else:
        st.caption(t("library.select_hint"))


def _filters(ert: Assistant, table: _Table) -> tuple[str, Collection | None, str | None]:
    """What to show: words of the name, a collection, a language; None for all."""
    collections = ert.collections.listed()
    languages = sorted({d.language for d in table.documents if d.language}, key=lambda code: fold(language_name(code)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            t("library.filter"),
            type="search",
            live=True,
            icon=":material/search:",
            placeholder=t("library.filter_words"),
            key="filter-words",
        )
        by_id = {c.id: c for c in collections}
        collection = None
        if collections:
            collection = st.selectbox(
                t("library.collection"),
                list(by_id),
                index=None,
                format_func=lambda i: f"{by_id[i].name} ({by_id[i].documents})" if i in by_id else "",
                placeholder=t("library.all"),
                key="filter-collection",
                width=170,
            )
        spoken = None
        if len(languages) > 1:
            spoken = st.selectbox(
                t("documents.language"),
                languages,
                index=None,
                format_func=language_name,
                placeholder=t("library.all"),
                key="filter-language",
                width=150,
            )
    return words or "", by_id.get(collection) if collection is not None else None, spoken


def _filtered(
    ert: Assistant, table: _Table, words: str, collection: Collection | None, spoken: str | None
) -> list[int]:
    """The rows with all `words` in their name; case and accents do not count."""
    wanted = fold(words).split()
    inside = None if collection is None else ert.collections.document_ids(collection.id)
    return [
        row
        for row, (document, name) in enumerate(zip(table.documents, table.folded, strict=True))
        if all(word in name for word in wanted)
        and (inside is None or document.id in inside)
        and spoken in (None, document.language)
    ]


def _show(table: _Table, rows: list[int], key: str) -> list[int]:
    """Draw some rows; returns those selected, counted from the first drawn. `key` names these rows and no others."""
    selection = st.dataframe(
        table.rows if len(rows) == len(table.documents) else table.rows.take(rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"documents-{key}",
        alt=t("documents.title"),
        column_config={
            "open": st.column_config.ButtonColumn(
                "", type="tertiary", width=48, key=f"open-{key}", help=t("library.open"), on_click=_nothing
            ),
            "name": st.column_config.TextColumn(t("documents.name"), width=270),
            "size": st.column_config.NumberColumn(t("documents.size"), format="localized"),
            "pages": st.column_config.NumberColumn(t("documents.pages")),
            "passages": st.column_config.NumberColumn(t("documents.passages")),
            "language": st.column_config.TextColumn(t("documents.language")),
            "added_at": st.column_config.DateColumn(t("documents.date"), format="localized"),
        },
    )
    return [row for row in selection.selection.rows if row < len(rows)]


def _nothing() -> None:
    """The click is dealt with where the rows are known."""


@st.cache_resource(show_spinner=False, max_entries=4)
def _table(_ert: Assistant, path: str, generation: int, spoken: str, timezone: str | None) -> _Table:
    """Made once for each change of the library, language and time zone: 5,000 rows take longer than a click may."""
    import pyarrow  # type: ignore[import-untyped]

    documents = tuple(_ert.library.store.documents())
    languages = {code: language_name(code) for code in {d.language for d in documents}}
    columns = {
        "open": [":material/article:"] * len(documents),
        "name": [t("documents.damaged_name", name=d.name) if d.damaged else d.name for d in documents],
        "size": [round(d.size / 1000, 1) for d in documents],
        "pages": [d.pages for d in documents],
        "passages": [d.passages for d in documents],
        "language": [languages[d.language] for d in documents],
        "added_at": on_readers_clock(*(d.added_at for d in documents)),
    }
    return _Table(documents, tuple(fold(d.name) for d in documents), pyarrow.table(columns))
