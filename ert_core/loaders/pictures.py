"""The parent's side of a page's picture: the file goes to a limited child, and what comes back is checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ert_core.loaders.limits import Limits
from ert_core.loaders.process import child_output, reply_of
from ert_core.loaders.request import PictureOrder

# A person waits for it. Pixels: no picture is larger than this, whatever the child says.
MOST_PIXELS = 3_100_000
LIMITS = Limits(wall_seconds=20, cpu_seconds=15, output_bytes=3 * MOST_PIXELS)

PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True)
class DrawnPage:
    """A page as RGB pixels, row by row, `3 * width * height` bytes.

    `pages` is the number of pages of the file, `boxes` are (left, top, right, bottom) of what is marked, in pixels of
    the picture, `found` says whether every quote was found on the page (False without one), and `window` is
    the part of the page that the picture shows: (left, top, right, bottom) as shares of it.
    """

    width: int
    height: int
    pixels: bytes
    pages: int
    boxes: tuple[PixelBox, ...]
    found: bool
    window: tuple[float, float, float, float]


def draw_page(
    name: str, content: bytes, order: PictureOrder, *, password: str | None = None, limits: Limits = LIMITS
) -> DrawnPage:
    """Draw a page of the PDF `content`. Raises LoaderError, and nothing else, whatever the file holds."""
    header = {"family": "pdf", "suffix": ".pdf", "password": password, "picture": order._asdict()}
    return reply_of(name, child_output(name, content, header, limits=limits), _read)


def _read(reply: Any, pixels: memoryview) -> DrawnPage:
    width, height, pages = (_number(reply[key]) for key in ("width", "height", "pages"))
    if not (width and height and width * height <= MOST_PIXELS and len(pixels) == 3 * width * height):
        raise ValueError("not the picture of a page")
    boxes = tuple(_box(box, width, height) for box in reply["boxes"])
    left, top, right, bottom = map(float, reply["window"])
    if not all(math.isfinite(side) and 0 <= side <= 1 for side in (left, top, right, bottom)):
        raise ValueError("no part of a page")
    return DrawnPage(width, height, bytes(pixels), pages, boxes, reply["found"] is True, (left, top, right, bottom))


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a number of pixels or pages")
    return value


def _box(box: Any, width: int, height: int) -> PixelBox:
    left, top, right, bottom = map(_number, box)
    if not (left < right <= width and top < bottom <= height):
        raise ValueError("no box of the picture")
    return left, top, right, bottom
