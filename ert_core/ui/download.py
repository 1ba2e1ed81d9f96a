"""Fetching a model from the hub: its state, the button, the progress, and its removal from the disk."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.jobs import Job
from ert_core.model_cache import delete, is_cached
from ert_core.types import DownloadEvent
from ert_core.ui.errors import show_error
from ert_core.ui.session import t

_JOBS = "download_jobs"
REFRESH_SECONDS = 0.5


def show_download(ert: Assistant, model: str, *, in_use: bool, kind: str = "") -> None:
    """Draw them for the hub id `model`; nothing is fetched without a click.

    A model that is `in_use` cannot be removed. `kind` tells the widgets of two sections of a page apart.
    """
    if is_cached(model):
        st.caption(t("settings.downloaded"))
        if not in_use and st.button(t("settings.remove"), icon=":material/delete:", key=f"{kind}remove"):
            st.toast(t("settings.removed", gb=delete(model) / 1e9))
            st.rerun()
        return
    jobs: dict[str, str] = st.session_state.setdefault(_JOBS, {})
    job = ert.downloads.job(jobs.get(model, ""))
    if job is not None and not job.done:
        _progress(ert, job.id, kind)
        return
    if job is not None and job.error is not None:
        show_error(job.error)
    elif job is not None and job.cancelled.is_set():
        st.caption(t("settings.download_kept"))
    else:
        st.caption(t("settings.not_downloaded"))
    if st.button(t("settings.download"), type="primary", icon=":material/download:", key=f"{kind}download"):
        jobs[model] = ert.start_download(model).id
        st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(ert: Assistant, job_id: str, kind: str) -> None:
    job: Job[DownloadEvent] | None = ert.downloads.job(job_id)
    if job is None or job.done:
        st.rerun()
    events = job.events()
    done, total = (events[-1].done, events[-1].total) if events else (0, 0)
    st.progress(
        done / total if total else 0.0,
        text=t("settings.download_progress", done=done / 1e9, total=total / 1e9),
    )
    if st.button(t("settings.download_cancel"), icon=":material/stop_circle:", key=f"{kind}download_cancel"):
        job.cancel()
