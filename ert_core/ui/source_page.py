"""A page of a PDF beside the answer: its picture with the quote marked, and the buttons to read on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ert_core.assistant import Assistant
from ert_core.errors import PictureError
from ert_core.page_pictures import ZOOMS, PagePicture
from ert_core.source_text import around, flowing
from ert_core.types import Document
from ert_core.ui.errors import show_error
from ert_core.ui.icon_button import icon_button
from ert_core.ui.markdown import marked
from ert_core.ui.session import t
from ert_core.ui.source_place import SourcePlace, next_zoom

# Characters of the quotes that the picture's description for screen readers holds.
_ALT_CHARACTERS = 400
# The part shown reaches the side of the page, but for what was rounded.
_EDGE = 0.005


def show_page(
    ert: Assistant, document: Document, quoted: int, spans: Sequence[tuple[int, int]], where: SourcePlace
) -> None:
    """The page turned to, first the `quoted` one; its text where it cannot be drawn. Raises DatabaseError."""
    number = where.page or quoted
    picture, problem = None, None
    try:
        picture = ert.page_pictures.picture(
            document.id, number, zoom=where.zoom, centre=where.centre, spans=tuple(spans)
        )
    except PictureError as error:
        problem = error
    _show_buttons(document, number, quoted, where, zooms=picture is not None)
    if picture is None:
        if problem is not None:
            show_error(problem)
        _show_text(ert, document, number, spans)
        return
    quotes = _quotes(ert, document, number, spans)
    st.image(picture.png, width="stretch", alt=_alt(document, number, quotes if picture.found else []))
    _show_moves(picture, where)
    if quotes and not picture.found:
        st.info(t("source.not_found"), icon=":material/location_off:")
        _show_text(ert, document, number, spans)


def _show_buttons(document: Document, number: int, quoted: int, where: SourcePlace, *, zooms: bool) -> None:
    zoom = where.zoom
    with _row():
        _button(where, "previous", ":material/chevron_left:", number <= 1, where.turn_to, number - 1)
        st.markdown(t("source.page_of", page=number, pages=document.pages), width="content")
        _button(where, "next", ":material/chevron_right:", number >= document.pages, where.turn_to, number + 1)
        if zooms:
            _button(where, "zoom_out", ":material/zoom_out:", zoom <= ZOOMS[0], where.zoom_to, next_zoom(zoom, -1))
            _button(where, "zoom_in", ":material/zoom_in:", zoom >= ZOOMS[-1], where.zoom_to, next_zoom(zoom, 1))
            _button(where, "fit", ":material/fit_screen:", zoom <= ZOOMS[0], where.zoom_to, ZOOMS[0])
        at_quote = number == quoted and where.centre is None
        _button(where, "show_quote", ":material/format_quote:", at_quote, where.show_quote)


def _show_moves(picture: PagePicture, where: SourcePlace) -> None:
    """To the other parts of a page of which one part is shown."""
    if where.zoom <= ZOOMS[0]:
        return
    left, top, right, bottom = window = picture.window
    with _row():
        _button(where, "left", ":material/arrow_back:", left <= _EDGE, where.move, window, -1, 0)
        _button(where, "up", ":material/arrow_upward:", top <= _EDGE, where.move, window, 0, -1)
        _button(where, "down", ":material/arrow_downward:", bottom >= 1 - _EDGE, where.move, window, 0, 1)
        _button(where, "right", ":material/arrow_forward:", right >= 1 - _EDGE, where.move, window, 1, 0)


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, gap="small", vertical_alignment="center")


def _button(
    where: SourcePlace, name: str, icon: str, disabled: bool, action: Callable[..., None], *arguments: object
) -> None:
    key = f"{where.key}-{name}"
    icon_button(t(f"source.{name}"), icon, key, disabled=disabled, on_click=action, args=arguments)


def _quotes(ert: Assistant, document: Document, number: int, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The texts of the quotes, as far as they stand on a page."""
    page = next((p for p in ert.library.store.pages(document.id) if p.number == number), None)
    if page is None:
        return []
    own = [(max(start, page.start), min(end, page.end)) for start, end in spans]
    texts = [ert.library.store.excerpt(document.id, start, end) for start, end in own if start < end]
    return [" ".join(text.split()) for text in texts if text]


def _alt(document: Document, number: int, quotes: Sequence[str]) -> str:
    if not quotes:
        return t("source.alt", document=document.name, page=number)
    return t("source.alt_quoted", document=document.name, page=number, quote=" … ".join(quotes)[:_ALT_CHARACTERS])


def _show_text(ert: Assistant, document: Document, number: int, spans: Sequence[tuple[int, int]]) -> None:
    """The extracted text of a page around the quote, or from its beginning."""
    page = next((p for p in ert.library.store.pages(document.id) if p.number == number), None)
    text = ert.library.store.text(document.id)
    if page is None or text is None or not text[page.start : page.end].strip():
        st.caption(t("source.page_empty"))
        return
    stretch = around(text, spans, (page.start, page.end))
    st.caption(t("source.page_text"))
    st.markdown(marked(flowing(stretch.text), *stretch.spans))
