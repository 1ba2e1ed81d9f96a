"""A valid file of every format that ERT reads, made in memory; and an archive with some of its parts replaced."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from random import Random

import openpyxl
from pptx import Presentation
from pptx.util import Inches

from ert_core.loaders import FAMILY_OF_SUFFIX
from tests import loaders_files as files

ARCHIVES = ("docx", "pptx", "xlsx", "epub")
_ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "iso8859-15", "mac-roman"),
    *("cp850", "cp1251", "shift_jis", "gb18030", "cp037"),
)
_ROWS = [
    ("Forage", "Profondeur (m)", "Débit"),
    ("F1", "48,5", "14 m³/h"),
    ("F2", "31", "« à vérifier »"),
    ("F3", "", "3"),
]
_TEXT = "L'épaisseur de l'aquifère atteint 31 m. The clay is stiff and dry. Coût : 12 €."
_HTML = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Titre</title><style>p{}</style></head><body><h1>Un</h1>"
    f"<p>{_TEXT} m<sup>2</sup></p><ul><li>un<ol><li>deux</ol></ul><table><tr><th colspan=2>A<th>B</tr>"
    "<tr><td rowspan=2>1<td>2<td>3</tr></table><pre> x = 1\n</pre></body></html>"
)
_NOTEBOOK = {
    "cells": [{"cell_type": "markdown", "source": ["# Un\n", _TEXT]}, {"cell_type": "code", "source": "x = 1"}]
}
_TEXTS = {
    "delimited": "\n".join(";".join(row) for row in _ROWS),
    "html": _HTML,
    "json": json.dumps(
        {"rows": [dict(enumerate(row)) for row in _ROWS], "deep": [[[1.50, None]], _NOTEBOOK]}, indent=1
    ),
    "text": f"# Titre\n\n{_TEXT}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n",
    "code": f'def f():\n\t"""{_TEXT}"""\n\treturn "<a b=\'1\'/>"\n',
}


def sound_files(rng: Random) -> list[tuple[str, bytes]]:
    """(name, content), one or more a family; the encodings of the texts and the suffixes are drawn."""
    page = b"BT /F 12 Tf 60 780 Td (Soit 10) Tj /F 7 Tf 5 Ts (-3) Tj ET"
    made = [(family, sound_archive(family)) for family in ARCHIVES]
    made += [("pdf", files.pdf([_TEXT, "", page])), ("pdf", files.pdf([_TEXT], user_password=""))]
    made += [(family, text.encode(rng.choice(_ENCODINGS), "replace")) for family, text in _TEXTS.items()]
    made.append(("text", _TEXTS["text"].encode(rng.choice(_ENCODINGS), "replace")))
    return [(f"a{rng.choice(suffixes_of(family))}", content) for family, content in made]


def sound_archive(family: str) -> bytes:
    """A file of one of `ARCHIVES`."""
    if family == "docx":
        return files.docx(files.paragraph("Zones", "Heading1") + files.paragraph(_TEXT) + files.docx_table(_ROWS))
    if family == "epub":
        return files.epub({"a.xhtml": f"<html><body><h1>Un</h1><p>{_TEXT}</p></body></html>", "b.xhtml": _HTML})
    return _pptx() if family == "pptx" else _xlsx()


def suffixes_of(family: str) -> list[str]:
    """The suffixes of a family of formats, in a fixed order."""
    return sorted(suffix for suffix, of in FAMILY_OF_SUFFIX.items() if of == family)


def with_parts(archive: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A zip archive, some of its parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        entries: dict[str, str | bytes] = {name: opened.read(name) for name in opened.namelist()}
    return files.zipped(entries | dict(parts))


def _pptx() -> bytes:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Zones"
    slide.shapes.add_textbox(Inches(1), Inches(5), Inches(4), Inches(1)).text_frame.text = _TEXT
    table = slide.shapes.add_table(len(_ROWS), 3, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for row, values in enumerate(_ROWS):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    slide.notes_slide.notes_text_frame.text = _TEXT
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in [*_ROWS, ("F4", 0.125, True)]:
        book.active.append(row)
    book.create_sheet("Vide")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
