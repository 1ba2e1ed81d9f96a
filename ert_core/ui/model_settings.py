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
from ert_core.ui.formats import size
from ert_core.ui.languages import named_languages
from ert_core.ui.session import t
from ert_core.ui.setting_rows import back_to_default, show_number

_NONE, _OTHER = "", "*"
# What this session looks at in the list, and beside which model in use.
_LOOKED_AT = "model_looked_at"


def show_model_settings(ert: Assistant) -> None:
    """Draw them; nothing is downloaded or changed without a click."""
    st.caption(t("settings.model_intro"))
    if "llm" in fixed_by_environment():
        st.code(ert.settings.llm, language=None)
        st.caption(t("settings.fixed", variable="ERT_LLM"))
        _unload_button(ert)
    else:
        _show_chosen(ert, _chosen_model(ert))
        back_to_default(ert, "llm")
    show_number(ert, "idle_unload_minutes", 5)


def _show_chosen(ert: Assistant, model: str) -> None:
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
    titles = [_title(entries.get(value), value, suggested) for value in options]
    present = ert.settings.llm if ert.settings.llm in entries else (_OTHER if ert.settings.llm else _NONE)
    beside, looked_at = st.session_state.get(_LOOKED_AT, (None, None))
    start = looked_at if beside == ert.settings.llm else present  # another tab may have changed it
    chosen = st.selectbox(
        t("settings.model_choice"),
        options,
        index=options.index(start),
        format_func=lambda value: titles[options.index(value)],
        # The browser names an option by its title: with other titles it is another widget.
        key=f"model_choice-{ert.settings.llm}-{hash(tuple(titles))}",
    )
    st.session_state[_LOOKED_AT] = (ert.settings.llm, chosen)
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
    notes = []
    if entry == suggested:
        notes.append(t("settings.suggested"))
    if is_cached(entry.id):
        notes.append(t("settings.here"))
    return f"{entry.title} ({', '.join(notes)})" if notes else entry.title


def _show_facts(entry: CatalogueEntry, free: int) -> None:
    need = entry.memory_bytes_as(likely_dtype())
    facts = [
        t("settings.model_size", size=size(entry.download_bytes)),
        t("settings.model_licence", licence=entry.licence),
        t("settings.model_languages", languages=named_languages(entry.languages)),
    ]
    memory = {"need": size(need), "free": size(free)}
    if need <= free:
        facts.append(t("settings.memory_enough", **memory))
    st.caption("  \n".join(facts))
    if need > free:
        st.warning(t("settings.memory_short", **memory), icon=":material/memory:")


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
