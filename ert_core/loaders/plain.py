"""Text, Markdown and source code: kept as they are, but for the tables of Markdown (`rows.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from ert_core.loaders.markdown_tables import with_readable_tables
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.text import clean, decode

_MARKDOWN = (".md", ".markdown")


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """One page without a number."""
    if len(content) > 2 * request.limits.output_bytes:  # UTF-16 takes at most twice the bytes of UTF-8 here
        raise RefusedError("limit_output")
    text = decode(content)
    yield None, with_readable_tables(clean(text)) if request.suffix in _MARKDOWN else text
