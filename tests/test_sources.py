"""Paths -> files: what is taken, what is left out, what is said."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.assistant import Assistant
from ert_core.errors import DamagedFileError
from ert_core.sources import collect, encodable, shown_name
from ert_core.types import Source
from tests.conftest import WELL_FR, add

TEXT = frozenset({".txt"})


def test_a_folder_gives_its_files_and_counts_the_others(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.TXT").write_text("b")
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "a.xyz").write_text("x")
    (tmp_path / ".hidden.txt").write_text("h")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    found = collect([tmp_path, tmp_path / "a.xyz"], TEXT)
    assert [s.name for s in found.sources] == ["a.txt", str(Path("sub", "b.TXT")), "a.xyz"]
    assert [p.name for p in found.ignored] == ["a.xyz"] and found.unreadable == ()


@pytest.mark.parametrize("name", ["missing", "x" * 300])
def test_a_path_that_cannot_exist_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(DamagedFileError) as caught:
        collect([tmp_path / name], TEXT)
    assert caught.value.code == "path_missing" and name in caught.value.message


def test_a_path_without_access_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", refused)
    with pytest.raises(DamagedFileError) as caught:
        collect([tmp_path / "shut"], TEXT)
    assert caught.value.code == "file_unreadable" and "Permission denied" in caught.value.message


def test_what_cannot_be_opened_in_a_folder_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "b.txt").write_text("b")
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "odd.txt").write_text("o")
    scandir, is_file = os.scandir, Path.is_file

    def without_access(path: Any) -> Iterator[Any]:  # the tests may run as root, who may open all
        if Path(path).name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    def odd(path: Path) -> bool:
        if path.name == "odd.txt":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(os, "scandir", without_access)
    monkeypatch.setattr(Path, "is_file", odd)
    found = collect([tmp_path], TEXT)
    assert [s.name for s in found.sources] == ["a.txt"]
    assert sorted(p.name for p in found.unreadable) == ["odd.txt", "shut"]


def test_a_name_that_is_not_utf_8_is_shown_with_a_replacement_character(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.txt"
    try:
        path.write_text("café")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    for given_path in (tmp_path, path):
        [source] = collect([given_path], TEXT).sources
        assert source.name == "caf\ufffd.txt" and source.path is not None
        assert source.path.read_text() == "café"


@given(st.text(st.characters(codec=None), max_size=30))
def test_any_text_becomes_encodable_and_other_text_stays(text: str) -> None:
    shown = encodable(text)
    shown.encode("utf-8")
    assert len(shown) == len(text)
    assert all(a == b or 0xD800 <= ord(a) <= 0xDFFF for a, b in zip(text, shown, strict=True))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("caf\udce9.txt", "caf\ufffd.txt"),
        ("a\n\n---\nb.md", "a --- b.md"),
        ("fdp.\u202egnp.exe", "fdp. gnp.exe"),
        ("rapport d'été.pdf", "rapport d'été.pdf"),
        ("نص.txt", "نص.txt"),
    ],
)
def test_a_name_is_kept_on_one_line_in_one_direction(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_document_keeps_the_name_that_is_shown(ert: Assistant) -> None:
    [report] = add(ert, Source("caf\udce9\n# Titre.txt", WELL_FR.encode()))
    assert report.status == "added" and ert.library.store.documents()[0].name == "caf\ufffd # Titre.txt"
