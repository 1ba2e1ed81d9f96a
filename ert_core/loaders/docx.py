"""Word documents: mammoth reads their structure as HTML, which becomes text like any HTML."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import mammoth

from ert_core.loaders.html import text_of
from ert_core.loaders.request import RawPage, Request

_STYLES = "p[style-name='Title'] => h1:fresh"


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """One page without a number: Word sets its pages only when it prints."""
    # Pictures are left out here: as data addresses they would take a third more memory than they do.
    pictures = mammoth.images.img_element(lambda image: {"src": ""})
    converted = mammoth.convert_to_html(BytesIO(content), style_map=_STYLES, convert_image=pictures)
    yield None, text_of(converted.value)
