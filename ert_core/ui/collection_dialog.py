"""Collections made, named and deleted, in a dialog of the documents page."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.document_collections import Collection
from ert_core.ui.errors import errors_shown
from ert_core.ui.markdown import escaped
from ert_core.ui.session import t


def offer_collections(ert: Assistant) -> None:
    """The button that opens the dialog."""
    if st.button(t("library.collections"), icon=":material/folder_special:", key="collections"):
        st.dialog(t("library.collections"), icon=":material/folder_special:", on_dismiss="rerun")(_show)(ert)


def _show(ert: Assistant) -> None:
    st.write(t("library.collections_intro"))
    form = st.form("new-collection", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(t("library.new_collection"), key="new-collection-name")
        made = st.form_submit_button(t("library.create"), icon=":material/add:")
    if made:
        with errors_shown():
            ert.collections.create(name or "")
    for collection in ert.collections.listed():
        _show_one(ert, collection)


def _show_one(ert: Assistant, collection: Collection) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"collection-{collection.id}"):
        st.markdown(f"**{escaped(collection.name)}** · {t('documents.list', count=collection.documents)}")
        with st.popover(t("library.rename"), icon=":material/edit:"):
            name = st.text_input(t("library.name"), value=collection.name, key=f"rename-{collection.id}")
            if st.button(t("library.rename"), type="primary", key=f"rename-yes-{collection.id}"):
                with errors_shown():
                    ert.collections.rename(collection.id, name or "")
                    st.rerun(scope="fragment")
        with st.popover(t("document.delete"), icon=":material/delete:"):
            st.write(t("library.delete_collection_sure"))
            if st.button(t("documents.delete_yes"), type="primary", key=f"collection-delete-{collection.id}"):
                ert.collections.delete(collection.id)
                st.rerun(scope="fragment")
