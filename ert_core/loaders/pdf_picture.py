"""One page of a PDF as a picture, quotes marked on it. Runs in the limited child (`child.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pypdfium2 import PdfBitmap, PdfDocument, PdfiumError, PdfPage, PdfPosConv, raw

from ert_core.loaders.pdf import open_document
from ert_core.loaders.pdf_boxes import Box, quote_boxes, read_characters
from ert_core.loaders.pdf_quotes import QuoteFinder
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import PictureOrder, Request

# Pixels: the width of a picture, and the most it holds.
WIDTH, MOST_PIXELS = 1240, 3_000_000
# A page so large that its letters would be dust, or so narrow that it is a line, has no picture.
_LEAST_SCALE, _LEAST_SIDE = 0.05, 16
# Yellow that darkens what it lies on, as a marker pen does, and an edge that also shows on a dark page.
_FILL, _EDGE = (255, 233, 120), (217, 119, 6)
_EDGE_POINTS = 0.8
# What is left free before a quote that is larger than the window, as a share of the window.
_HEADROOM = 0.1


def draw(content: bytes, request: Request) -> tuple[dict[str, object], bytes]:
    """(what the picture is, its pixels: RGB, row by row). Raises RefusedError."""
    order = request.picture
    document = open_document(content, request.password)
    if document is None or order is None or not 1 <= order.page <= len(document):
        raise RefusedError("picture_no_page")
    try:
        document.init_forms()  # what was filled into a form is drawn with it
        page = document[order.page - 1]
        boxes, found = _quoted(page, order)
        scale = _scale(page)
        _mark(page, boxes)
        return _picture(document, page, order, scale, boxes, found)
    except PdfiumError as error:
        raise RefusedError("file_damaged") from error


def _scale(page: PdfPage) -> float:
    """Pixels a point for the whole page."""
    width, height = page.get_size()
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        raise RefusedError("picture_size")
    scale = min(WIDTH / width, math.sqrt(MOST_PIXELS / width / height))
    if scale < _LEAST_SCALE or scale * min(width, height) < _LEAST_SIDE:
        raise RefusedError("picture_size")
    return float(scale)


def _quoted(page: PdfPage, order: PictureOrder) -> tuple[list[Box], bool]:
    """The boxes of all quotes, in points, and whether each quote was found."""
    if not order.spans:
        return [], False
    text_page = page.get_textpage()
    try:
        finder = QuoteFinder(order.text, read_characters(text_page))
        found = [quote_boxes(text_page, finder.find(start, end)) for start, end in order.spans]
    finally:
        text_page.close()
    return [box for boxes in found for box in boxes], all(found)


def _mark(page: PdfPage, boxes: Sequence[Box]) -> None:
    """Draw the boxes into the page, in memory."""
    for left, bottom, right, top in boxes:
        for mode, colour, fill in ((b"Multiply", _FILL, True), (b"Normal", _EDGE, False)):
            shape = raw.FPDFPageObj_CreateNewRect(left, bottom, right - left, top - bottom)
            raw.FPDFPageObj_SetBlendMode(shape, mode)
            raw.FPDFPageObj_SetFillColor(shape, *colour, 255)
            raw.FPDFPageObj_SetStrokeColor(shape, *colour, 255)
            raw.FPDFPageObj_SetStrokeWidth(shape, _EDGE_POINTS)
            raw.FPDFPath_SetDrawMode(shape, raw.FPDF_FILLMODE_WINDING if fill else raw.FPDF_FILLMODE_NONE, not fill)
            raw.FPDFPage_InsertObject(page, shape)


def _picture(
    document: PdfDocument, page: PdfPage, order: PictureOrder, scale: float, boxes: Sequence[Box], found: bool
) -> tuple[dict[str, object], bytes]:
    width, height = (max(1, int(side * scale)) for side in page.get_size())
    scale *= order.zoom
    whole_width, whole_height = (max(1, math.ceil(side * scale)) for side in page.get_size())
    width, height = min(width, whole_width), min(height, whole_height)
    place = PdfPosConv(page, (0, 0, whole_width, whole_height, 0))
    on_page = [_pixels(place, box) for box in boxes]
    left, top = _corner(order, (width, height), (whole_width, whole_height), on_page)
    crop = (left, whole_height - top - height, whole_width - left - width, top)
    # pdfium's helper rounds up what is cut off.
    bitmap = page.render(scale=scale, crop=[max(0.0, (side - 0.5) / scale) for side in crop], rev_byteorder=True)
    shown = [(a - left, b - top, c - left, d - top) for a, b, c, d in on_page]
    clipped = [(max(0, a), max(0, b), min(width, c), min(height, d)) for a, b, c, d in shown]
    head: dict[str, object] = {
        "width": bitmap.width,
        "height": bitmap.height,
        "pages": len(document),
        "boxes": [box for box in clipped if box[0] < box[2] and box[1] < box[3]],
        "found": found,
        "window": [
            left / whole_width,
            top / whole_height,
            (left + width) / whole_width,
            (top + height) / whole_height,
        ],
    }
    return head, _rows(bitmap)


def _pixels(place: PdfPosConv, box: Box) -> tuple[int, int, int, int]:
    """A box of the page in pixels, y downwards."""
    (x, y), (other_x, other_y) = place.to_bitmap(box[0], box[1]), place.to_bitmap(box[2], box[3])
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _corner(
    order: PictureOrder, size: tuple[int, int], whole: tuple[int, int], boxes: Sequence[tuple[int, int, int, int]]
) -> tuple[int, int]:
    """The upper left corner of the window in the page."""
    if order.centre is not None:
        wanted = [share * side - part / 2 for share, side, part in zip(order.centre, whole, size, strict=True)]
    elif boxes:
        wanted = [_side(boxes, n, part) for n, part in enumerate(size)]
    else:
        wanted = [(whole[0] - size[0]) / 2, 0]
    left, top = (round(min(max(0, w), side - part)) for w, side, part in zip(wanted, whole, size, strict=True))
    return left, top


def _side(boxes: Sequence[tuple[int, int, int, int]], n: int, part: int) -> float:
    """Where a window of `part` pixels begins, across (0) or down (1): all boxes in its middle, else the first one."""
    low, high = min(box[n] for box in boxes), max(box[n + 2] for box in boxes)
    if high - low > part:
        low, high = boxes[0][n], boxes[0][n + 2]
    return (low + high - part) / 2 if high - low <= part else low - _HEADROOM * part


def _rows(bitmap: PdfBitmap) -> bytes:
    """The pixels without what pdfium adds at the end of a row."""
    data, width = bytes(bitmap.buffer), 3 * bitmap.width
    if bitmap.stride == width:
        return data
    return b"".join(data[n : n + width] for n in range(0, bitmap.stride * bitmap.height, bitmap.stride))
