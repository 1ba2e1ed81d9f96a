"""Files made to take much memory or time: refused, or read within the limits."""

from __future__ import annotations

import zipfile
from io import BytesIO

import openpyxl
import pytest

from ert_core.errors import DamagedFileError, LoaderError
from ert_core.loaders import Limits, load
from ert_core.loaders.archive import MAX_ENTRIES
from tests import loaders_files as files


def bomb(ratio_bytes: int) -> bytes:
    document = b"<w:p/>" * (ratio_bytes // 6)
    return files.zipped({"[Content_Types].xml": files.CONTENT_TYPES, "word/document.xml": document})


def many_entries(told: int = MAX_ENTRIES + 1) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
        for n in range(MAX_ENTRIES):
            archive.writestr(f"{n}", b"")
    end = buffer.getvalue().rfind(b"PK\x05\x06")
    return buffer.getvalue()[: end + 8] + 2 * told.to_bytes(2, "little") + buffer.getvalue()[end + 12 :]


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("ratio.docx", bomb(30_000_000), "archive_excessive"),
        ("entries.docx", many_entries(), "archive_excessive"),
        ("told.docx", many_entries(told=5), "archive_excessive"),
        ("laughs.docx", files.docx(files.paragraph("&c;"), head=LAUGHS), "xml_doctype"),
        ("laughs16.docx", files.zipped({"word/document.xml": LAUGHS.encode("utf-16")}), "xml_doctype"),
        ("laughs.epub", files.epub({"a.xhtml": LAUGHS + "<html><body>&f;</body></html>"}), "xml_doctype"),
        (
            "container.epub",
            files.zipped({"META-INF/container.xml": LAUGHS + "<container/>"}),
            "xml_doctype",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_bombs_and_entities_are_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(DamagedFileError) as raised:
        load(name, content)
    assert raised.value.code == code


def test_an_archive_that_needs_a_password() -> None:
    content = bytearray(files.docx(files.paragraph("x")))
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 8] |= 1
        start += 4
    with pytest.raises(LoaderError) as raised:
        load("a.docx", bytes(content))
    assert raised.value.code == "encryption_unknown"


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 50_000 + "deep" + "</div>" * 50_000,
        "<table>" * 3000 + "<tr><td>deep",
        "<ul><li>" * 3000 + "deep",
    ],
)
def test_deep_html_neither_crashes_nor_hangs(content: str) -> None:
    assert isinstance(load("a.html", content.encode()).pages[0].text, str)


ONE_CHAPTER_OFTEN = (
    '<package><manifest><item id="i" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine>'
    + '<itemref idref="i"/>' * 4000
    + "</spine></package>"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("number.csv", b"a;b\n" + b"1" * 200_000 + b"x;2"),
        ("marks.txt", ("a" + "\u0301\u0323" * 200_000).encode()),
        ("doctypes.epub", files.epub({f"{n}.xhtml": "<!DOCTYPE " * 400_000 for n in range(9)})),
        (
            "chapter.epub",
            files.epub({"a.xhtml": "<script>" + "x " * 1_000_000}, **{"OEBPS__book.opf": ONE_CHAPTER_OFTEN}),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_could_take_the_square_of_its_size_does_not(name: str, content: bytes) -> None:
    assert load(name, content, limits=Limits(cpu_seconds=10)).pages


SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
FAR_CELL = '<row r="{0}"><c r="XFD{0}"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "rows", [FAR_CELL.format(2_000_000), "".join(map(FAR_CELL.format, range(1, 1300)))], ids=["row", "columns"]
)
def test_a_sheet_of_far_cells_is_refused(rows: str) -> None:
    buffer = BytesIO()
    openpyxl.Workbook().save(buffer)
    with zipfile.ZipFile(buffer) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {SHEET}><sheetData>{rows}</sheetData></worksheet>".encode()
    with pytest.raises(DamagedFileError) as raised:
        load("a.xlsx", files.zipped(parts))
    assert raised.value.code == "archive_excessive"


def test_deep_json_is_kept_as_text() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert load("a.json", deep.encode()).pages[0].text == deep
