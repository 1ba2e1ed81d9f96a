"""Pictures of the pages of a library's documents: kept for a while, and clear errors."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from ert_core.assistant import Assistant
from ert_core.errors import PictureError
from ert_core.page_pictures import PagePictures
from ert_core.types import Source
from tests import loaders_files as files
from tests.conftest import add

FIRST = "Le forage F2 atteint la nappe captive.\nSon débit est de 14 m par heure."
SECOND = "Le forage F3 est sec depuis 2019.\nIl a été rebouché."


@pytest.fixture
def report(ert: Assistant) -> str:
    """The id of a PDF of two pages."""
    [added] = add(ert, Source("rapport.pdf", files.pdf([FIRST, SECOND])))
    assert added.document_id is not None
    return added.document_id


def test_a_quote_that_goes_on_to_the_next_page_is_marked_on_both(ert: Assistant, report: str) -> None:
    text = ert.library.store.text(report) or ""
    span = (text.index("Son débit"), text.index("depuis"))
    first, second = (ert.page_pictures.picture(report, page, spans=[span]) for page in (1, 2))
    assert (first.found, second.found, first.pages, second.page) == (True, True, 2, 2)
    assert len(first.boxes) == len(second.boxes) == 1
    assert first.boxes[0][1] > second.boxes[0][1], "the second line of the one, the first of the other"
    with Image.open(BytesIO(first.png)) as image:
        assert image.format == "PNG" and image.size == (first.width, first.height)
        left, top, right, bottom = first.boxes[0]
        colours = image.crop((left, top, right, bottom)).getcolors(100_000) or []
        red, green, blue = max(colours)[1]  # type: ignore[misc]
        assert red > 230 and green > 200 and blue < 160, "marked in yellow"


def test_zoom_shows_the_part_with_the_quote(ert: Assistant, report: str) -> None:
    text = ert.library.store.text(report) or ""
    start = text.index("Le forage F3")
    whole = ert.page_pictures.picture(report, 2, spans=[(start, start + 12)])
    near = ert.page_pictures.picture(report, 2, zoom=3, spans=[(start, start + 12)])
    assert whole.window[:2] == (0, 0) and (near.width, near.height) == (whole.width, whole.height)
    assert near.window[2] - near.window[0] == pytest.approx(1 / 3, abs=0.01) and near.found
    assert near.boxes[0][2] - near.boxes[0][0] == pytest.approx(3 * (whole.boxes[0][2] - whole.boxes[0][0]), abs=6)
    corner = ert.page_pictures.picture(report, 2, zoom=3, centre=(1, 1), spans=[(start, start + 12)])
    assert corner.boxes == () and corner.found, "it is on the page, beside what is shown"


def test_pictures_are_kept_up_to_their_bytes(ert: Assistant, report: str) -> None:
    one = ert.page_pictures.picture(report, 1)
    assert ert.page_pictures.picture(report, 1) is one
    small = PagePictures(ert.library.store, kept_bytes=len(one.png) + 10)
    first = small.picture(report, 1)
    small.picture(report, 2)
    assert small.picture(report, 1) is not first and small.picture(report, 1) == first


def test_errors_say_what_is_the_matter(ert: Assistant, report: str) -> None:
    secret = files.pdf(["Le forage F4 est secret."], user_password="x")
    added = add(ert, Source("secret.pdf", secret, password="x"), Source("note.md", b"Le forage F5 est un puits."))
    for document, page, code in (
        (report, 3, "picture_no_page"),
        ("0" * 64, 1, "picture_gone"),
        (added[0].document_id, 1, "picture_encrypted"),
        (added[1].document_id, 1, "picture_gone"),
    ):
        with pytest.raises(PictureError) as refused:
            ert.page_pictures.picture(document or "", page)
        assert refused.value.code == code and all(refused.value.in_language("fr"))


def test_a_document_that_is_deleted_takes_its_pictures_with_it(ert: Assistant, report: str) -> None:
    ert.page_pictures.picture(report, 1)
    ert.library.remove(report)
    with pytest.raises(PictureError) as refused:
        ert.page_pictures.picture(report, 1)
    assert refused.value.code == "picture_gone" and not ert.page_pictures.kept_bytes
