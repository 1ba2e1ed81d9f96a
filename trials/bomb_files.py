"""Files that would cost much more memory or time than their size: each maker gives (name, content), its sizes drawn."""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Callable
from random import Random

from tests import loaders_files as files
from trials.pdf_bombs import PDF_BOMBS
from trials.sound_files import ARCHIVES, sound_archive, with_parts

_MEGABYTE = 1 << 20
_NAMES = "abcdefghij"
_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">{}]>'.format(
    "".join(f'<!ENTITY {name} "{f"&{below};" * 10}">' for below, name in zip(_NAMES, _NAMES[1:], strict=False))
)
_SHEET_NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def high_ratio(rng: Random) -> tuple[str, bytes]:
    """A part that deflates 1000:1."""
    part = b"<w:p/>" * rng.randint(_MEGABYTE, 10 * _MEGABYTE)
    return "a.docx", with_parts(sound_archive("docx"), {rng.choice(("word/document.xml", "word/media/a.bin")): part})


def nested_zips(rng: Random) -> tuple[str, bytes]:
    """Archives within archives: alone, or embedded in an office file."""
    inner = files.zipped({"zeros": bytes(20 * _MEGABYTE)})
    for _ in range(rng.randint(3, 8)):
        inner = files.zipped({f"{n}.zip": inner for n in range(10)})
    family = rng.choice(ARCHIVES)
    return f"a.{family}", rng.choice((inner, with_parts(sound_archive(family), {"word/embeddings/a.zip": inner})))


def laughs(rng: Random) -> tuple[str, bytes]:
    """Entities of entities in a part of an archive, in an encoding and under a name that a check could overlook."""
    family = rng.choice(ARCHIVES)
    part, rest = rng.choice(
        {
            "docx": [("word/document.xml", "<w:t>%</w:t>")],
            "pptx": [("ppt/slides/slide1.xml", "<a:t>%</a:t>"), ("ppt/presentation.xml", "<x>%</x>")],
            "xlsx": [("xl/sharedStrings.xml", "<sst><si><t>%</t></si></sst>"), ("xl/workbook.xml", "<x>%</x>")],
            "epub": [("OEBPS/book.opf", "<package>%</package>"), ("OEBPS/a.xhtml", "<html><body>%</body></html>")],
        }[family]
    )
    encoding = rng.choice(("utf-8", "utf-16", "utf-32", "cp037", "utf-7"))
    declaration = f'<?xml version="1.0" encoding="{"IBM037" if encoding == "cp037" else encoding}"?>'
    xml = (declaration + _LAUGHS + rest.replace("%", f"&{_NAMES[-1]};")).encode(encoding)
    archive = with_parts(sound_archive(family), {part: xml})
    if rng.random() < 0.5 and family == "docx":
        hidden = files.DOCX_RELATIONS.replace("document.xml", "document.bin").encode()
        archive = with_parts(archive, {"_rels/.rels": hidden, posixpath.splitext(part)[0] + ".bin": xml, part: b"<x/>"})
    return f"a.{family}", archive


def many_entries(rng: Random) -> tuple[str, bytes]:
    """Up to half a million empty entries; the end of the archive may tell a small number."""
    count = rng.randint(20_000, 500_000)
    empty = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, *[0] * 7, 6, *[0] * 6)
    return "a.docx", _with_directory(b"".join(empty + b"%06x" % n for n in range(count)), rng.choice((5, count)))


def shared_entries(rng: Random) -> tuple[str, bytes]:
    """Entries that all unpack the same bytes, just under the limits of each."""
    part = rng.randbytes(4096).hex().encode() * rng.randint(400, 600)
    archive = with_parts(sound_archive("docx"), {"word/document.xml": b"<x>" + part + b"</x>"})
    start = archive.rfind(b"PK\1\2")
    record = archive[start : archive.rfind(b"PK\5\6")]
    return "a.docx", _with_directory(record * rng.randint(30, 90), 90, archive)


def lying_sizes(rng: Random) -> tuple[str, bytes]:
    """Sizes in the directory that are not those of the entries."""
    content = bytearray(with_parts(sound_archive("docx"), {"word/document.xml": b"<w:p/>" * _MEGABYTE}))
    start = content.rfind(b"PK\1\2")
    size = rng.choice((0, 1, 100, 2**31 - 1, 2**32 - 2))
    struct.pack_into("<I", content, start + rng.choice((20, 24)), size)
    return "a.docx", bytes(content)


def _with_directory(more: bytes, count: int, archive: bytes | None = None) -> bytes:
    """An archive with more entries in its directory; its end tells `count`."""
    archive = archive or sound_archive("docx")
    end = archive.rfind(b"PK\5\6")
    _, offset = struct.unpack_from("<2I", archive, end + 12)
    directory = archive[offset:end] + more
    told = min(count, 65_535)
    end_record = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, told, told, len(directory), offset, 0)
    return archive[:offset] + directory + end_record


