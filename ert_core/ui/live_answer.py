"""An answer while it is being made."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from ert_core.assistant import Assistant, is_answered
from ert_core.jobs import Job
from ert_core.types import AnswerEvent, Statement
from ert_core.ui.errors import show_error
from ert_core.ui.session import t
from ert_core.ui.statements import with_statements

# A stop reaches the script only when it sends something to the page.
POLL_SECONDS = 0.2
# How long the run that follows a click takes to show the answer again, or a browser that reloads to be seen as gone.
BACK_SECONDS = 0.8


def follow_answer(ert: Assistant, job: Job[AnswerEvent]) -> None:
    """Show the steps and the text until the answer is there. The Stop button cancels the job.

    After another click or a reload the next run of the page finds it again; a closed tab lets it rest (`viewers`).
    """
    context = get_script_run_ctx()
    session = context.session_id if context is not None else ""
    with st.chat_message("assistant"):
        status, body = st.empty(), st.empty()
        try:
            with job.viewers.watching(session):
                _show_steps(ert, job, status, body)
        except StopException:
            # Streamlit stops a run for every click; only its Stop button, and another page, show the answer no more.
            if not job.viewers.come_back(session, BACK_SECONDS) and get_instance().is_active_session(session):
                job.cancel()
            raise
        status.empty()
        if job.error is not None:
            show_error(job.error)
            st.stop()


def _show_steps(ert: Assistant, job: Job[AnswerEvent], status: Any, body: Any) -> None:
    written = ""
    statements: tuple[Statement, ...] = ()
    step, progress = "searching", 0.0
    seen = 0
    while True:
        done = job.done or is_answered(job)
        for event in job.events(seen, timeout=POLL_SECONDS):
            seen += 1
            step, progress = event.step or step, event.progress or 0.0
            if event.text is not None:
                written, statements = event.text, event.statements
            else:
                written += event.delta
        status.caption(_status(step, progress, ert.answers.position(job)))
        if written:
            body.markdown(with_statements(written, statements))
        if done:
            break


def _status(step: str, progress: float, position: int) -> str:
    if position:
        return t("step.waiting", position=position)
    if step == "reading_sources" and progress:
        return t("step.reading_sources_share", percent=round(100 * progress))
    return t(f"step.{step}")
