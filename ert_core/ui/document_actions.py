"""What can be done with the documents selected in the table: into a collection, out of it, away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.document_collections import Collection
from ert_core.types import Document
from ert_core.ui.errors import errors_shown
from ert_core.ui.markdown import escaped
from ert_core.ui.session import t

# Names shown before they are deleted.
MOST_NAMED = 20


def show_actions(ert: Assistant, chosen: Sequence[Document], collection: Collection | None) -> None:
    """The buttons under the table. `collection` is the one whose documents it shows, if it shows one."""
    with st.container(horizontal=True):
        _offer_adding(ert, chosen)
        if collection is not None and st.button(
            t("library.take_out", name=escaped(collection.name), count=len(chosen)),
            icon=":material/playlist_remove:",
            key="take-out",
        ):
            ert.collections.take_out(collection.id, [d.id for d in chosen])
            st.rerun()
        with st.popover(t("documents.delete", count=len(chosen)), icon=":material/delete:"):
            _ask_before_deleting(ert, chosen)


def _offer_adding(ert: Assistant, chosen: Sequence[Document]) -> None:
    with st.popover(t("library.add_to", count=len(chosen)), icon=":material/playlist_add:"):
        names = {c.id: c.name for c in ert.collections.listed()}
        picked = None
        if names:
            picked = st.selectbox(
                t("library.collection"),
                list(names),
                index=None,
                format_func=lambda i: names.get(i, ""),
                placeholder=t("library.choose"),
                key="add-to-collection",
            )
        new = st.text_input(t("library.new_collection"), key="add-to-new")
        if st.button(t("library.add"), type="primary", key="add-to", disabled=picked is None and not new):
            with errors_shown():
                into = ert.collections.create(new) if new else picked
                if into is not None:
                    ert.collections.add(into, [d.id for d in chosen])
                st.rerun()


def _ask_before_deleting(ert: Assistant, chosen: Sequence[Document]) -> None:
    st.write(t("documents.delete_sure"))
    st.markdown("\n".join(f"- {escaped(d.name)}" for d in chosen[:MOST_NAMED]))
    if len(chosen) > MOST_NAMED:
        st.markdown(f"- {t('ingest.more', count=len(chosen) - MOST_NAMED)}")
    if st.button(t("documents.delete_yes"), type="primary", key="delete"):
        with st.spinner(t("step.removing")):
            for document in chosen:
                ert.library.remove(document.id)
        st.rerun()
