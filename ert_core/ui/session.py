"""What belongs to one browser session: its language and conversation; and the engine all sessions share."""

from __future__ import annotations

import atexit
import threading
from contextlib import suppress
from typing import Any, Literal

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.errors import DatabaseError, ErtError
from ert_core.locale import LANGUAGES, best_language, text
from ert_core.settings import Settings

_LANGUAGE = "language"
_CHOSEN = "language_chosen"
_CONVERSATION = "conversation"


_started = threading.Event()
# The language of the run that this thread is making, once `prepare_language` has looked: a page asks for it a thousand
# times, and Streamlit's session state is slow.
_run = threading.local()


@st.cache_resource(show_spinner=False)
def assistant() -> Assistant:
    """The engine of this server: one for all sessions, its methods are thread-safe."""
    engine = Assistant(Settings.load())
    _started.set()
    atexit.register(engine.close)  # Ctrl-C may end the server before its own end is reached
    with suppress(DatabaseError):  # a directory that can be read only: the pages say so
        if engine.other_writer() is None:
            engine.begin_work()
    return engine


def engine_started() -> bool:
    """Whether a page has made the engine."""
    return _started.is_set()


def prepare_language() -> None:
    """Choose the session's language once; a language chosen by hand stays in the address, for a reload."""
    _choose_first_language()
    _run.language = str(st.session_state[_LANGUAGE])
    if st.session_state.get(_CHOSEN):
        st.query_params["lang"] = _run.language


def _choose_first_language() -> None:
    """The language of the address, else of the settings, else of the browser."""
    if _LANGUAGE not in st.session_state and st.query_params.get("lang") in LANGUAGES:
        choose_language(st.query_params["lang"])
    if _LANGUAGE not in st.session_state:
        st.session_state[_LANGUAGE] = _saved_language()


def saved_choice(name: Literal["language", "appearance"]) -> str:
    """That setting; "auto" where the settings cannot be read: the page says it, and must have its words for it."""
    try:
        return str(getattr(assistant().settings, name))
    except ErtError:
        return "auto"


def _saved_language() -> str:
    """The language of the settings; where they leave it open, of the browser."""
    chosen = saved_choice("language")
    return chosen if chosen in LANGUAGES else best_language(st.context.locale)


def language() -> str:
    """ "fr" or "en", for this session."""
    if (found := getattr(_run, "language", None)) is not None:
        return str(found)
    _choose_first_language()
    return str(st.session_state[_LANGUAGE])


def choose_language(chosen: str) -> None:
    """Switch this session to another language."""
    _run.language = st.session_state[_LANGUAGE] = chosen
    st.session_state[_CHOSEN] = True


def follow_saved_language() -> None:
    """Show this session in the language of the settings again, and no other after a reload."""
    _run.language = st.session_state[_LANGUAGE] = _saved_language()
    st.session_state.pop(_CHOSEN, None)
    st.query_params.pop("lang", None)


def t(key: str, /, **values: Any) -> str:
    """A text in the session's language."""
    return text(key, language(), **values)


def save_setting(name: str, key: str) -> None:
    """Callback of a widget: save the setting `name` as the widget `key` has it now."""
    assistant().change_settings(**{name: st.session_state[key]})


def conversation_id(ert: Assistant) -> str | None:
    """The conversation shown: the one of the address (?c=...), so that a reload finds it again."""
    named = st.query_params.get("c") or st.session_state.get(_CONVERSATION)
    if named is None or not ert.conversations.exists(named):
        return None
    show_conversation(named)
    return str(named)


def open_conversation(ert: Assistant, question: str) -> str:
    """Start a conversation with its first question and show it from now on."""
    started = ert.conversations.start(question)
    show_conversation(started)
    return started


def show_conversation(conversation: str) -> None:
    """Show this one from now on, after a reload, too."""
    st.session_state[_CONVERSATION] = conversation
    st.query_params["c"] = conversation


def leave_conversation() -> None:
    """Show none: the next question starts a new one."""
    st.session_state.pop(_CONVERSATION, None)
    st.query_params.pop("c", None)
