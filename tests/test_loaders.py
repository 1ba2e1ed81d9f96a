"""Every format through `load`, its real child process included; and what is refused, with its reason."""

from __future__ import annotations

import datetime
import io
import json
import logging

import openpyxl
import pytest
from pptx import Presentation
from pptx.util import Inches

from ert_core.errors import (
    DamagedFileError,
    EncryptedFileError,
    FileTooLargeError,
    LoaderError,
    LoaderLimitError,
    UnknownFormatError,
)
from ert_core.loaders import FAMILY_OF_SUFFIX, SUPPORTED_SUFFIXES, Limits, load
from ert_core.loaders.loader_errors import ERRORS
from ert_core.locale import LANGUAGES, catalogue
from tests import loaders_files as files

FRENCH = "L'épaisseur de l'aquifère atteint 31 m ; « à vérifier » à l'été, coût : 12 €."


def text_of(name: str, content: bytes, **options: object) -> str:
    return "\n\n".join(page.text for page in load(name, content, **options).pages)  # type: ignore[arg-type]


def test_plain_text_markdown_and_code_are_kept_as_they_are() -> None:
    markdown = "# Titre\n\n- un  \n- deux\n\n```py\nx = 1\n```\n"
    loaded = load("notes.MD", markdown.encode())
    assert (loaded.media_type, len(loaded.pages), loaded.pages[0].number) == ("text/markdown", 1, None)
    assert loaded.pages[0].text == markdown
    assert text_of("a.py", b"def f():\r\n\treturn 1\r\n") == "def f():\n\treturn 1\n"
    assert load("a.py", b"x").media_type == "text/plain"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso8859-15"])
def test_text_in_the_usual_encodings(encoding: str) -> None:
    sentence = FRENCH.replace("€", "F") if encoding == "iso8859-15" else FRENCH
    assert text_of("a.txt", sentence.encode(encoding)) == sentence


def test_pdf_pages_are_numbered_and_their_words_joined() -> None:
    loaded = load("rapport.pdf", files.pdf(["Première page\nL'épais-\nseur est de 12 m (au moins).", "", "Page trois"]))
    assert loaded.media_type == "application/pdf"
    assert [page.number for page in loaded.pages] == [1, 2, 3]
    assert "L'épaisseur est de 12 m (au moins)." in loaded.pages[0].text
    assert [page.text for page in loaded.pages[1:]] == ["", "Page trois"]


def test_pdf_paragraphs_and_raised_signs() -> None:
    stream = (
        b"BT /F 18 Tf 60 780 Td (Essai de pompage) Tj /F 12 Tf 0 -30 Td (Le d\xe9bit est de 14 m) Tj /F 7 Tf 5 Ts "
        b"(3) Tj /F 12 Tf 0 Ts (/h pendant six heures, sans) Tj 0 -14 Td (rabattement notable.) Tj "
        b"0 -14 Td (Il est stable.) Tj 0 -40 Td (Un autre point.) Tj 0 -14 Td (La suite.) Tj ET"
    )
    assert load("a.pdf", files.pdf([stream])).pages[0].text == (
        "Essai de pompage\n\nLe débit est de 14 m³/h pendant six heures, sans\nrabattement notable.\nIl est stable.\n\n"
        "Un autre point.\nLa suite."
    )


def test_an_exponent_is_not_a_digit_of_the_number() -> None:
    stream = b"BT /F 12 Tf 60 780 Td (Soit 10) Tj /F 7 Tf 5 Ts (-3) Tj /F 12 Tf 0 Ts ( S/m et 103 m.) Tj ET"
    assert load("a.pdf", files.pdf([stream])).pages[0].text == "Soit 10⁻³ S/m et 103 m."


def test_a_pdf_under_a_password() -> None:
    open_to_all = files.pdf(["Lisible par tous"], user_password="")
    assert text_of("a.pdf", open_to_all) == "Lisible par tous"
    locked = files.pdf(["Secret"], user_password="clé")
    with pytest.raises(EncryptedFileError) as refused:
        load("a.pdf", locked)
    assert refused.value.code == "file_encrypted"
    with pytest.raises(EncryptedFileError) as refused:
        load("a.pdf", locked, password="autre")
    assert refused.value.code == "password_wrong"
    ascii_locked = files.pdf(["Secret"], user_password="open sesame")
    assert text_of("a.pdf", ascii_locked, password="open sesame") == "Secret"


def test_docx_headings_lists_and_tables() -> None:
    body = files.paragraph("Étude du site", "Heading1") + files.paragraph("Le calcaire affleure.")
    body += files.docx_table([["Sondage", "Profondeur"], ["S1", "12,5 m"]])
    text = text_of("étude.docx", files.docx(body))
    assert "Le calcaire affleure." in text
    assert "Sondage: S1 | Profondeur: 12,5 m" in text


