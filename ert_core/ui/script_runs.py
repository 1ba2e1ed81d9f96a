"""The runs of each session's script: what stopped one, a click or a browser that left, and what Stop stops.

Streamlit's Stop button ends a run in the middle, and none follows that would draw the page to its end. In the chat it
ends the work that the run shows instead: the run then comes to its own end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from streamlit.runtime import get_instance
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

# How long Streamlit takes to set up the next run, or to see that a browser has gone: it does either at once.
SET_UP_SECONDS = 0.3
# What comes before the page in a run, such as saving what was clicked, may take so long.
BEGIN_SECONDS = 30.0
_POLL_SECONDS = 0.05

_changed = threading.Condition()
_stops: dict[str, Callable[[], None]] = {}  # by session: stops the work that its run shows
# The requests of the runs whose Stop button came before the work.
_stopped_early: WeakSet[Any] = WeakSet()
_runs: dict[str, tuple[int, bool]] = {}  # by session: how many so far, whether the last one shows the chat
_this = threading.local()


def session_id() -> str:
    """The session of this run; empty outside a server. A run that was stopped cannot be asked for it any more."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def begin_run(*, chat: bool) -> None:
    """Count this run, of the chat or of another page."""
    session = session_id()
    context = get_script_run_ctx()
    requests = context.script_requests if context is not None else None
    with _changed:
        if requests is not None and requests is getattr(_this, "requests", None):
            _stopped_early.discard(requests)  # the Stop of the run that asked for this one came too late
        _this.requests = requests
        _this.number = _runs.get(session, (0, chat))[0] + 1
        _runs[session] = _this.number, chat
        for gone in [s for s in _runs if s != session and not is_open(s)]:
            del _runs[gone]
        _changed.notify_all()


@contextmanager
def stopped_by_button(session: str, stop: Callable[[], None]) -> Iterator[None]:
    """Meanwhile the Stop button calls `stop`, and at once where it came earlier in this run."""
    with _changed:
        if _runs.get(session, (0, False))[0] == _this.number:  # a run that another has replaced will end at once
            _stops[session] = stop
        early = _this.requests in _stopped_early
        if early:
            _stopped_early.discard(_this.requests)
    if early:
        stop()
    try:
        yield
    finally:
        with _changed:
            if _stops.get(session) is stop:  # else the next run's
                del _stops[session]


def back_in_chat(session: str) -> bool:
    """After this run was stopped: wait for what follows, and say whether the chat is shown."""
    began = followed = time.monotonic()
    while is_open(session):
        now = time.monotonic()
        followed = now if _another_is_set_up(session) else followed
        with _changed:
            begun = _runs.get(session, (0, False))[0] > _this.number
            # A run whose callback failed ends before it begins: what was shown stays.
            if begun or now - followed > SET_UP_SECONDS or now - began > BEGIN_SECONDS:
                return _shows_chat(session)
            _changed.wait(_POLL_SECONDS)
    return False


def is_in_chat(session: str) -> bool:
    """Whether a browser shows the session, and in it the chat."""
    with _changed:
        return _shows_chat(session) and is_open(session)


def is_open(session: str) -> bool:
    """Whether a browser shows the session."""
    return bool(get_instance().is_active_session(session))


def _another_is_set_up(session: str) -> bool:
    """Whether the session has a runner other than this run's: Streamlit has no public way to ask for it."""
    found = get_instance()._session_mgr.get_active_session_info(session)
    runner = found.session._scriptrunner if found is not None else None
    return runner is not None and runner._requests is not _this.requests


def _shows_chat(session: str) -> bool:
    return _runs.get(session, (0, False))[1]


def _stop_the_work() -> None:
    """Have the Stop button stop the work: Streamlit has no public place for it."""
    end_run = AppSession._handle_stop_script_request

    def stop(session: AppSession) -> None:
        with _changed:
            chat = _shows_chat(session.id)
            found = _stops.get(session.id)
            if chat and found is None and session._scriptrunner is not None:
                _stopped_early.add(session._scriptrunner._requests)
        if not chat:
            end_run(session)
        elif found is not None:
            found()

    AppSession._handle_stop_script_request = stop  # type: ignore[assignment, method-assign]


_stop_the_work()
