"""Files that fail, folders and disks that are away, and a crash in a look: nothing is taken with them."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ert_core import folder_scan
from ert_core.assistant import Assistant
from ert_core.errors import FolderError
from ert_core.library import Library
from tests.conftest import SURVEY_EN, WELL_FR
from tests.followed_files import OLD, follow_one_file, look, names, state, statuses, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "reports"
    made.mkdir()
    return made


@pytest.fixture
def following(ert: Assistant, folder: Path) -> Assistant:
    """An engine that follows the folder, in which one file lies."""
    return follow_one_file(ert, folder)


def test_a_file_that_fails_is_told_once_and_tried_again_when_it_changes(
    following: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    os.utime(folder / "broken.pdf", (OLD, OLD))
    write(folder, "blank.txt", " \n")
    write(folder, "well.md", " \n", OLD + 1)
    assert statuses(look(following)) == {"broken.pdf": "failed", "blank.txt": "empty", "well.md": "empty"}
    assert [(f.name, f.error and f.error.code) for f in state(following).failures] == [
        ("blank.txt", None),
        ("broken.pdf", "file_damaged"),
        ("well.md", None),
    ]
    assert names(following) == ["well.md"], "a half-written file does not take its document away"
    with monkeypatch.context() as patched:
        patched.setattr(Library, "read", lambda *_: pytest.fail("nothing is read again"))
        assert look(following) == []
    write(folder, "blank.txt", SURVEY_EN, OLD + 2)
    write(folder, "well.md", WELL_FR, OLD + 2)
    (folder / "broken.pdf").unlink()
    assert statuses(look(following)) == {"blank.txt": "added"}
    assert state(following).failures == () and names(following) == ["blank.txt", "well.md"]


def test_a_folder_or_a_disk_that_is_away_takes_nothing_with_it(following: Assistant, folder: Path) -> None:
    write(folder, str(Path("sub", "survey.txt")), SURVEY_EN)
    look(following)
    both = names(following)
    aside = folder.with_name("aside")
    folder.rename(aside)
    assert look(following) == [] and names(following) == both
    problem = state(following).problem
    assert problem is not None and problem.code == "folder_unreadable"
    folder.mkdir()  # the place where the disk is mounted at other times
    assert look(following) == [] and names(following) == both
    problem = state(following).problem
    assert problem is not None and problem.code == "folder_emptied"
    folder.rmdir()
    aside.rename(folder)
    assert look(following) == [] and state(following).problem is None
    shutil.rmtree(folder / "sub")
    (folder / "well.md").unlink()
    assert len(look(following)) == 2 and names(following) == [], "the same folder, emptied: that was the person"


def test_a_subfolder_that_cannot_be_opened_takes_nothing_with_it(
    following: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, str(Path("sub", "survey.txt")), SURVEY_EN)
    look(following)
    scandir = os.scandir

    def without_access(path: Any) -> Iterator[Any]:  # the tests may run as root, who may open all
        if Path(path).name == "sub":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    (folder / "well.md").unlink()
    monkeypatch.setattr(folder_scan.os, "scandir", without_access)
    assert statuses(look(following)) == {"well.md": "removed"} and len(names(following)) == 1
    problem = state(following).problem
    assert problem is not None and problem.code == "folder_partly" and "sub" in problem.message


def test_a_disk_mounted_below_the_folder_that_is_away_takes_nothing_with_it(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    found = folder_scan.scan(tmp_path, frozenset({".txt"}), tmp_path / "none")
    assert found is not None and set(found.places) == {""}
    here = found.places[""]
    assert found.out_of_reach({"": here}) == ()
    assert found.out_of_reach({"": here, "disk": (7, 2), "usb": (8, 2)}) == ("disk", "usb")
    write(tmp_path, str(Path("disk", "a.txt")), "a")
    found = folder_scan.scan(tmp_path, frozenset({".txt"}), tmp_path / "none")
    assert found is not None and found.out_of_reach({"disk": (7, 2)}) == (), "something lies there: it is what counts"


def test_what_a_folder_holds_besides_files_is_left_out(ert: Assistant, folder: Path, tmp_path: Path) -> None:
    write(folder, "a.TXT", SURVEY_EN)
    for name in (".hidden.txt", "~$a.docx", "a.xyz", str(Path(".git", "c.txt"))):
        write(folder, name, WELL_FR)
    outside = write(tmp_path / "outside", "o.md", WELL_FR)
    (folder / "link.md").symlink_to(outside)
    (folder / "linked").symlink_to(outside.parent)
    ert.folders.follow(str(folder))
    assert statuses(look(ert)) == {"a.TXT": "added"}


def test_folders_that_cannot_be_followed(following: Assistant, folder: Path, tmp_path: Path) -> None:
    (folder / "sub").mkdir()
    home = following.settings.home
    for path, code in [
        (str(tmp_path / "nowhere"), "folder_missing"),
        (str(folder / "well.md"), "folder_missing"),
        ("reports", "folder_missing"),
        ("", "folder_missing"),
        ("/x\0y", "folder_missing"),
        (str(folder), "folder_followed"),
        (f'  "{folder / "sub"}" ', "folder_followed"),
        (str(home), "folder_own"),
    ]:
        with pytest.raises(FolderError) as caught:
            following.folders.follow(path)
        assert caught.value.code in (code, "folder_unreadable" if "\0" in path else code) and caught.value.remedy
    following.folders.follow(str(tmp_path))  # holds all of the others: each file is read once, ERT's own never
    look(following)
    assert names(following) == ["well.md"]


def test_a_crash_between_the_document_and_its_record_makes_it_no_persons(
    ert: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "a.md", WELL_FR)
    ert.folders.follow(str(folder))

    class Crash(BaseException):
        """The power goes."""

    def crashing(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr("ert_core.folder_records.FolderRecords.save", _crash_after_claims(crashing))
        with pytest.raises(Crash):
            look(ert)
    assert names(ert) == ["a.md"]
    assert look(ert) == [] and state(ert).files == 1
    (folder / "a.md").unlink()
    assert statuses(look(ert)) == {"a.md": "removed"}


def _crash_after_claims(crash: Any) -> Any:
    from ert_core.folder_records import CLAIM, FolderRecords

    save = FolderRecords.save
    return lambda self, folder, path, record: (save if path.startswith(CLAIM) else crash)(self, folder, path, record)
