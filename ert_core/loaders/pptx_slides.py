"""PowerPoint presentations: a page per slide: title, texts from top to bottom, tables, notes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pptx import Presentation

from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.rows import document_rows, text_cell


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """Slides numbered from 1, hidden ones as well."""
    for number, slide in enumerate(Presentation(BytesIO(content)).slides, start=1):
        yield number, _slide_text(slide)


def _slide_text(slide: Any) -> str:
    title = slide.shapes.title
    blocks = []
    if title is not None and title.has_text_frame and title.text_frame.text.strip():
        blocks.append("# " + " ".join(title.text_frame.text.split()))
    for shape in _in_reading_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            blocks.append(_shape_text(shape))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        blocks.append(_paragraphs(slide.notes_slide.notes_text_frame, bullets=False))
    return "\n\n".join(block for block in blocks if block)


def _in_reading_order(shapes: Any) -> list[Any]:
    """Shapes from top to bottom, then left to right; those of a group where the group stands."""
    placed: list[tuple[tuple[int, int], Any]] = []
    pending: list[tuple[Any, tuple[int, int] | None]] = [(shape, None) for shape in shapes]
    while pending:
        shape, place = pending.pop(0)
        place = place or (shape.top or 0, shape.left or 0)
        if hasattr(shape, "shapes"):
            pending += [(inner, place) for inner in shape.shapes]
        else:
            placed.append((place, shape))
    return [shape for _, shape in sorted(placed, key=lambda pair: pair[0])]


def _shape_text(shape: Any) -> str:
    if getattr(shape, "has_table", False) and shape.has_table:
        rows = [[text_cell(cell.text_frame.text) for cell in row.cells] for row in shape.table.rows]
        return "\n".join(document_rows(rows)).strip("\n")
    if shape.has_text_frame:
        return _paragraphs(shape.text_frame, bullets=True)
    return ""


def _paragraphs(frame: Any, *, bullets: bool) -> str:
    """The paragraphs of a text frame; several of them on a slide are a list."""
    paragraphs = [(p.level, p.text.replace("\v", "\n").strip()) for p in frame.paragraphs]
    filled = [(level, text) for level, text in paragraphs if text]
    if bullets and len(filled) > 1:
        return "\n".join("  " * level + "- " + " ".join(text.split()) for level, text in filled)
    return "\n\n".join(text for _, text in filled)
