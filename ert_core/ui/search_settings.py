"""The embedding model: the list, its download, and how far the documents are read again for another one."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.embedding_catalogue import CATALOGUE, EmbeddingEntry, canonical, offered, place_of
from ert_core.errors import EmbeddingModelError
from ert_core.model_cache import is_cached, is_hub_id
from ert_core.progress import ReindexEvent
from ert_core.settings import fixed_by_environment
from ert_core.ui.download import show_download
from ert_core.ui.errors import errors_shown, show_error
from ert_core.ui.formats import number, size, time_left
from ert_core.ui.languages import named_languages
from ert_core.ui.markdown import escaped
from ert_core.ui.session import language, t
from ert_core.ui.setting_rows import show_number

_OTHER = "*"
REFRESH_SECONDS = 0.5
_TITLES = {entry.id: entry.title for entry in CATALOGUE}


def show_search_settings(ert: Assistant) -> None:
    """Draw them; nothing is downloaded or changed without a click."""
    show_number(ert, "passages", 1)
    with st.container(gap=None):
        st.markdown(f"**{t('search_model.title')}**")
        st.caption(t("search_model.intro"))
    with errors_shown():
        if "embedding_model" in fixed_by_environment():
            st.code(canonical(ert.settings.embedding_model), language=None)
            st.caption(t("settings.fixed", variable="ERT_EMBEDDING_MODEL"))
        else:
            _choose(ert)
    _show_state(ert)


def _choose(ert: Assistant) -> None:
    present = canonical(ert.settings.embedding_model)
    entries = {entry.id: entry for entry in offered()}
    options = [*entries, _OTHER]
    chosen = st.radio(
        t("search_model.title"),
        options,
        index=options.index(present if present in entries else _OTHER),
        format_func=lambda value: _title(entries.get(value)),
        captions=[_facts(entries.get(value)) for value in options],
        label_visibility="collapsed",
        key=f"search_model-{present}-{language()}",  # another tab may have changed it; the words differ
    )
    model = str(chosen)
    if chosen == _OTHER:
        typed = st.text_input(
            t("search_model.custom"),
            value="" if present in entries else present,
            help=t("search_model.custom_help"),
            key=f"search_model_custom-{present}",
        )
        model = typed.strip()
    elif entries[model].download_bytes == 0:
        _offer(ert, model, entries[model], present)
        return
    if is_hub_id(model) and not Path(model).expanduser().is_dir():
        active = place_of(ert.library.active_model() or "")
        show_download(ert, model, in_use=model in (present, active), kind="search_")
        if not is_cached(model):
            return
    if model:
        _offer(ert, model, entries.get(model), present)


def _offer(ert: Assistant, model: str, entry: EmbeddingEntry | None, present: str) -> None:
    """What the change costs, and the button."""
    if model == present:
        return
    passages = len(ert.library.store.passage_ids())
    if passages and entry is not None:
        st.caption(
            t("search_model.cost", passages=number(passages), time=time_left(passages / entry.passages_per_second))
        )
    elif passages:
        st.caption(t("search_model.cost_unknown", passages=number(passages)))
    if st.button(t("search_model.use"), type="primary", icon=":material/check:", key="search_use"):
        ert.change_embedding_model(model)
        st.rerun()


def _show_state(ert: Assistant) -> None:
    job = next(iter(reversed(ert.reindexings.jobs())), None)
    active = ert.library.active_model()
    if job is not None and not job.done:
        _progress(ert, job.id)
        return
    try:
        pending = ert.reindexing.pending()
    except EmbeddingModelError as error:
        show_error(error)
        if active is not None:
            st.caption(t("search_model.still_in_use", model=_name(active)))
        return
    if pending.unfinished:
        if job is not None and job.error is not None:
            show_error(job.error)
        st.warning(t("search_model.stopped", passages=number(max(pending.passages, pending.document_passages))))
        if st.button(t("search_model.resume"), icon=":material/resume:", key="search_resume"):
            ert.start_reindexing()
            st.rerun()
        if active is not None and active != pending.wanted:
            st.caption(t("search_model.still_in_use", model=_name(active)))
    else:
        st.success(t("search_model.in_use", model=_name(active or pending.wanted)), icon=":material/task_alt:")


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(ert: Assistant, job_id: str) -> None:
    job = ert.reindexings.job(job_id)
    if job is None or job.done:
        st.rerun()
    events = job.events()
    if events:
        last = events[-1]
        st.progress(last.done / max(1, last.total), text=_told(last, waiting=ert.someone_waits()))
    else:
        st.progress(0.0, text=t("search_model.starting"))
    active = ert.library.active_model()
    if active is not None:
        st.caption(t("search_model.still_in_use", model=_name(active)))
    if st.button(t("search_model.stop"), icon=":material/stop_circle:", key=f"search_stop-{job_id}"):
        job.cancel()


def _told(event: ReindexEvent, waiting: bool) -> str:
    step = t("reindex.waiting" if waiting else f"reindex.{event.step}")
    done, total = number(event.done), number(event.total)
    if event.seconds_left is None or waiting:
        return t("search_model.progress", step=step, done=done, total=total)
    return t("search_model.progress_left", step=step, done=done, total=total, time=time_left(event.seconds_left))


def _title(entry: EmbeddingEntry | None) -> str:
    if entry is None:
        return t("search_model.other")
    return f"{entry.title} ({t('search_model.default')})" if entry.id == canonical("") else entry.title


def _facts(entry: EmbeddingEntry | None) -> str:
    if entry is None:
        return t("search_model.other_facts")
    download = entry.download_bytes
    told = t("search_model.size", size=size(download)) if download else t("search_model.included")
    facts = t("search_model.facts", languages=named_languages(entry.languages), licence=entry.licence, size=told)
    return f"{facts} · {t('search_model.bilingual')}" if entry.bilingual else facts


def _name(model: str) -> str:
    """A model as people know it."""
    place = place_of(model)
    return escaped(_TITLES.get(place, place))
