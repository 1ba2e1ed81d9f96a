"""Adding files: the job of this session, its progress and its reports."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.jobs import Job
from ert_core.types import IngestEvent, IngestReport, Source
from ert_core.ui.errors import show_error
from ert_core.ui.markdown import escaped
from ert_core.ui.session import language, t

_JOBS = "ingest_jobs"
REFRESH_SECONDS = 0.5


def start_ingestion(ert: Assistant, sources: Sequence[Source]) -> None:
    """Queue files to be added. Raises QueueFullError."""
    st.session_state.setdefault(_JOBS, []).append(ert.start_ingest(sources).id)


def follow_ingestion(ert: Assistant) -> None:
    """The reports of this session's jobs, and the progress of all that run or wait, another tab's included."""
    own = st.session_state.get(_JOBS, [])
    for job in ert.ingestions.jobs():
        if not job.done:
            _progress(ert, job.id)
        elif job.id in own:
            show_reports(job)


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(ert: Assistant, job_id: str) -> None:
    job = ert.ingestions.job(job_id)
    if job is None or job.done:
        if job is not None and job.id not in st.session_state.setdefault(_JOBS, []):
            st.session_state[_JOBS].append(job.id)  # followed after a reload: its reports belong here too
        st.rerun()
    events = job.events()
    if not events:
        st.progress(0.0, text=t("ingest.waiting"))
    else:
        last = events[-1]
        done = (last.index + last.fraction) / max(1, last.total)
        st.progress(
            min(1.0, done),
            text=t(
                "ingest.progress",
                step=t(f"step.{last.step}"),
                name=escaped(last.name),
                number=last.index + 1,
                total=last.total,
            ),
        )
    if st.button(t("ingest.cancel"), icon=":material/stop_circle:", key=f"cancel-{job_id}"):
        job.cancel()


def show_reports(job: Job[IngestEvent]) -> None:
    """What became of each file."""
    if job.error is not None:
        show_error(job.error)
    reports = [event.report for event in job.events() if event.report is not None]
    counts = {status: sum(r.status == status for r in reports) for status in ("added", "duplicate", "empty", "failed")}
    parts = [t("ingest.count", status=t(f"status.{s}"), count=n) for s, n in counts.items() if n]
    if counts["failed"]:
        st.warning(" · ".join(parts), icon=":material/warning:")
    elif parts:
        st.success(" · ".join(parts), icon=":material/task_alt:")
    if job.cancelled.is_set():
        st.caption(t("ingest.cancelled"))
    for report in reports:
        if report.status != "added":
            st.markdown(_line(report))


def _line(report: IngestReport) -> str:
    line = f"- {t('ingest.count', status=f'**{escaped(report.name)}**', count=t(f'status.{report.status}'))}"
    if report.error is not None:
        line += f". {escaped(' '.join(report.error.in_language(language())))}"
    elif report.status == "empty":
        line += f". {t('ingest.empty')}"
    return line
