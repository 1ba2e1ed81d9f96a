"""An answer while it is being made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from ert_core.answer_jobs import is_answered
from ert_core.assistant import Assistant
from ert_core.jobs import Job
from ert_core.types import AnswerEvent, Statement
from ert_core.ui.errors import show_error
from ert_core.ui.formats import percentage
from ert_core.ui.script_runs import back_in_chat, is_in_chat, is_open, session_id, stopped_by_button
from ert_core.ui.session import t
from ert_core.ui.statements import with_statements
from ert_core.ui.turns import turn_of

# A click reaches the script only when it sends something to the page.
POLL_SECONDS = 0.2


@contextmanager
def watched(job: Job[AnswerEvent] | None) -> Iterator[None]:
    """While the page is drawn, or the answer followed; by the Stop button, and on another page, it is cancelled.

    After a click or a reload the next run of the page finds it again, and it goes on while another conversation
    is shown; a closed tab lets it rest (`viewers`).
    """
    if job is None:
        yield
        return
    session = session_id()
    try:
        with stopped_by_button(session, job.cancel), job.viewers.watching(session, partial(is_in_chat, session)):
            yield
    except StopException:
        # Streamlit stops a run for every click.
        if not back_in_chat(session) and is_open(session) and not job.viewers.looked_at:
            job.cancel()
        raise


def follow_answer(ert: Assistant, job: Job[AnswerEvent]) -> bool:
    """Show the steps and the text until the answer is there; False where it shows the error that ended it instead.

    The button cancels the job.
    """
    if job.done and job.error is not None:
        show_error(job.error)
        job.error_seen = True
        return False
    with turn_of("assistant"):
        with st.container(horizontal=True, vertical_alignment="center"):
            status = st.empty()
            st.button(
                t("chat.stop"),
                icon=":material/stop_circle:",
                type="tertiary",
                shortcut="Esc",
                key=f"stop-{job.id}",
                on_click=job.cancel,
            )
        body = st.empty()
        _show_steps(ert, job, status, body)
        status.empty()
    return True


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
        status.caption(_status(ert, job, step, progress))
        if written:
            body.markdown(with_statements(written, statements))
        if done:
            break


def _status(ert: Assistant, job: Job[AnswerEvent], step: str, progress: float) -> str:
    position = ert.answers.position(job)
    first = job.waits_for
    files = ert.given_files.job(first.id) if first is not None else None
    if files is not None:
        position = ert.given_files.position(files) + ert.answers.load  # answers go before files
        step, progress = "adding_files", files.last.share if files.last is not None else 0.0
    elif first is not None:  # an answer of its conversation
        position = max(1, position)
    if job.cancelled.is_set():  # a step that cannot be cut, such as loading the model, comes to its end first
        return t("step.stopping")
    if position:
        return t("step.waiting", position=position)
    if step in ("reading_sources", "adding_files") and progress:
        return t(f"step.{step}_share", percent=percentage(100 * progress))
    return t(f"step.{step}")
