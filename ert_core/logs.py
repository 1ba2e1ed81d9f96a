"""ERT's own messages, in the terminal and in a file that turns over: without a word of a document or a question.

An exception says what it met: the text that could not be converted, the name of the file. Unless the level is debug, a
traceback here keeps its lines of code and the type of the exception only.
"""

from __future__ import annotations

import logging
import os
import traceback
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from ert_core.errors import DatabaseError
from ert_core.settings import prepare_home

LOGGERS = ("ert", "ert_core")
FOLDER = "logs"
FILE = "ert.log"
MOST_BYTES = 1_000_000
KEPT = 3


class DiscreetFormatter(logging.Formatter):
    """Tracebacks without the messages of their exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        """Without what another formatter has left in the record."""
        record.exc_text = None
        formatted = super().format(record)
        record.exc_text = None
        return formatted

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """The lines of code that led to each exception of the chain, and its type."""
        parts = []
        error, seen = ei[1], set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = traceback.format_tb(error.__traceback__)
            parts.append("".join(frames) + type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n  after:\n".join(parts)


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        """For its owner alone, each time it is opened anew."""
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8", errors="replace")


def write_to_file(home: Path) -> Path | None:
    """Let ERT's messages go to a file of the data directory, too; where it is. None where none can be written.

    The level is the loggers' own.
    """
    place = home / FOLDER / FILE
    try:
        prepare_home(home)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        file = _PrivateFile(place, maxBytes=MOST_BYTES, backupCount=KEPT)
    except (OSError, DatabaseError) as error:  # the first page says what is wrong with the directory
        logging.getLogger("ert").warning("no log file: %s", type(error).__name__)
        return None
    file.setFormatter(_formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for old in [h for h in logger.handlers if isinstance(h, _PrivateFile)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(file)
    return place


def keep_terminal_discreet() -> None:
    """Give the handlers that ERT's loggers have by now the formatter without messages of exceptions."""
    for name in LOGGERS:
        for handler in logging.getLogger(name).handlers:
            old = handler.formatter
            handler.setFormatter(_formatter(old._fmt if old is not None else None))


def _formatter(form: str | None) -> logging.Formatter:
    debug = logging.getLogger(LOGGERS[0]).isEnabledFor(logging.DEBUG)
    return logging.Formatter(form) if debug else DiscreetFormatter(form)
