"""How errors look in a page: what happened and what to do, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ert_core.errors import ErtError
from ert_core.ui.markdown import escaped
from ert_core.ui.session import language

_log = logging.getLogger("ert")


def show_error(error: ErtError) -> None:
    """The message and the remedy, in the session's language."""
    message, remedy = error.in_language(language())
    st.error(f"{escaped(message)}\n\n{escaped(remedy)}", icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an ErtError of the block in its place; any other exception goes on to the server's handler."""
    try:
        yield
    except ErtError as error:
        show_error(error)


def show_unexpected(error: Exception) -> None:
    """Log a bug with its traceback and show one plain sentence."""
    _log.error("a page failed", exc_info=error)
    show_error(ErtError("unexpected"))
