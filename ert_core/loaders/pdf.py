"""PDF: pdfium's text of each page, in the order it reads, with its paragraphs
(`pdf_layout.py`), then repaired (`pdf_text.py`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pypdfium2 import PdfDocument, PdfiumError, raw

from ert_core.loaders.pdf_layout import page_text
from ert_core.loaders.pdf_text import repair_pages
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import RawPage, Request


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """Pages numbered from 1; a scanned page has empty text. An empty user password opens by itself."""
    texts = _page_texts(content, request)
    # Where columns, running headers and page numbers are to be dealt with: all pages are here.
    yield from enumerate(repair_pages(texts), start=1)


def _page_texts(content: bytes, request: Request) -> list[str]:
    document = _open(content, request.password)
    if document is None:
        return []
    count = len(document)
    if count > request.limits.pages:
        raise RefusedError("limit_pages", limit=request.limits.pages)
    texts: list[str] = []
    size = failures = 0
    for index in range(count):
        try:
            text = _page_text(document, index)
        except PdfiumError as error:
            # One broken page does not take the others away.
            sys.stderr.write(f"page {index + 1}: {error}\n")
            failures += 1
            text = ""
        size += len(text)
        if size > request.limits.output_bytes:
            raise RefusedError("limit_output")
        texts.append(text)
    if failures == count:
        raise RefusedError("file_damaged")
    return texts


def _open(content: bytes, password: str | None) -> PdfDocument | None:
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


def _page_text(document: PdfDocument, index: int) -> str:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            return page_text(text_page)
        finally:
            text_page.close()
    finally:
        page.close()
