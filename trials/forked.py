"""Processes forked from a clean one that has the engine loaded: a thousand starts of Python would take an hour."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

_PRELOADED = ["trials.crash_work", "ert_core.vector_index", "ert_core.retrieval", "ert_core.loaders.loading"]


def started(target: Callable[..., None], *arguments: Any, **named: Any) -> tuple[Any, Connection]:
    """A process that runs `target(its end of a pipe, *arguments, **named)`, and this end of the pipe."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments), kwargs=named, daemon=True)
    process.start()
    there.close()
    return process, here
