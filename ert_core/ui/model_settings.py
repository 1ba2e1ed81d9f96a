"""Choosing, downloading, using and removing a language model."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.devices import likely_dtype
from ert_core.jobs import Job
from ert_core.model_cache import delete, is_cached, is_hub_id
from ert_core.model_catalogue import CATALOGUE, CatalogueEntry, suggest
from ert_core.model_memory import available_bytes
from ert_core.settings import fixed_by_environment
from ert_core.types import DownloadEvent
from ert_core.ui.errors import show_error
from ert_core.ui.session import t

_NONE, _OTHER = "", "*"
_DOWNLOAD = "download_job"
REFRESH_SECONDS = 0.5


def show_model_settings(ert: Assistant) -> None:
    """Draw them; nothing is downloaded or changed without a click."""
    st.subheader(t("settings.model"))
    st.write(t("settings.model_intro"))
    if "llm" in fixed_by_environment():
        st.code(ert.settings.llm, language=None)
        st.caption(t("settings.fixed", variable="ERT_LLM"))
        _unload_button(ert)
        return
    model = _chosen_model(ert)
    from_hub = is_hub_id(model) and not Path(model).expanduser().is_dir()
    if from_hub:
        _show_download(ert, model)
    ready = bool(model) and (not from_hub or is_cached(model))
    if model == ert.settings.llm:
        if model:
            st.success(t("settings.in_use"), icon=":material/task_alt:")
            _unload_button(ert)
    elif ready or model == _NONE:
        label = t("settings.use") if model else t("settings.model_none")
        if st.button(label, type="primary", icon=":material/check:", key="use"):
            _use(ert, model)


def _chosen_model(ert: Assistant) -> str:
    free = available_bytes()
    entries = {entry.id: entry for entry in CATALOGUE}
    suggested = suggest(free, likely_dtype())
    options = [_NONE, *entries, _OTHER]
    present = ert.settings.llm if ert.settings.llm in entries else (_OTHER if ert.settings.llm else _NONE)
    chosen = st.selectbox(
        t("settings.model_choice"),
        options,
        index=options.index(present),
        format_func=lambda value: _title(entries.get(value), value, suggested),
        key="model_choice",
    )
    if chosen == _OTHER:
        typed = st.text_input(
            t("settings.model_custom"),
            value=ert.settings.llm if present == _OTHER else "",
            help=t("settings.model_custom_help"),
            key="model_custom",
        )
        return typed.strip()
    if chosen in entries:
        _show_facts(entries[chosen], free)
    return str(chosen or _NONE)


def _title(entry: CatalogueEntry | None, value: str, suggested: CatalogueEntry) -> str:
    if entry is None:
        return t("settings.model_other") if value == _OTHER else t("settings.model_none")
    return f"{entry.title} ({t('settings.suggested')})" if entry == suggested else entry.title


def _show_facts(entry: CatalogueEntry, free: int) -> None:
    need = entry.memory_bytes_as(likely_dtype())
    st.caption(
        t(
            "settings.model_facts",
            licence=entry.licence,
            languages=", ".join(entry.languages),
            download=entry.download_bytes / 1e9,
            memory=need / 1e9,
            free=free / 1e9,
        )
    )
    if need > free:
        st.warning(t("settings.memory_short", free=free / 1e9, need=need / 1e9))


def _show_download(ert: Assistant, model: str) -> None:
    if is_cached(model):
        st.caption(t("settings.downloaded"))
        if model != ert.settings.llm and st.button(t("settings.remove"), icon=":material/delete:", key="remove"):
            st.toast(t("settings.removed", gb=delete(model) / 1e9))
            st.rerun()
        return
    job = ert.downloads.job(st.session_state.get(_DOWNLOAD, {}).get(model, ""))
    if job is not None and not job.done:
        _progress(ert, job.id)
        return
    if job is not None and job.error is not None:
        show_error(job.error)
    elif job is not None and job.cancelled.is_set():
        st.caption(t("settings.download_kept"))
    else:
        st.caption(t("settings.not_downloaded"))
    if st.button(t("settings.download"), type="primary", icon=":material/download:", key="download"):
        st.session_state[_DOWNLOAD] = {model: ert.start_download(model).id}
        st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(ert: Assistant, job_id: str) -> None:
    job: Job[DownloadEvent] | None = ert.downloads.job(job_id)
    if job is None or job.done:
        st.rerun()
    events = job.events()
    done, total = (events[-1].done, events[-1].total) if events else (0, 0)
    st.progress(
        done / total if total else 0.0,
        text=t("settings.download_progress", done=done / 1e9, total=total / 1e9),
    )
    if st.button(t("settings.download_cancel"), icon=":material/stop_circle:", key="download_cancel"):
        job.cancel()


def _use(ert: Assistant, model: str) -> None:
    from ert_core.model_cache import resolve
    from ert_core.model_folder import check_folder

    if model:
        check_folder(resolve(model))
    ert.change_settings(llm=model, answer_mode="written" if model else "quotes")
    st.rerun()


def _unload_button(ert: Assistant) -> None:
    held = ert.answering.model
    if held is not None and held.loaded and st.button(t("settings.unload"), icon=":material/memory:", key="unload"):
        ert.answering.unload()
        st.toast(t("settings.unloaded"))
        st.rerun()
