"""The child's side: reads one file from standard input, writes a line of JSON and the texts of its pages, and ends.
Asked for a picture, it writes a line of JSON and the pixels of one page.

Only the parser that the format needs is imported; then the sandbox is entered, then the file is read.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module

from ert_core.loaders import sandbox
from ert_core.loaders.limits import Limits
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import PictureOrder, RawPage, Request
from ert_core.loaders.text import clean

# From here on the parent may stop this process for a while. White space before the JSON of the reply.
READY = b"\n"
_MODULES = {
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx_slides",
    "xlsx": "xlsx",
    "epub": "epub",
    "delimited": "delimited",
    "html": "html",
    "json": "json_text",
    "text": "plain",
    "code": "plain",
}
_PICTURES = "ert_core.loaders.pdf_picture"


def main() -> None:
    """Serve one request, then end the process without further ado."""
    sandbox.die_with_parent()
    os.write(1, READY)
    # What a library prints must not mix with the reply.
    reply_to = os.dup(1)
    os.dup2(2, 1)
    header = json.loads(sys.stdin.buffer.readline())
    picture = PictureOrder(**header["picture"]) if "picture" in header else None
    request = Request(header["family"], header["suffix"], header["password"], Limits(**header["limits"]), picture)
    # Imported before: from here on nothing is written, not even the bytecode of what is imported.
    import_module(_module(request.family) if picture is None else _PICTURES)
    sandbox.enter(request.limits)
    try:
        reply = _reply(sys.stdin.buffer.read(), request)
    except MemoryError:  # what was being made is freed by now
        reply = _refusal("limit_memory")
    with os.fdopen(reply_to, "wb") as stream:
        stream.write(reply)
    sys.stderr.flush()
    # The memory goes with the process: no time is spent on giving it back piece by piece.
    os._exit(0)


def _module(family: str) -> str:
    return f"ert_core.loaders.{_MODULES[family]}"


def _reply(content: bytes, request: Request) -> bytes:
    """A line of JSON with the number and the length of each page's text, then the texts one after the other (UTF-8)."""
    try:
        if request.picture is not None:
            head, pixels = import_module(_PICTURES).draw(content, request)
            return b"".join([_line(head), pixels])
        family, pages = parse(content, request)
        read = list(_within(pages, request.limits))
        head = {"family": family, "pages": [(number, len(text)) for number, text in read]}
        return b"".join([_line(head), *(text for _, text in read)])
    except RefusedError as refused:
        return _refusal(refused.code, refused.values)
    except MemoryError:
        raise
    except Exception:
        # Whatever a parser raises, the file is what it could not read.
        import traceback

        traceback.print_exc()
        return _refusal("file_damaged")


def _refusal(code: str, values: dict[str, int] | None = None) -> bytes:
    return _line({"error": code, "values": values or {}})


def _line(head: Mapping[str, object]) -> bytes:
    return json.dumps(head).encode() + b"\n"


def parse(content: bytes, request: Request) -> tuple[str, Iterable[RawPage]]:
    """(family, raw pages) of a file. An archive is checked first, and tells its family itself."""
    family = request.family
    if family in ("docx", "pptx", "xlsx", "epub"):
        from ert_core.loaders.archive import check_archive

        family = check_archive(content)
    pages: Iterable[RawPage] = import_module(_module(family)).parse(content, request)
    return family, pages


def _within(pages: Iterable[RawPage], limits: Limits) -> Iterator[tuple[int | None, bytes]]:
    """The pages, cleaned and in UTF-8, as long as they stay within the limits."""
    left = limits.output_bytes
    for count, (number, raw) in enumerate(pages, start=1):
        if count > limits.pages:
            raise RefusedError("limit_pages", limit=limits.pages)
        text = clean(raw).encode("utf-8")
        left -= len(text)
        if left < 0:
            raise RefusedError("limit_output")
        yield number, text
