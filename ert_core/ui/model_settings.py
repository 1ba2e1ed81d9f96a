"""Choosing, downloading, using and removing a language model."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.devices import likely_dtype
from ert_core.model_cache import is_cached, is_hub_id
from ert_core.model_catalogue import CATALOGUE, CatalogueEntry, suggest
from ert_core.model_memory import available_bytes
from ert_core.settings import fixed_by_environment
from ert_core.ui.download import show_download
from ert_core.ui.session import t

_NONE, _OTHER = "", "*"


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
        show_download(ert, model, in_use=model == ert.settings.llm)
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


def _use(ert: Assistant, model: str) -> None:
    from ert_core.model_cache import resolve
    from ert_core.model_folder import check_folder

    if model:
        check_folder(resolve(model))
    ert.change_settings(llm=model, answer_mode="written" if model else "quotes")
    st.rerun()


def _unload_button(ert: Assistant) -> None:
    held = ert.answering.model
    loaded = held is not None and held.loaded
    st.caption(t("settings.model_loaded") if loaded else t("settings.model_not_loaded"))
    if loaded and st.button(t("settings.unload"), icon=":material/memory:", key="unload"):
        ert.answering.unload()
        st.toast(t("settings.unloaded"))
        st.rerun()
