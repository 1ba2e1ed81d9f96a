"""Fetching a model from the hub: its state, the button, the progress, and its removal from the disk."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.model_cache import bytes_on_disk, delete, is_cached
from ert_core.ui.errors import show_error
from ert_core.ui.formats import size, time_left
from ert_core.ui.session import t

REFRESH_SECONDS = 0.5


def show_download(ert: Assistant, model: str, *, in_use: bool, kind: str = "") -> None:
    """Draw them for the hub id `model`; nothing is fetched or removed without a click.

    A model that is `in_use` cannot be removed. `kind` tells the widgets of two sections of a page apart.
    """
    job = ert.download(model)
    if job is not None and not job.done:
        _progress(ert, model, job.id, kind)
        return
    if is_cached(model):
        st.caption(t("settings.downloaded", size=size(bytes_on_disk(model))))
        if in_use:
            st.caption(t("settings.remove_in_use"))
        else:
            _offer_removal(model, kind)
        return
    partial = bytes_on_disk(model)
    if job is not None and job.error is not None:
        show_error(job.error)
    elif partial:
        st.caption(t("settings.download_kept", size=size(partial)))
    else:
        st.caption(t("settings.not_downloaded"))
    with st.container(horizontal=True):
        label = t("settings.download_resume" if partial else "settings.download")
        if st.button(label, type="primary", icon=":material/download:", key=f"{kind}download"):
            ert.start_download(model)
            st.rerun()
        if partial:
            _offer_removal(model, kind)


def _offer_removal(model: str, kind: str) -> None:
    """What it frees, and a second click."""
    with st.popover(t("settings.remove"), icon=":material/delete:", key=f"{kind}remove"):
        st.write(t("settings.remove_sure", size=size(bytes_on_disk(model))))
        if st.button(t("settings.remove_yes"), type="primary", key=f"{kind}remove_yes"):
            st.toast(t("settings.removed", size=size(delete(model))), icon=":material/task_alt:")
            st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(ert: Assistant, model: str, job_id: str, kind: str) -> None:
    job = ert.download(model)
    if job is None or job.id != job_id or job.done:
        st.rerun()
    last, stopping = job.last, job.cancelled.is_set()
    if stopping:  # once the connection gives what is on its way
        told = t("step.stopping")
    elif last is None:
        told = t("settings.download_starting")
    else:
        told = t("settings.download_progress", done=size(last.done), total=size(last.total))
        if last.seconds_left is not None:
            told = t("settings.download_left", progress=told, time=time_left(last.seconds_left))
    st.progress(0.0 if last is None else last.done / max(1, last.total), text=told)
    key, icon = f"{kind}download_cancel", ":material/stop_circle:"
    st.button(t("settings.download_cancel"), icon=icon, key=key, disabled=stopping, on_click=job.cancel)