def test_pptx_slides_with_title_table_and_notes() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Zones"
    low = slide.shapes.add_textbox(Inches(1), Inches(5), Inches(4), Inches(1))
    low.text_frame.text = "Tout en bas."
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for row, values in enumerate([("Zone", "Distance"), ("interdite", "2 m")]):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    slide.notes_slide.notes_text_frame.text = "Rappeler l'arrêt d'urgence."
    deck.slides.add_slide(deck.slide_layouts[6])
    buffer = io.BytesIO()
    deck.save(buffer)
    pages = load("a.pptx", buffer.getvalue()).pages
    assert [page.number for page in pages] == [1, 2]
    assert pages[0].text == (
        "# Zones\n\nZone: interdite | Distance: 2 m\n\nTout en bas.\n\nRappeler l'arrêt d'urgence."
    )
    assert pages[1].text == ""


def test_xlsx_rows_carry_their_headers() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Forages"
    sheet.append(["Campagne 2024"])
    sheet.append([])
    sheet.append(["Forage", "Date", "Profondeur (m)", "Sec"])
    sheet.append(["F1", datetime.date(2024, 3, 5), 48.5, True])
    sheet.append(["F2", datetime.datetime(2024, 3, 6, 14, 30), 0.1 + 0.2, None])
    sheet.append(["Part", None, 0.125])
    sheet["C6"].number_format = "0.0%"
    book.create_sheet("Vide")
    buffer = io.BytesIO()
    book.save(buffer)
    pages = load("forages.xlsx", buffer.getvalue()).pages
    assert pages[0].text == (
        "# Forages\n\nCampagne 2024\n\nForage: F1 | Date: 2024-03-05 | Profondeur (m): 48.5 | Sec: TRUE\n"
        "Forage: F2 | Date: 2024-03-06 14:30 | Profondeur (m): 0.3\nForage: Part | Profondeur (m): 12.5 %"
    )
    assert (pages[1].number, pages[1].text) == (2, "")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.csv", "Forage;Profondeur\nF1;48,5\nF2;31\n"),
        ("a.csv", 'Forage,Profondeur\nF1,"48,5"\nF2,31\n'),
        ("a.tsv", "Forage\tProfondeur\nF1\t48,5\nF2\t31\n"),
        ("a.csv", "sep=|\nForage|Profondeur\nF1|48,5\nF2|31\n"),
    ],
)
def test_csv_in_its_dialects(name: str, source: str) -> None:
    assert text_of(name, source.encode()) == "Forage: F1 | Profondeur: 48,5\nForage: F2 | Profondeur: 31"


def test_epub_chapters_follow_the_spine_and_stay_inside_the_book() -> None:
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
    chapter = (
        '<?xml version="1.0" encoding="utf-8"?>' + doctype + "<html><body><h1>Deux</h1><p>Été&#160;!</p></body></html>"
    )
    book = files.epub({"b.xhtml": chapter, "a.xhtml": "<html><body><p>Un</p></body></html>"})
    assert [(page.number, page.text) for page in load("livre.epub", book).pages] == [
        (1, "# Deux\n\nÉté\xa0!"),
        (2, "Un"),
    ]
    item, reference = '<item id="i" href="a.xhtml" media-type="text/html"/>', '<itemref idref="i"/>'
    twice = f"<package><manifest>{item}</manifest><spine>{reference * 2}</spine></package>"
    again = files.epub({"a.xhtml": "<p>Un</p>"}, **{"OEBPS__book.opf": twice})
    assert text_of("a.epub", again) == "Un"
    outside = files.epub({"../../../../etc/passwd": "<html><body>x</body></html>"})
    assert "root" not in text_of("a.epub", outside)


def test_json_keeps_its_keys() -> None:
    value = {
        "site": {"nom": "Combe", "coté": 1.50},
        "forages": [{"id": "F1", "m": 48.5}, {"id": "F2", "m": 31}],
        "n": None,
    }
    text = text_of("a.json", json.dumps(value).encode())
    assert text == "- site: nom: Combe; coté: 1.5.\n- forages: id: F1; m: 48.5.\n- forages: id: F2; m: 31."
    lines = '{"id": "F1", "m": 1.50}\n{"id": "F2", "m": 2}\n'
    assert text_of("a.jsonl", lines.encode()) == "- id: F1; m: 1.50.\n- id: F2; m: 2."
    assert text_of("a.json", b'{"cut": [1, 2') == '{"cut": [1, 2'


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.html", "a.json", "a.py"])
@pytest.mark.parametrize("content", [b"", b" \n\t \r\n"])
def test_nothing_in_a_text_file_is_an_empty_document(name: str, content: bytes) -> None:
    assert text_of(name, content).strip() == ""