def deep_json(rng: Random) -> tuple[str, bytes]:
    """Lists in lists, a line or all of it; or names that repeat all the names above them."""
    depth = rng.randint(50_000, _MEGABYTE)
    nested = "".join('{"v":1,"%s":' % ("k" * 5000) for _ in range(800)) + "1" + "}" * 800
    lines = ("[" * 900 + "]" * 900 + "\n") * 2000
    return "a.json", rng.choice(("[" * depth + "]" * depth, '{"a":' * depth, nested, lines)).encode()


def deep_html(rng: Random) -> tuple[str, bytes]:
    """Elements in elements, with and without a text in each."""
    depth = rng.randint(20_000, 200_000)
    opened = rng.choice(
        ("<div>", "<div> ", "<ul><li>x", "<table><tr><td>", "<font>", "<p><b>", "<sup>2", "<pre>x", "<dl><dd> ")
    )
    start = rng.choice(("", "<li>", "<pre>", "<table><tr><td>"))
    return "a.html", (start + opened * depth + "deep " * rng.choice((1, 200_000))).encode()


def wide_header(rng: Random) -> tuple[str, bytes]:
    """A table whose long header is repeated in each of its rows."""
    name, rows = "n" * rng.randint(100_000, 400_000), rng.randint(3000, 9000)
    html = f"<table><tr><th colspan=50>{name}<th>b</tr>" + "<tr><td>1<td>2</tr>" * rows + "</table>"
    names = [("n" * 90) + str(n) for n in range(20_000)]
    csv = "\n".join([";".join(names), *[";".join("1" * 20_000)] * 200])
    markdown = f"|{name}|b|\n|-|-|\n" + "|1|2|\n" * rows
    return rng.choice((("a.html", html.encode()), ("a.csv", csv.encode()), ("a.md", markdown.encode())))


def giant_cells(rng: Random) -> tuple[str, bytes]:
    """A workbook with a text of megabytes, once or in every cell, or with cells far from each other."""
    text = rng.randbytes(rng.randint(1, 9) * _MEGABYTE).hex()
    far = '<row r="{0}"><c r="XFD{0}"><v>1</v></c></row>'
    strings = f"<sst {_SHEET_NAMES}><si><t>{text[:_MEGABYTE]}</t></si></sst>"
    rows = rng.choice(
        (
            f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>',
            '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' * 9000,
            "".join(far.format(n) for n in range(1, rng.randint(20_000, 90_000))),
            far.format(rng.choice((2**31 - 1, 10**12))),
        )
    )
    sheet = f"<worksheet {_SHEET_NAMES}><sheetData>{rows}</sheetData></worksheet>"
    parts = {"xl/worksheets/sheet1.xml": sheet.encode(), "xl/sharedStrings.xml": strings.encode()}
    return "a.xlsx", with_parts(sound_archive("xlsx"), parts)


def repeated_chapters(rng: Random) -> tuple[str, bytes]:
    """A book that names one chapter without a text thousands of times, or a chapter of unfinished document types."""
    chapter = rng.choice(("<html><script>" + "x " * _MEGABYTE, "<!DOCTYPE " * (_MEGABYTE // 3)))
    item = '<item id="i" href="a.xhtml" media-type="application/xhtml+xml"/>'
    spine = '<itemref idref="i"/>' * rng.randint(1000, 4900)
    package = f"<package><manifest>{item}</manifest><spine>{spine}</spine></package>"
    return "a.epub", with_parts(files.epub({"a.xhtml": chapter}), {"OEBPS/book.opf": package.encode()})


def slow_patterns(rng: Random) -> tuple[str, bytes]:
    """Texts that a pattern would look at again and again."""
    many = rng.randint(100_000, 300_000)
    number = ("a.csv", b"a;b\n" + b"1" * many + b"x;2")
    quotes = ("a.csv", b'a;"' + b'"";"' * many)
    fences = ("a.md", b"|a|\n|-|\n" * many + b"``` |\n" * many)
    return rng.choice((number, quotes, fences))


def combining_marks(rng: Random) -> tuple[str, bytes]:
    """Accents that the normal form puts in order, as many as a file has room for."""
    return "a.txt", ("a" + "\u0301\u0323" * rng.randint(100_000, 2 * _MEGABYTE)).encode()


def unknown_encoding(rng: Random) -> tuple[str, bytes]:
    """Bytes that no encoding explains."""
    return "a.txt", bytes(rng.choices(range(128, 256), k=rng.randint(_MEGABYTE, 8 * _MEGABYTE)))


def wide_letters(rng: Random) -> tuple[str, bytes]:
    """A text with one letter that makes each of them four bytes wide in memory."""
    # No more: the text itself would be most of what the memory may grow by.
    return "a.txt", ("e" * rng.randint(6 * _MEGABYTE, 14 * _MEGABYTE) + "\U0001f600").encode()


BOMBS: tuple[Callable[[Random], tuple[str, bytes]], ...] = (
    *(wide_letters, high_ratio, laughs, nested_zips, many_entries, shared_entries, lying_sizes, giant_cells),
    *PDF_BOMBS,
    *(deep_json, deep_html, wide_header, repeated_chapters, slow_patterns, combining_marks, unknown_encoding),
)
