"""Files dropped on the documents page: each format is added and answers; what cannot be read is told, with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import LOCALES, NEEDS_CHROMIUM, Server, Visit, running_server, visiting
from tests.every_format import NAMES, PAGES, file_of
from tests.journeys import FIRST, answer, button, error_words, give_files, replaced, words
from tests.loaders_files import pdf

pytestmark = NEEDS_CHROMIUM
PLACES = (
    *("Combe Noire", "Valsombre", "Grand Essart", "Roche Plate", "Bois Clair", "Mont Gris", "Val Perdu"),
    *("Pré Long", "Haute Borne", "Font Vive", "Clos Sec"),
)
# Asked in the language of the document, on a page in the other one.
FACTS = {
    "fr-FR": ("Le forage de {place} atteint une profondeur de {depth} m.", "Quelle profondeur atteint le forage de"),
    "en-GB": ("The borehole of {place} reaches a depth of {depth} m.", "What depth is reached by the borehole of"),
}
LIMIT_MB = 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this module share, in order."""
    home = tmp_path_factory.mktemp("upload") / "home"
    with running_server(home, ERT_MAX_FILE_MB=str(LIMIT_MB)) as running:
        yield running


@pytest.fixture
def visit(browser: Any, server: Server, locale: str) -> Iterator[Visit]:
    with visiting(browser, server, locale) as opened:
        opened.open("documents")
        yield opened
        assert opened.foreign == []


def is_listed(visit: Visit, locale: str, name: str) -> None:
    """The table is painted: its filter tells what it holds."""
    box = visit.page.get_by_label(words(locale, "library.filter"), exact=True)
    box.fill(name)
    box.press("Enter")
    visit.page.get_by_text(words(locale, "library.found", count=1, total="").strip()).first.wait_for()


def told(visit: Visit, name: str, *sentences: str) -> None:
    """The line of the report on one file says all that."""
    line = visit.page.locator("li", has_text=name).last
    for sentence in sentences:
        line.get_by_text(sentence).wait_for(timeout=FIRST)


def test_the_drop_zone_speaks_the_language_of_the_page(visit: Visit, locale: str) -> None:
    zone = visit.page.get_by_test_id("stFileUploaderDropzone")
    zone.get_by_role("button", name=words(locale, "drop_zone.choose")).wait_for()  # a screen reader says both
    assert replaced(zone.get_by_text("Upload", exact=True)) == words(locale, "drop_zone.choose")
    assert replaced(zone.get_by_text("per file")) == words(locale, "drop_zone.drop")
    visit.page.get_by_text(words(locale, "documents.drop", size="1,0 Mo" if locale == "fr-FR" else "1.0 MB")).wait_for()
    assert visit.page.locator("html").get_attribute("lang") == locale[:2]
    assert visit.page.get_by_test_id("stMainMenu").count() == 0, "it would speak English"
    dragged = visit.page.evaluate_handle(
        "() => { const files = new DataTransfer(); files.items.add(new File(['x'], 'x.txt')); return files }"
    )
    zone.dispatch_event("dragenter", {"dataTransfer": dragged})
    assert replaced(zone.get_by_text("Drag and drop")) == words(locale, "drop_zone.release")


@pytest.mark.parametrize(("number", "name"), list(enumerate(NAMES)))
def test_a_file_of_each_format_is_added_and_answers_in_the_other_interface(
    browser: Any, server: Server, number: int, name: str
) -> None:
    locale, other = LOCALES if number % 2 else LOCALES[::-1]
    sentence, question = FACTS[locale]
    place, depth = PLACES[number], 31 + 7 * number
    name = f"{place}-{name}"
    with visiting(browser, server, locale) as visit:
        visit.open("documents")
        give_files(visit, {name: file_of(name, place, sentence.format(place=place, depth=depth))})
        added = words(locale, "ingest.count", status=words(locale, "status.added"), count=1)
        visit.page.get_by_text(added, exact=True).wait_for(timeout=FIRST)
        is_listed(visit, locale, name)
        visit.open(f"?lang={other[:2]}")
        visit.ask(f"{question} {place} ?")
        answer(visit).get_by_text(f"{depth} m").first.wait_for(timeout=FIRST)
        page = PAGES.get(NAMES[number])
        source = name if page is None else words(other, "place.page", document=name, page=page)
        verified = words(other, "answer.open_source", n=1, state=words(other, "citation.verified"))
        answer(visit).get_by_role("button", name=verified).first.wait_for()
        visit.page.get_by_test_id("stChatMessage").last.get_by_role("button").get_by_text(source).first.wait_for()
        assert visit.foreign == []


