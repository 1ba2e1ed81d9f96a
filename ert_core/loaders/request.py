"""What a parser gets and gives. Standard library only."""

from __future__ import annotations

from typing import NamedTuple

from ert_core.loaders.limits import Limits

# (number or None, text not yet cleaned)
RawPage = tuple[int | None, str]


class PictureOrder(NamedTuple):
    """The page of a PDF to draw, and what to mark on it.

    `page` is 1-based. At `zoom` 1 the picture shows the whole page; at z, a z-th of its width and height around
    `centre` (shares of the page, from its upper left corner), None for around the first quote. `text` is the page's
    extracted text, and each of `spans` the (start, end) of a quote in it.
    """

    page: int
    zoom: float
    centre: tuple[float, float] | None
    text: str
    spans: tuple[tuple[int, int], ...]


class Request(NamedTuple):
    """What a parser is told besides the bytes. `suffix` is lower case, with its dot.

    With `picture` a page is drawn, and no text is read.
    """

    family: str
    suffix: str
    password: str | None
    limits: Limits
    picture: PictureOrder | None = None
