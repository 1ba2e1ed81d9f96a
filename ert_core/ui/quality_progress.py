"""A measurement in the page: its progress while it runs, and its result, whichever tab started it."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.jobs import Job
from ert_core.measurement_jobs import Measurement
from ert_core.measures import MeasureEvent
from ert_core.ui.errors import show_error
from ert_core.ui.session import t

REFRESH_SECONDS = 0.5


def follow_measurement(ert: Assistant, kind: Measurement) -> MeasureEvent | None:
    """Draw the progress of the last measurement of this kind, or what ended it; returns its last event when it has a
    result.
    """
    job = ert.measurement(kind)
    if job is None:
        return None
    if not job.done:
        _progress(ert, kind, job.id)
        return None
    if job.error is not None:
        show_error(job.error)
        return None
    last = _last(job)
    if last is None or last.result is None:
        st.caption(t("quality.stopped_early"))
        return None
    return last


def running(ert: Assistant, kind: Measurement) -> bool:
    """Whether a measurement of this kind runs or waits."""
    job = ert.measurement(kind)
    return job is not None and not job.done


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(ert: Assistant, kind: Measurement, job_id: str) -> None:
    job = ert.measurement(kind)
    if job is None or job.id != job_id or job.done:
        st.rerun()
    last = _last(job)
    if last is None:
        queued = ert.measurements.position(job) > 0
        st.progress(0.0, text=t("quality.queued") if queued else t("quality.preparing"))
    elif not last.total:
        st.progress(0.0, text=t("quality.preparing"))
    else:
        words = t("quality.waiting" if ert.someone_waits() else "quality.progress", done=last.done, total=last.total)
        st.progress(min(1.0, last.done / last.total), text=words)
    if st.button(t("quality.cancel"), icon=":material/stop_circle:", key=f"cancel-{job_id}"):
        job.cancel()


def _last(job: Job[MeasureEvent]) -> MeasureEvent | None:
    events = job.events()
    return events[-1] if events else None
