"""What the server does around the pages: start, stop, unexpected errors."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from ert_core import __version__
from ert_core.held_process import end_children
from ert_core.locale import terminal_language, text
from ert_core.logs import LOGGERS, keep_terminal_discreet, write_to_file
from ert_core.settings import default_home
from ert_core.threads import VARIABLES

if TYPE_CHECKING:
    from starlette.routing import Route

# Libraries that must stay away until they are used.
HEAVY_LIBRARIES = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "langchain",
    "langchain_core",
    "langchain_community",
)
# Of this process: a page that is connected again sees by it whether the server is another one.
INSTANCE = uuid.uuid4().hex
# Below which Streamlit looks for itself; not any name: it may be the base path that a person has chosen.
PAGES = ("chat", "documents", "document", "quality", "monitor", "settings")


def health_route() -> Route:
    """`/api/health`: that the server runs, which one it is, what it has loaded, and its thread limits."""
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def health(request: Request) -> JSONResponse:
        torch = sys.modules.get("torch")
        return JSONResponse(
            {
                "status": "ok",
                "version": __version__,
                "instance": INSTANCE,
                "loaded": [name for name in HEAVY_LIBRARIES if name in sys.modules],
                "variables": {v: os.environ.get(v) for v in VARIABLES},
                "torch_threads": torch.get_num_threads() if torch else None,
            }
        )

    return Route("/api/health", health)


def probe_routes() -> list[Route]:
    """`/PAGE/_stcore/health` and `/PAGE/_stcore/host-config`: there is no server under a page's address.

    Streamlit's script asks there first when a page is opened by its address, and goes on to the root when it is not
    given a 200. Its own 404 would stand in the browser's console as an error.
    """
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def elsewhere(request: Request) -> Response:
        return Response(status_code=300, headers={"Cache-Control": "no-store"})

    probed = [f"/{page}/_stcore/{asked}" for page in PAGES for asked in ("health", "host-config")]
    return [Route(path, elsewhere) for path in probed]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Give ERT's messages Streamlit's level, and a file; at the end stop the engine, if a page has made one."""
    from streamlit.logger import get_logger

    for name in LOGGERS:
        get_logger(name).debug("ERT %s starts", __version__)
    keep_terminal_discreet()
    write_to_file(default_home())
    yield
    from ert_core.ui.session import assistant, engine_started

    try:
        if engine_started():
            engine = assistant()
            _say(text("server.stopping", terminal_language(engine.settings.language)))
            engine.close()
    finally:
        if _is_command():
            _end_at_once()


def _is_command() -> bool:
    """Whether this process is `streamlit run`, not a test or another program that serves the pages."""
    return "streamlit.web.cli" in sys.modules


def _say(words: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # the terminal may be gone, or write other letters
        sys.stdout.write(f"\n  {words}\n")
        sys.stdout.flush()


def _end_at_once() -> None:
    """End the process, all being saved: Python takes torch down piece by piece, for seconds. Ctrl-C is no error."""
    end_children()
    logging.shutdown()
    os._exit(0)


def show_unexpected_error(error: Exception) -> bool:
    """Streamlit's hook for uncaught exceptions: True keeps its own display away."""
    from ert_core.errors import ErtError
    from ert_core.ui.errors import show_error, show_unexpected

    if isinstance(error, ErtError):  # from a callback, outside any page body
        show_error(error)
    else:
        show_unexpected(error)
    return True