def test_a_protected_pdf_asks_for_its_password(visit: Visit, locale: str) -> None:
    name = f"secret-{locale}.pdf"
    locked = {name: pdf([f"The gate of {locale} opens at 6 o'clock."], user_password="open sesame")}
    give_files(visit, locked)
    told(visit, name, *error_words(locale, "file_encrypted", name=name))
    button(visit, locale, "documents.password_title").click()
    password = visit.page.get_by_label(words(locale, "documents.password"))
    assert password.get_attribute("type") == "password", "nobody reads it over the shoulder"
    password.fill("close sesame")
    password.press("Enter")
    give_files(visit, locked)
    told(visit, name, error_words(locale, "password_wrong", name=name)[0])
    password.fill("open sesame")
    password.press("Enter")
    give_files(visit, locked)
    added = words(locale, "ingest.count", status=words(locale, "status.added"), count=1)
    visit.page.get_by_text(added, exact=True).wait_for()
    assert "sesame" not in visit.text()


def test_a_file_that_cannot_be_read_is_told_with_a_remedy(visit: Visit, locale: str) -> None:
    files = {
        "photo.xyz": b"x",
        "letter.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "torn.pdf": b"%PDF-1.4 nothing",
        "table.xlsx": b"a;b\n1;2\n",
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "slides.docx": b"\x89PNG\r\n\x1a\n" + bytes(40),
    }
    give_files(visit, {**files, f"sound-{locale}.txt": b"The pump is blue in " + locale.encode()})
    codes = ("format_unknown", "format_legacy", "file_damaged", "file_damaged", "file_binary", "content_mismatch")
    for name, code in zip(files, codes, strict=True):
        told(visit, name, *error_words(locale, code, name=name))
    failed = words(locale, "ingest.count", status=words(locale, "status.failed"), count=len(files))
    added = words(locale, "ingest.count", status=words(locale, "status.added"), count=1)
    visit.page.get_by_text(f"{added} · {failed}", exact=True).wait_for()


def test_files_without_text_are_told_apart_from_damaged_ones(visit: Visit, locale: str) -> None:
    scanned = b"q 400 0 0 500 90 150 cm 0.9 g 0 0 1 1 re f Q"  # a page that is a picture, without a letter
    give_files(visit, {f"scan-{locale}.pdf": pdf([scanned, scanned]), f"empty-{locale}.txt": b""})
    for name in (f"scan-{locale}.pdf", f"empty-{locale}.txt"):
        told(visit, name, words(locale, "status.empty"), words(locale, "ingest.empty"))
    assert words(locale, "status.failed") not in visit.text()


def test_a_file_over_the_limit_is_refused_and_one_under_it_is_not(visit: Visit, locale: str) -> None:
    sentence = f"Sounding made in {locale}. ".encode()
    give_files(visit, {"large.txt": sentence * (LIMIT_MB * 1_100_000 // len(sentence))})
    refused = visit.page.get_by_test_id("stFileChip").and_(visit.page.locator("[aria-invalid=true]"))
    refused.get_by_text("large.txt").wait_for()  # by Streamlit
    refused.hover()
    assert replaced(visit.page.get_by_test_id("stTooltipErrorContent")) == words(locale, "drop_zone.refused")
    give_files(visit, {f"small-{locale}.txt": sentence})
    added = words(locale, "ingest.count", status=words(locale, "status.added"), count=1)
    visit.page.get_by_text(added, exact=True).wait_for()
    is_listed(visit, locale, f"small-{locale}.txt")
