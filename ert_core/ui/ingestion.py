"""Adding files: the job of this session, its progress and its reports."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.jobs import Job
from ert_core.progress import IngestEvent, IngestReport
from ert_core.types import Source
from ert_core.ui.errors import show_error
from ert_core.ui.markdown import escaped
from ert_core.ui.session import language, t
from ert_core.ui.turns import in_sight

# By the id of a job: whether it has a report; whether that was drawn.
_FOLLOWED, _DRAWN = "ingestions_followed", "ingestions_drawn"
_TOLD, _NEW = "ingestions_told", "ingestion_new"
REFRESH_SECONDS = 0.5
PAUSED_SECONDS = 2.0
STATUSES = ("added", "duplicate", "empty", "failed", "removed")
# Lines of a report; a folder may hold thousands of files that are there already.
MOST_TOLD = 50


def start_ingestion(ert: Assistant, sources: Sequence[Source]) -> None:
    """Queue files to be added. Raises QueueFullError."""
    job = ert.start_ingest(sources)
    _kept(_FOLLOWED)[job.id] = True
    st.session_state[_NEW] = job.id


def follow_ingestion(ert: Assistant) -> None:
    """The reports of this session's jobs, and the progress of all that run or wait, another tab's included."""
    for job in _followed(ert):
        _draw(ert, job, answering=False)
    leave_told()
    st.session_state.pop(_NEW, None)


def follow_in_chat(ert: Assistant, *, answering: bool) -> None:
    """The same without what was told already; each job keeps its place, and a new one is scrolled to.

    While the chat is `answering` the progress is drawn once: a timer's runs would only queue behind the run at hand.
    """
    told, new = st.session_state.get(_TOLD, ()), st.session_state.pop(_NEW, None)
    for job in _followed(ert):
        if job.id in told:
            st.empty()  # in the place of its report, which would stay until an answer ends
            continue
        with in_sight(f"adding-{job.id}") if job.id == new and not answering else st.container():
            _draw(ert, job, answering=answering)


def leave_told() -> None:
    """A question follows: the reports drawn by now are not repeated in the chat."""
    st.session_state[_TOLD] = list(st.session_state.get(_DRAWN, ()))


def _followed(ert: Assistant) -> list[Job[IngestEvent]]:
    """This session's jobs, and those that it finds at work, after a reload say: their reports belong here too."""
    followed = _kept(_FOLLOWED)
    for job in ert.ingestions.jobs():
        if not job.done:
            followed.setdefault(job.id, job is not ert.folder_watch.job)  # a folder tells of its files itself
    return [job for job in ert.ingestions.jobs() if job.id in followed]


def _draw(ert: Assistant, job: Job[IngestEvent], *, answering: bool) -> None:
    """What became of the files, or how far the job is."""
    if not job.done and not (answering and job.cancelled.is_set()):
        with st.container():
            _progress(ert, job.id, answering)
        return
    if answering:
        st.empty()  # in the place of its progress, which would stay until the answer ends
    if not job.done:
        st.caption(t("ingest.cancelled"))
    elif _kept(_FOLLOWED)[job.id]:
        show_reports(job)
        _kept(_DRAWN)[job.id] = True


def _kept(name: str) -> dict[str, bool]:
    """What this session keeps by the id of a job."""
    kept: dict[str, bool] = st.session_state.setdefault(name, {})
    return kept


def _progress(ert: Assistant, job_id: str, answering: bool) -> None:
    """Progress of one job, drawn again and again; a paused one is looked at now and then: another tab may resume it."""
    job = ert.ingestions.job(job_id)
    paused = job is not None and job.pace.paused
    if answering:  # a fragment's clicks would wait for the run at hand
        _draw_progress(ert, job_id, paused)
        return
    st.fragment(_draw_progress, run_every=PAUSED_SECONDS if paused else REFRESH_SECONDS)(ert, job_id, paused)


def _draw_progress(ert: Assistant, job_id: str, paused: bool) -> None:
    job = ert.ingestions.job(job_id)
    if job is None or job.done:
        st.rerun()
    if job.pace.paused is not paused:
        st.rerun()
    last = job.last
    if last is None:
        st.progress(0.0, text=t("ingest.paused") if paused else t("ingest.waiting"))
    else:
        done = last.share
        st.progress(done, text=_progress_text(ert, job, last, done))
    with st.container(horizontal=True):
        if paused:
            clicked = st.button(t("ingest.resume"), icon=":material/play_circle:", key=f"resume-{job_id}")
        else:
            clicked = st.button(t("ingest.pause"), icon=":material/pause_circle:", key=f"pause-{job_id}")
        if clicked:
            job.pace.resume() if paused else job.pace.pause()
            st.rerun()
        if st.button(t("ingest.cancel"), icon=":material/stop_circle:", key=f"cancel-{job_id}"):
            job.cancel()
            st.rerun()


def _progress_text(ert: Assistant, job: Job[IngestEvent], last: IngestEvent, done: float) -> str:
    number = {"number": last.index + 1, "total": last.total}
    shown = t("ingest.progress", step=t(f"step.{last.step}"), name=escaped(last.name), **number)
    if job.pace.paused:
        return f"{t('ingest.paused')} · {shown}"
    if ert.someone_waits():
        return f"{t('ingest.gives_way')} · {shown}"
    left = job.pace.seconds_left(done)
    return shown if left is None else f"{shown} · {time_left(left)}"


def time_left(seconds: float) -> str:
    """About how long it will take, in words: no more exact than it is known."""
    minutes = math.ceil(seconds / 60)
    if minutes <= 1:
        return t("ingest.left_soon")
    if minutes < 90:
        return t("ingest.left_minutes", minutes=minutes if minutes < 10 else round(minutes, -1))
    return t("ingest.left_hours", hours=round(minutes / 60))


def show_reports(job: Job[IngestEvent]) -> None:
    """What became of each file."""
    if job.error is not None:
        show_error(job.error)
    reports = [event.report for event in job.events() if event.report is not None]
    counts = {status: sum(r.status == status for r in reports) for status in STATUSES}
    parts = [t("ingest.count", status=t(f"status.{s}"), count=n) for s, n in counts.items() if n]
    if counts["failed"]:
        st.warning(" · ".join(parts), icon=":material/warning:")
    elif parts:
        st.success(" · ".join(parts), icon=":material/task_alt:")
    if job.cancelled.is_set():
        st.caption(t("ingest.cancelled"))
    told = [report for report in reports if report.status != "added"]
    for report in told[:MOST_TOLD]:
        st.markdown(_line(report))
    if len(told) > MOST_TOLD:
        st.markdown(f"- {t('ingest.more', count=len(told) - MOST_TOLD)}")


def _line(report: IngestReport) -> str:
    line = f"- {t('ingest.count', status=f'**{escaped(report.name)}**', count=t(f'status.{report.status}'))}"
    if report.error is not None:
        line += f". {escaped(' '.join(report.error.in_language(language())))}"
    elif report.status == "empty":
        line += f". {t('ingest.empty')}"
    return line
