"""An answer while it is being made."""

from __future__ import annotations

import time

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from ert_core.assistant import Assistant
from ert_core.jobs import Job
from ert_core.types import AnswerEvent, Statement
from ert_core.ui.errors import show_error
from ert_core.ui.session import t
from ert_core.ui.statements import with_statements

# A stop reaches the script only when it sends something to the page.
POLL_SECONDS = 0.2
# How long a browser that reloads takes to be seen as gone.
DISCONNECT_SECONDS = 0.3


def follow_answer(ert: Assistant, job: Job[AnswerEvent]) -> None:
    """Show the steps and the text until the job ends. The Stop button cancels the job.

    Another click or a reload leaves it running: the next run of the page finds it again.
    """
    with st.chat_message("assistant"):
        status, body = st.empty(), st.empty()
        written = ""
        statements: tuple[Statement, ...] = ()
        step, progress = "searching", 0.0
        seen = 0
        try:
            while True:
                done = job.done
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
        except StopException:
            if _page_is_open():
                job.cancel()
            raise
        status.empty()
        if job.error is not None:
            show_error(job.error)
            st.stop()


def _status(step: str, progress: float, position: int) -> str:
    if position:
        return t("step.waiting", position=position)
    if step == "reading_sources" and progress:
        return t("step.reading_sources_share", percent=round(100 * progress))
    return t(f"step.{step}")


def _page_is_open() -> bool:
    """Whether the browser is still there a moment after a stop: a reload stops the script too."""
    context = get_script_run_ctx()
    time.sleep(DISCONNECT_SECONDS)
    return context is not None and get_instance().is_active_session(context.session_id)
