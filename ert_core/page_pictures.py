"""Pages of PDF documents as pictures, with what is quoted marked on them. Drawn in a limited child process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ert_core.cpu_budget import pause
from ert_core.errors import DamagedFileError, ErtError, LoaderError, LoaderLimitError, PictureError

if TYPE_CHECKING:
    from ert_core.document_store import DocumentStore
    from ert_core.loaders.pictures import DrawnPage
    from ert_core.passages import PageSpan

PDF = "application/pdf"
# Bytes of pictures kept: one has about 200 kB.
KEPT_BYTES = 32 * 10**6
# So many pages are drawn at once: a file that takes its time does not hold everybody up.
_AT_ONCE = 2
# Pages that could not be drawn are remembered up to this number.
_FAILURES = 64
# Text pages are lines and white: more effort makes them no smaller.
_COMPRESSION = 3
_FRAME = (176, 184, 190)
ZOOMS = (1.0, 1.25, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class PagePicture:
    """A page of a document, or a part of one, as a picture.

    `png` has `width` x `height` pixels; `page` (1-based) is one of `pages`. `boxes` are (left, top, right, bottom) of
    what is marked, in pixels of the picture, and `found` says whether every quote of this page was found on it; False
    when it has none. `window` is the part of the page shown: (left, top, right, bottom) as shares of the page.
    """

    png: bytes
    width: int
    height: int
    page: int
    pages: int
    boxes: tuple[tuple[int, int, int, int], ...]
    found: bool
    window: tuple[float, float, float, float]


_Key = tuple[str, int, float, tuple[float, float] | None, tuple[tuple[int, int], ...]]


class PagePictures:
    """The pictures of one library's documents. Thread-safe."""

    def __init__(self, store: DocumentStore, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._store = store
        self._most = kept_bytes
        self._kept: OrderedDict[_Key, PagePicture] = OrderedDict()
        self._failed: OrderedDict[_Key, PictureError] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._drawing = threading.BoundedSemaphore(_AT_ONCE)

    def picture(
        self,
        document_id: str,
        page: int,
        *,
        zoom: float = 1.0,
        centre: tuple[float, float] | None = None,
        spans: Sequence[tuple[int, int]] = (),
    ) -> PagePicture:
        """Page `page` (1-based) of a PDF, characters start to end of the document's text marked for each of `spans`.

        `zoom`, in [1, 8], shows a part of the page so many times larger: around `centre`, (x, y) as shares of the page
        from its upper left corner, or around what is marked. Raises PictureError when the document is gone, is no PDF,
        has no such page or asks for a password, when its file is damaged, or when drawing passes the limits;
        DatabaseError.
        """
        zoom = min(max(float(zoom), 1.0), 8.0)
        key = (document_id, page, zoom, centre if zoom > 1 else None, tuple(spans))
        if not self._store.has(document_id):
            self._forget(document_id)
            raise PictureError("picture_gone")
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            if key in self._failed:
                raise self._failed[key]
        try:
            with self._drawing:
                made = self._made(*key)
        except PictureError as error:
            if error.code != "picture_gone":
                self._note_failure(key, error)
            raise
        self._keep(key, made)
        return made

    def _note_failure(self, key: _Key, error: PictureError) -> None:
        """A page that took too long, or could not be read, is not tried again at every click."""
        with self._lock:
            self._failed[key] = error
            while len(self._failed) > _FAILURES:
                self._failed.popitem(last=False)

    def _made(
        self,
        document_id: str,
        page: int,
        zoom: float,
        centre: tuple[float, float] | None,
        spans: tuple[tuple[int, int], ...],
    ) -> PagePicture:
        from ert_core.loaders.pictures import draw_page
        from ert_core.loaders.request import PictureOrder

        document = self._store.document(document_id)
        content = self._store.content(document_id) if document is not None and document.media_type == PDF else None
        if document is None or content is None:
            raise PictureError("picture_gone")
        text, own = self._page_text(document_id, page, spans)
        try:
            drawn = draw_page(document.name, content, PictureOrder(page, zoom, centre, text, own))
        except LoaderError as error:
            raise _picture_error(error, document.name, page) from error
        pause()
        return PagePicture(
            png=_png(drawn),
            width=drawn.width,
            height=drawn.height,
            page=page,
            pages=drawn.pages,
            boxes=drawn.boxes,
            found=drawn.found,
            window=drawn.window,
        )

    def _page_text(
        self, document_id: str, page: int, spans: Sequence[tuple[int, int]]
    ) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The extracted text of a page, and the parts of the quotes in it, by its own positions."""
        span = next((p for p in self._store.pages(document_id) if p.number == page), None) if spans else None
        own = _within(span, spans) if span is not None else ()
        text = self._store.text(document_id) if own else None
        if span is None or text is None:
            return "", ()
        return text[span.start : span.end], own

    @property
    def kept_bytes(self) -> int:
        """The size of the pictures kept."""
        return self._size

    def _forget(self, document_id: str) -> None:
        """Nothing of a deleted document stays."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == document_id]:
                self._size -= len(self._kept.pop(key).png)

    def _keep(self, key: _Key, made: PagePicture) -> None:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made.png)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1].png)


def _within(page: PageSpan, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    cut = [(max(start, page.start) - page.start, min(end, page.end) - page.start) for start, end in spans]
    return tuple((start, end) for start, end in cut if start < end)


def _picture_error(error: LoaderError, name: str, page: int) -> ErtError:
    """What a refused file means to somebody who wants to see a page of it."""
    if error.code in ("file_encrypted", "encryption_unknown"):
        return PictureError("picture_encrypted", name=name)
    if error.code == "picture_no_page":
        return PictureError("picture_no_page", name=name)
    if error.code == "picture_size":
        return PictureError("picture_size", name=name)
    if isinstance(error, LoaderLimitError):
        return PictureError("picture_limit", name=name, page=page)
    if isinstance(error, DamagedFileError):
        return PictureError("picture_damaged", name=name, page=page)
    return error


def _png(drawn: DrawnPage) -> bytes:
    from PIL import Image, ImageDraw

    stream = BytesIO()
    image = Image.frombytes("RGB", (drawn.width, drawn.height), drawn.pixels)
    # A white page on a white ground would have no edge.
    ImageDraw.Draw(image).rectangle((0, 0, drawn.width - 1, drawn.height - 1), outline=_FRAME, width=2)
    image.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()
