"""The 31 real PDF files of the shared corpus, where it is present: each ends as text, empty or a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ert_core.errors import EncryptedFileError, LoaderError
from ert_core.loaders import load

SHARED = Path(os.environ.get("ERT_SHARED") or Path(__file__).resolve().parents[2] / "shared")
CORPUS = SHARED / "corpus" / "pdf"
FILES = sorted(CORPUS.glob("*.pdf"))
pytestmark = pytest.mark.skipif(not FILES, reason=f"no shared corpus in {CORPUS} (set ERT_SHARED)")

EMPTY = {
    "cmyk-image.pdf",
    "grayscale-image.pdf",
    "imagemagick-ASCII85Decode.pdf",
    "imagemagick-CCITTFaxDecode.pdf",
    "imagemagick-lzw.pdf",
}
REFUSED = {"libreoffice-writer-password.pdf": "file_encrypted", "unreadablemetadata.pdf": "file_damaged"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_ends_in_a_status(path: Path) -> None:
    try:
        pages = load(path.name, path.read_bytes()).pages
    except LoaderError as error:
        assert error.code == REFUSED.get(path.name)
        return
    assert path.name not in REFUSED
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert (not any(page.text.strip() for page in pages)) == (path.name in EMPTY)


def read(name: str, password: str | None = None) -> list[str]:
    return [page.text for page in load(name, (CORPUS / name).read_bytes(), password=password).pages]


def test_the_password_opens_its_file() -> None:
    name = "libreoffice-writer-password.pdf"
    assert "".join(read(name, "openpassword")).strip()
    with pytest.raises(EncryptedFileError) as refused:
        read(name, "wrong")
    assert refused.value.code == "password_wrong"


def test_words_split_at_line_ends_are_whole_and_columns_follow_each_other() -> None:
    text = read("multicolumn.pdf")[0]
    assert "adipiscing elit" in text and "consectetuer id" in text and "\ufffe" not in text
    assert text.index("Pellentesque cursus luctus") < text.index("Vestibulum luctus nibh at lectus")
    textbook = read("GeoTopo-komprimiert.pdf")
    assert len(textbook) == 117
    assert "Die Kugeloberfläche S² lässt sich" in textbook[1] and "\n\nWas ist Topologie?\n\n" in textbook[1]
    assert "Übungsaufgaben" in textbook[1] and "Schwarz-Weiß" in textbook[1]
