"""Which documents the next question is asked of: all, a collection, or chosen ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.types import Scope
from ert_core.ui.markdown import escaped
from ert_core.ui.session import t

_SCOPE = "scope"
_KINDS = ("all", "collection", "documents")


def chosen_scope(ert: Assistant) -> Scope | None:
    """What is chosen now, without what was deleted since; None for all documents."""
    scope: Scope | None = st.session_state.get(_SCOPE)
    if scope is None:
        return None
    kept = replace(scope, documents=tuple(i for i in scope.documents if ert.library.store.has(i)))
    gone = kept.collection is not None and kept.collection not in {c.id for c in ert.collections.listed()}
    chosen = None if gone or (kept.collection is None and not kept.documents) else kept
    st.session_state[_SCOPE] = chosen
    return chosen


def show_scope(ert: Assistant, *, answering: bool) -> None:
    """Draw the button that changes it; a dialog waits for the run at hand, hence not while ERT is `answering`."""
    scope = chosen_scope(ert)
    collections = {c.id: c.name for c in ert.collections.listed()}
    if scope is None:
        label = t("scope.all")
    elif scope.collection is not None:
        label = t("scope.in_collection", name=escaped(collections[scope.collection]))
    else:
        label = t("scope.limited", count=len(scope.documents))
    icon, key = ":material/filter_alt:", "scope_button"
    if st.button(f":small[{label}]", icon=icon, type="tertiary", key=key, disabled=answering):
        st.dialog(t("scope.label"))(_choose)(ert, scope, collections)


def _choose(ert: Assistant, scope: Scope | None, collections: dict[int, str]) -> None:
    present = "all" if scope is None else "documents" if scope.collection is None else "collection"
    kind = st.radio(
        t("scope.label"),
        [kind for kind in _KINDS if kind != "collection" or collections],
        index=[kind for kind in _KINDS if kind != "collection" or collections].index(present),
        format_func=lambda value: t(f"scope.{value}"),
        label_visibility="collapsed",
        key="scope_kind",
    )
    chosen: Scope | None = None
    if kind == "collection":
        ids = list(collections)
        at = ids.index(scope.collection) if scope is not None and scope.collection in ids else 0
        collection = st.selectbox(
            t("scope.collection"), ids, index=at, format_func=collections.__getitem__, key="scope_collection"
        )
        chosen = Scope(collection)
    elif kind == "documents":
        documents = [d for d in ert.library.store.documents() if not d.damaged]
        same = Counter(d.name for d in documents)  # a list sends names: two of the same would be one
        names = {d.id: d.name if same[d.name] == 1 else f"{d.name} · {d.id[:6]}" for d in documents}
        default = [i for i in scope.documents if i in names] if scope is not None else []
        picked = st.multiselect(
            t("scope.choose"), list(names), default=default, format_func=names.__getitem__, key="scope_documents"
        )
        chosen = Scope(documents=tuple(picked)) if picked else None
    if st.button(t("conversations.save"), type="primary", key="save_scope"):
        st.session_state[_SCOPE] = chosen
        st.rerun()
