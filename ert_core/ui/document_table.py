"""The table of documents, with deletion."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.locale import LANGUAGES
from ert_core.types import Document
from ert_core.ui.markdown import escaped
from ert_core.ui.session import t


def show_documents(ert: Assistant) -> None:
    """List all documents; the rows selected can be deleted."""
    documents = ert.library.store.documents()
    st.subheader(t("documents.list", count=len(documents)))
    if not documents:
        st.write(t("documents.none"))
        return
    if damaged := sum(d.damaged for d in documents):
        st.warning(t("documents.damaged", count=damaged), icon=":material/warning:")
    selection = st.dataframe(
        [_row(d) for d in documents],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"documents-{ert.database.generation()}",
        column_config={
            "name": st.column_config.TextColumn(t("documents.name"), width="medium"),
            "size": st.column_config.NumberColumn(t("documents.size"), format="localized"),
            "pages": st.column_config.NumberColumn(t("documents.pages")),
            "passages": st.column_config.NumberColumn(t("documents.passages")),
            "language": st.column_config.TextColumn(t("documents.language")),
            "added_at": st.column_config.DatetimeColumn(t("documents.date"), format="localized"),
        },
    )
    chosen = [documents[row] for row in selection.selection.rows]
    if chosen:
        with st.popover(t("documents.delete", count=len(chosen)), icon=":material/delete:"):
            st.write(t("documents.delete_sure"))
            st.markdown("\n".join(f"- {escaped(d.name)}" for d in chosen))
            if st.button(t("documents.delete_yes"), type="primary", key="delete"):
                for document in chosen:
                    ert.library.remove(document.id)
                st.rerun()
    else:
        st.caption(t("documents.select_hint"))


def _row(document: Document) -> dict[str, object]:
    if document.damaged:
        return {"name": t("documents.damaged_name", name=document.name)}
    return {
        "name": document.name,
        "size": round(document.size / 1000, 1),
        "pages": document.pages,
        "passages": document.passages,
        "language": t(f"language.{document.language}") if document.language in LANGUAGES else document.language,
        "added_at": datetime.fromisoformat(document.added_at),
    }
