"""A page of a PDF as a picture: what is marked, and what hostile files come to."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pypdfium2
import pytest

from ert_core.errors import LoaderError, LoaderLimitError
from ert_core.loaders import Limits, load, process
from ert_core.loaders.pdf_quotes import fold
from ert_core.loaders.pictures import LIMITS, DrawnPage, draw_page
from ert_core.loaders.request import PictureOrder
from ert_core.sentences import sentence_spans
from tests import loaders_files as files

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ERT_SHARED") or REPOSITORY.parent / "shared")
CORPUS = SHARED / "corpus" / "pdf"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="limits of the kernel are POSIX")
sys.path.insert(0, str(REPOSITORY / "benchmarks"))
try:
    from source_boxes import is_right, letters_under
finally:
    sys.path.pop(0)


def drawn(content: bytes, page: int, text: str = "", *spans: tuple[int, int], zoom: float = 1.0) -> DrawnPage:
    return draw_page("a.pdf", content, PictureOrder(page, zoom, None, text, spans))


def under(content: bytes, page: int, picture: DrawnPage) -> str:
    """The letters that pdfium has under the boxes of a picture."""
    document = pypdfium2.PdfDocument(content)
    view = document[page - 1]
    left, top, right, bottom = picture.window
    size = (round(picture.width / (right - left)), round(picture.height / (bottom - top)))
    place = pypdfium2.PdfPosConv(view, (-round(left * size[0]), -round(top * size[1]), *size, 0))
    boxes = []
    for box in picture.boxes:
        (x, y), (other_x, other_y) = place.to_page(*box[:2]), place.to_page(*box[2:])
        boxes.append((min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)))
    text_page = view.get_textpage()
    letters = letters_under(text_page, boxes)
    text_page.close()
    document.close()
    return letters


def text_at(x: float, y: float, *lines: str, size: int = 10) -> bytes:
    shown = [line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") for line in lines]
    return b"BT /F %d Tf 14 TL %.1f %.1f Td " % (size, x, y) + b" ".join(b"(%s)Tj T*" % s for s in shown) + b" ET\n"


LEFT = (
    "La nappe est captive sous une épais-",
    "seur de marne de 12 m. Le forage F2",
    "la traverse. La nappe est captive.",
)
RIGHT = (
    "Son débit est de 14 m par heure, ce qui",
    "suffit (en été). La nappe est captive",
    "au sud aussi. Elle est suivie.",
)
COLUMNS = text_at(60, 810, "Rapport sur la nappe", size=8) + text_at(60, 700, *LEFT) + text_at(320, 700, *RIGHT)
TABLE = b"".join(
    text_at(x, 700 - 16 * n, cell)
    for n, row in enumerate(("Forage|Profondeur|Nature", "F1|48,5 m|calcaire", "F2|31 m|marne", "F3|31 m|sable"))
    for x, cell in zip((60, 160, 280), row.split("|"), strict=True)
)
MADE = files.pdf([COLUMNS, text_at(60, 810, "Rapport sur la nappe", size=8) + TABLE])


@pytest.mark.parametrize("zoom", [1.0, 2.0])
@pytest.mark.parametrize("page", [1, 2])
def test_the_letters_under_the_boxes_are_those_of_the_quote(page: int, zoom: float) -> None:
    text = load("a.pdf", MADE).pages[page - 1].text
    assert "Rapport" not in text
    for start, end in sentence_spans(text):
        picture = drawn(MADE, page, text, (start, end), zoom=zoom)
        assert picture.found and picture.boxes and picture.pages == 2
        if zoom == 1:  # else a part of it may be beside the picture
            assert is_right(fold(text[start:end]).letters, under(MADE, page, picture)), text[start:end]


def test_words_that_come_three_times_are_marked_where_they_are_quoted() -> None:
    text = load("a.pdf", MADE).pages[0].text
    quote, tops = "La nappe est captive", []
    start = text.find(quote)
    while start >= 0:
        tops.append(drawn(MADE, 1, text, (start, start + len(quote))).boxes[0][:2])
        start = text.find(quote, start + 1)
    assert len(set(tops)) == 3 and tops == sorted(tops, key=lambda place: (place[0] > 620, place[1]))


def test_what_is_marked_is_seen_and_nothing_else_changes() -> None:
    text = load("a.pdf", MADE).pages[0].text
    start = text.index("Elle est suivie.")
    plain, marked = drawn(MADE, 1), drawn(MADE, 1, text, (start, start + 16))
    assert not plain.found and plain.boxes == ()
    left, top, right, bottom = marked.boxes[0]
    changed = [n // 3 for n in range(0, len(plain.pixels), 3) if plain.pixels[n : n + 3] != marked.pixels[n : n + 3]]
    places = {(n % plain.width, n // plain.width) for n in changed}
    assert len(places) > 0.9 * (right - left) * (bottom - top)
    assert all(left - 3 <= x <= right + 3 and top - 3 <= y <= bottom + 3 for x, y in places)


def test_a_quote_of_another_page_is_not_marked() -> None:
    picture = drawn(MADE, 2, "Forage: F1\nLa nappe est captive sous une épaisseur de marne.", (11, 60))
    assert not picture.found and picture.boxes == ()


def test_a_turned_page_with_a_margin_cut_off_is_marked_at_its_place() -> None:
    turned = MADE.replace(b"/MediaBox[0 0 595 842]", b"/Rotate 90/CropBox[40 300 595 842]/MediaBox[0 0 595 842]")
    text = load("a.pdf", turned).pages[0].text
    start = text.index("Le forage F2")
    picture = drawn(turned, 1, text, (start, start + 12))
    assert picture.found and under(turned, 1, picture) == "leforagef2"
    assert abs(picture.width / picture.height - 542 / 555) < 0.01


def test_an_empty_password_opens_by_itself_and_another_one_does_not() -> None:
    assert drawn(files.pdf(["Le forage."], user_password=""), 1, "Le forage.", (0, 10)).found
    with pytest.raises(LoaderError) as refused:
        drawn(files.pdf(["Le forage."], user_password="x"), 1)
    assert refused.value.code == "file_encrypted"


def box(numbers: bytes) -> bytes:
    return MADE.replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[" + numbers + b"]")


MANY = b"0 0 595 842 re f\n" * 300_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (box(b"0 0 99999999 99999999"), "picture_size"),
        (box(b"0 0 14000 2"), "picture_size"),
        (MADE[:400], "file_damaged"),
        (b"%PDF-1.4\n" + b"\0" * 500, "file_damaged"),
        (b"", "file_damaged"),
    ],
)
def test_hostile_files_are_errors_for_people(content: bytes, code: str) -> None:
    with pytest.raises(LoaderError) as refused:
        drawn(content, 1)
    assert refused.value.code == code
    assert drawn(MADE, 1).pages == 2, "and the next one is drawn"


def test_pages_that_are_not_there() -> None:
    for page in (0, 3, -1):
        with pytest.raises(LoaderError) as refused:
            drawn(MADE, page)
        assert refused.value.code == "picture_no_page"


def test_a_page_that_takes_too_long_is_stopped() -> None:
    order = PictureOrder(1, 1, None, "", ())
    with pytest.raises(LoaderLimitError) as refused:
        draw_page("a.pdf", files.pdf([MANY]), order, limits=LIMITS._replace(wall_seconds=0.4))
    assert refused.value.code == "limit_time"


def reply(pixels: str, **changes: object) -> str:
    """A child that says so."""
    told = {"width": 1, "height": 1, "pages": 1, "boxes": [], "found": False, "window": [0, 0, 1, 1], **changes}
    return f"import sys; sys.stdout.write({json.dumps(told)!r} + chr(10) + {pixels!r})"


@posix_only
@pytest.mark.parametrize(
    "script",
    [
        "print('garbage')",
        reply("ab"),
        reply("abc", width=90000, height=90000),
        reply("abc", boxes=[[0, 0, 5, 5]]),
        reply("abc", boxes=[[0, 0, "1", 1]]),
        reply("abc", pages=True),
        reply("abc", window=[0, 0, 1, float("nan")]),
    ],
)
def test_a_child_that_a_file_has_taken_over_is_not_believed(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    order, limits = PictureOrder(1, 1, None, "", ()), Limits(output_bytes=10_000)
    monkeypatch.setattr(process, "_START", script)
    with pytest.raises(LoaderError) as refused:
        draw_page("a.pdf", MADE, order, limits=limits)
    assert refused.value.code == "file_crashed"
    monkeypatch.setattr(process, "_START", reply("abc"))
    assert draw_page("a.pdf", MADE, order, limits=limits).pixels == b"abc"


@pytest.mark.skipif(not CORPUS.exists(), reason=f"no shared corpus in {CORPUS} (set ERT_SHARED)")
@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("multicolumn.pdf", 1),
        ("pdflatex-4-pages.pdf", 2),
        ("habibi-rotated.pdf", 2),
        ("crazyones-pdfa.pdf", 1),
    ],
)
def test_real_files_are_marked_at_the_right_words(name: str, page: int) -> None:
    content = (CORPUS / name).read_bytes()
    text = load(name, content).pages[page - 1].text
    spans = sentence_spans(text)
    for start, end in spans[:: max(1, len(spans) // 4)]:
        picture = drawn(content, page, text, (start, end))
        assert picture.found and is_right(fold(text[start:end]).letters, under(content, page, picture)), text[start:end]
