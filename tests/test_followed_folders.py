"""A followed folder and the library: what changes in one changes in the other, and what is the person's stays."""

import os
import threading
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.library import Library
from ert_core.types import Source
from tests.conftest import SURVEY_EN, WELL_FR, add
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


def test_new_changed_and_removed_files_are_followed(following: Assistant, folder: Path) -> None:
    collection = following.collections.create("Forages")
    following.collections.add(collection, [d.id for d in following.library.store.documents()])
    assert not following.folders.anything_new() and look(following) == []
    write(folder, "well.md", WELL_FR + "\nLa pompe est à 40 m.\n", OLD + 1)
    sub = str(Path("sub", "survey.txt"))
    write(folder, sub, SURVEY_EN)
    assert following.folders.anything_new()
    assert statuses(look(following)) == {"well.md": "added", sub: "added"}
    assert names(following) == sorted([sub, "well.md"])
    [changed] = [d for d in following.library.store.documents() if d.name == "well.md"]
    assert "La pompe est à 40 m." in (following.library.store.text(changed.id) or "")
    assert following.collections.document_ids(collection) == {changed.id}, "the new one is where the old one was"
    (folder / "well.md").unlink()
    assert statuses(look(following)) == {"well.md": "removed"}
    assert names(following) == [sub] and state(following).files == 1
    assert following.database.damaged_table() is None


def test_a_moved_file_keeps_its_document_and_takes_its_new_name(
    following: Assistant, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [before] = following.library.store.documents()
    other = tmp_path / "archive"
    other.mkdir()
    following.folders.follow(str(other))
    monkeypatch.setattr(Library, "add", lambda *_: pytest.fail("nothing is read into the library again"))
    (folder / "well.md").rename(folder / "borehole.md")
    assert look(following) == [] and names(following) == ["borehole.md"]
    (folder / "borehole.md").rename(other / "F2.md")
    assert look(following) == []
    [after] = following.library.store.documents()
    assert (after.id, after.name, after.added_at) == (before.id, "F2.md", before.added_at)


def test_a_touched_file_is_read_and_not_added_again(following: Assistant, folder: Path) -> None:
    generation = following.database.generation()
    os.utime(folder / "well.md", (OLD + 5, OLD + 5))
    assert following.folders.anything_new() and look(following) == []
    assert not following.folders.anything_new() and following.database.generation() == generation
    os.utime(folder / "well.md", (4e9, 4e9))  # from a clock that is ahead
    assert look(following) == [] and not following.folders.anything_new()
    os.utime(folder / "well.md")
    assert look(following) == [] and following.folders.anything_new(), "it may change again in the same moment"


def test_a_document_deleted_by_hand_comes_back_only_when_its_file_changes(following: Assistant, folder: Path) -> None:
    [document] = following.library.store.documents()
    following.library.remove(document.id)
    for step in (
        lambda: None,
        lambda: os.utime(folder / "well.md"),
        lambda: (folder / "well.md").rename(folder / "b.md"),
    ):
        step()
        assert look(following) == [] and names(following) == []
    write(folder, "b.md", WELL_FR + "\nUne ligne de plus.\n", OLD + 9)
    assert statuses(look(following)) == {"b.md": "added"}


def test_what_was_added_by_hand_outlives_its_file(ert: Assistant, folder: Path) -> None:
    add(ert, Source("mine.md", WELL_FR.encode()))
    write(folder, "before.md", WELL_FR)
    write(folder, "after.txt", SURVEY_EN)
    ert.folders.follow(str(folder))
    assert statuses(look(ert)) == {"before.md": "duplicate", "after.txt": "added"}
    assert [r.status for r in add(ert, Source("mine.txt", SURVEY_EN.encode()))] == ["duplicate"]
    for path in folder.iterdir():
        path.unlink()
    assert look(ert) == [] and names(ert) == ["after.txt", "mine.md"]
    write(folder, "before.md", WELL_FR + "\nAutre.\n")
    assert statuses(look(ert)) == {"before.md": "added"}
    assert len(names(ert)) == 3, "a change of the file leaves the person's document as it is"
    for document in ert.library.store.documents():
        ert.library.remove(document.id)
    write(folder, "after.txt", SURVEY_EN)
    look(ert)
    (folder / "after.txt").unlink()
    assert statuses(look(ert)) == {"after.txt": "removed"}, "once deleted, it was the person's no longer"


def test_the_same_text_in_two_files_goes_with_the_last_of_them(following: Assistant, folder: Path) -> None:
    write(folder, "copy.md", WELL_FR)
    assert look(following) == []
    write(folder, "well.md", "Something else entirely: the pump is blue.", OLD + 1)
    look(following)
    assert names(following) == ["copy.md", "well.md"]
    (folder / "copy.md").unlink()
    assert statuses(look(following)) == {"copy.md": "removed"} and names(following) == ["well.md"]


def test_documents_stay_when_their_folder_is_followed_no_longer(following: Assistant, folder: Path) -> None:
    following.folders.unfollow(str(folder))
    (folder / "well.md").unlink()
    assert not following.folders.any() and look(following) == [] and names(following) == ["well.md"]


def test_a_cancelled_look_goes_on_where_it_was(ert: Assistant, folder: Path) -> None:
    write(folder, "a.md", WELL_FR)
    write(folder, "b.txt", SURVEY_EN)
    ert.folders.follow(str(folder))
    cancelled = threading.Event()
    for event in ert.folders.look(cancelled):
        if event.step == "embedding":
            cancelled.set()
    assert names(ert) == []
    assert statuses([e.report for e in ert.folders.look(enough=lambda: True) if e.report]) == {"a.md": "added"}
    assert statuses(look(ert)) == {"b.txt": "added"}
    (folder / "b.txt").unlink()
    assert statuses(look(ert)) == {"b.txt": "removed"}
