"""What the server does around the pages: start, stop, unexpected errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Stop the engine when the server stops, if a page has made one."""
    yield
    from ert_core.ui.session import assistant, engine_started

    if engine_started():
        assistant().close()


def show_unexpected_error(error: Exception) -> bool:
    """Streamlit's hook for uncaught exceptions: True keeps its own display away."""
    from ert_core.errors import ErtError
    from ert_core.ui.errors import show_error, show_unexpected

    if isinstance(error, ErtError):  # from a callback, outside any page body
        show_error(error)
    else:
        show_unexpected(error)
    return True