def refused(name: str, content: bytes, **options: object) -> LoaderError:
    with pytest.raises(LoaderError) as raised:
        load(name, content, **options)  # type: ignore[arg-type]
    for language in LANGUAGES:
        message, remedy = raised.value.in_language(language)
        assert name in message and remedy and "{" not in message + remedy
    return raised.value


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
NOT_UTF8 = bytes((n * 197 + n * n * 7) % 256 for n in range(3000))


@pytest.mark.parametrize(
    ("name", "content", "kind", "code"),
    [
        ("a.exe", b"MZ\x90", UnknownFormatError, "format_unknown"),
        ("README", b"text", UnknownFormatError, "format_unknown"),
        ("a.doc", OLE, UnknownFormatError, "format_legacy"),
        ("a.xls", OLE, UnknownFormatError, "format_legacy"),
        ("a.docx", OLE, UnknownFormatError, "format_legacy"),
        ("a.odt", b"PK\x03\x04", UnknownFormatError, "format_legacy"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), EncryptedFileError, "encryption_unknown"),
        ("a.txt", PNG, DamagedFileError, "file_binary"),
        ("a.txt", NOT_UTF8, DamagedFileError, "file_binary"),
        ("a.pdf", files.zipped({"a": "b"}), DamagedFileError, "content_mismatch"),
        ("a.pdf", PNG, DamagedFileError, "content_mismatch"),
        ("a.pdf", b"", DamagedFileError, "file_damaged"),
        ("a.pdf", b"%PDF-1.4\nnothing", DamagedFileError, "file_damaged"),
        ("a.docx", b"words", DamagedFileError, "file_damaged"),
        ("a.docx", files.docx(files.paragraph("x"))[:300], DamagedFileError, "file_damaged"),
        ("a.xlsx", files.zipped({"a": "b"}), DamagedFileError, "file_damaged"),
        ("a.docx", files.docx("<w:p>"), DamagedFileError, "file_damaged"),
    ],
)
def test_what_is_refused_says_why(name: str, content: bytes, kind: type[LoaderError], code: str) -> None:
    error = refused(name, content)
    assert (type(error), error.code) == (kind, code)


def test_the_content_tells_where_the_name_is_plainly_wrong() -> None:
    assert text_of("a.txt", files.pdf(["Bonjour"])) == "Bonjour"
    word = files.docx(files.paragraph("Bonjour"))
    assert text_of("a.xlsx", word) == text_of("a.doc", word) == "Bonjour"
    assert "wordprocessingml" in load("a.xlsx", word).media_type


def test_a_name_is_never_a_path() -> None:
    for name in (
        "../../etc/passwd.txt",
        "/etc/passwd.txt",
        "C:\\x\\y.txt",
        "a\0b.txt",
        "x" * 5000 + ".txt",
        "{x}%s.txt",
    ):
        assert text_of(name, b"inside") == "inside"


def test_a_file_over_the_limit() -> None:
    error = refused("a.txt", b"x" * 2_000_001, limits=Limits(file_bytes=2_000_000))
    assert isinstance(error, FileTooLargeError) and "3 MB" in error.message and "2 MB" in error.message
    assert text_of("a.txt", b"x" * 2000, limits=Limits(file_bytes=2000)) == "x" * 2000


def test_more_text_or_pages_than_the_limits() -> None:
    small = Limits(output_bytes=1000, pages=2)
    for name, content in (("a.txt", b"x" * 1001), ("a.pdf", files.pdf(["x" * 60 + "\n"] * 2 + ["y" * 2000])[:-1])):
        assert isinstance(refused(name, content, limits=small), LoaderLimitError)
    assert text_of("a.txt", b"x" * 1000, limits=small) == "x" * 1000
    assert refused("a.pdf", files.pdf(["a", "b", "c"]), limits=small).code == "limit_pages"
    assert len(load("a.pdf", files.pdf(["a", "b"]), limits=small).pages) == 2


def test_the_suffixes_and_texts_are_whole() -> None:
    assert {
        ".pdf",
        ".docx",
        ".pptx",
        ".xlsx",
        ".csv",
        ".txt",
        ".md",
        ".html",
        ".epub",
        ".json",
        ".py",
    } <= SUPPORTED_SUFFIXES
    assert all(s == s.lower() and s.startswith(".") for s in SUPPORTED_SUFFIXES) and ".doc" not in FAMILY_OF_SUFFIX
    for language in LANGUAGES:
        for code in ERRORS:
            assert {f"error.{code}.message", f"error.{code}.remedy"} <= catalogue(language).keys()


def test_what_the_child_complains_about_is_logged_for_debugging_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="ert_core.loaders"):
        error = refused("a.docx", files.docx("<w:p>"))
    assert "Traceback" in caplog.text and "Traceback" not in error.message
    assert all(record.levelno == logging.DEBUG for record in caplog.records)
