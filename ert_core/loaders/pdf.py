"""PDF: pdfium's lines of each page (`pdf_lines.py`), tables and columns (`pdf_tables.py`), without running headers and
footers (`pdf_running_lines.py`), as text with its paragraphs (`pdf_layout.py`), then repaired (`pdf_text.py`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pypdfium2 import PdfDocument, PdfiumError, raw

from ert_core.loaders.pdf_layout import page_text
from ert_core.loaders.pdf_lines import Line, join_scripts, read_lines
from ert_core.loaders.pdf_running_lines import PlacedPage, without_running_lines
from ert_core.loaders.pdf_tables import arranged
from ert_core.loaders.pdf_text import repair_pages
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import RawPage, Request


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """Pages numbered from 1; a scanned page has empty text. An empty user password opens by itself."""
    pages = without_running_lines(_pages(content, request))
    texts = [page_text(items) for items in pages]
    yield from enumerate(repair_pages(texts), start=1)


def _pages(content: bytes, request: Request) -> list[PlacedPage]:
    document = open_document(content, request.password)
    if document is None:
        return []
    count = len(document)
    if count > request.limits.pages:
        raise RefusedError("limit_pages", limit=request.limits.pages)
    pages: list[PlacedPage] = []
    size = failures = 0
    for index in range(count):
        try:
            page = _page(document, index)
        except PdfiumError as error:
            # One broken page does not take the others away.
            sys.stderr.write(f"page {index + 1}: {error}\n")
            failures += 1
            page = PlacedPage([], 0)
        size += sum(len(item.text) for item in page.items if isinstance(item, Line))
        if size > request.limits.output_bytes:
            raise RefusedError("limit_output")
        pages.append(page)
    if failures == count:
        raise RefusedError("file_damaged")
    return pages


def open_document(content: bytes, password: str | None) -> PdfDocument | None:
    """The document, None when it has no page. Raises RefusedError."""
    try:
        return PdfDocument(content, password=password)
    except PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise RefusedError("password_wrong" if password else "file_encrypted") from error
        if error.err_code == raw.FPDF_ERR_SECURITY:
            raise RefusedError("encryption_unknown") from error
        if error.err_code == raw.FPDF_ERR_SUCCESS:
            return None
        raise RefusedError("file_damaged") from error


def _page(document: PdfDocument, index: int) -> PlacedPage:
    page = document[index]
    try:
        height = 0.0 if page.get_rotation() else page.get_height()
        text_page = page.get_textpage()
        try:
            return PlacedPage(arranged(join_scripts(read_lines(text_page))), height)
        finally:
            text_page.close()
    finally:
        page.close()
