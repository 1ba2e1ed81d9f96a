"""When the followed folders are looked at: once a minute, by the one who writes, and never for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import EmbeddingModelError
from ert_core.folder_watch import LOOK_SECONDS, FolderWatch
from ert_core.followed_folders import FollowedFolders
from ert_core.jobs import Job
from ert_core.library import Library
from ert_core.progress import IngestEvent
from ert_core.types import Source
from tests.conftest import SURVEY_EN, WELL_FR, opened
from tests.followed_files import names, write


class FakeTimer:
    """A timer that goes off when the test says so."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self.seconds, self.action, self.running = seconds, action, False

    def start(self) -> None:
        self.running = True

    def cancel(self) -> None:
        self.running = False

    def is_alive(self) -> bool:
        return False


class Timers(list[FakeTimer]):
    """Those that were made."""

    def __call__(self, seconds: float, action: Callable[[], None]) -> FakeTimer:
        self.append(FakeTimer(seconds, action))
        return self[-1]

    def running(self) -> list[float]:
        return [timer.seconds for timer in self if timer.running]

    def go_off(self) -> None:
        [timer] = [timer for timer in self if timer.running]
        timer.running = False
        timer.action()


@pytest.fixture
def timers(ert: Assistant) -> Iterator[Timers]:
    made = Timers()
    ert.folder_watch._make_timer = made  # type: ignore[assignment]
    yield made
    assert len(made.running()) <= 1


def follow(job: Job[IngestEvent] | None) -> None:
    assert job is not None
    list(job.follow())


def test_a_look_a_minute_while_a_folder_is_followed_and_none_without(
    ert: Assistant, timers: Timers, tmp_path: Path
) -> None:
    watch = ert.folder_watch
    watch.start()
    assert timers == [], "nothing to follow, nothing to do"
    folder = tmp_path / "reports"
    write(folder, "a.md", WELL_FR)
    path = ert.folders.follow(str(folder))
    watch.start()
    assert timers.running() == [0.0]
    timers.go_off()
    follow(watch.job)
    assert names(ert) == ["a.md"] and timers.running() == [LOOK_SECONDS] and not watch.stopped
    jobs = len(ert.ingestions.jobs())
    timers.go_off()
    assert timers.running() == [LOOK_SECONDS] and len(ert.ingestions.jobs()) == jobs, "no job where nothing changed"
    ert.folders.unfollow(path)
    timers.go_off()
    assert timers.running() == []


def test_only_the_process_that_writes_looks(
    ert: Assistant, timers: Timers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "reports", "a.md", WELL_FR)
    ert.folders.follow(str(tmp_path / "reports"))
    with monkeypatch.context() as patched:
        patched.setattr(FollowedFolders, "writes", lambda _: False)
        ert.folder_watch.start()
        timers.go_off()
    assert ert.folder_watch.job is None and timers.running() == [LOOK_SECONDS]


@pytest.mark.parametrize("ended_by", ["cancel", "error"])
def test_a_look_that_was_stopped_is_the_last_one_until_it_is_asked_for(
    ert: Assistant, timers: Timers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended_by: str
) -> None:
    write(tmp_path / "reports", "a.md", WELL_FR)
    ert.folders.follow(str(tmp_path / "reports"))
    reading, go_on = threading.Event(), threading.Event()
    read = Library.read

    def slowly(library: Library, source: Source) -> bytes:
        reading.set()
        go_on.wait(10)
        if ended_by == "error":
            raise EmbeddingModelError("embedding_missing", path=tmp_path)
        return read(library, source)

    with monkeypatch.context() as patched:
        patched.setattr(Library, "read", slowly)
        ert.folder_watch.start()
        timers.go_off()
        job = ert.folder_watch.job
        assert job is not None and reading.wait(10)
        ert.folder_watch.start()
        assert timers.running() == [], "one look at a time"
        if ended_by == "cancel":
            job.cancel()
        go_on.set()
        while not job.done:
            job.events(timeout=0.1)
    assert ert.folder_watch.stopped and timers.running() == [] and names(ert) == []
    ert.folder_watch.start()
    timers.go_off()
    follow(ert.folder_watch.job)
    assert not ert.folder_watch.stopped and names(ert) == ["a.md"]


def test_files_added_by_hand_do_not_wait_for_a_whole_folder(
    ert: Assistant, timers: Timers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "reports", "a.md", WELL_FR)
    write(tmp_path / "reports", "b.txt", SURVEY_EN)
    ert.folders.follow(str(tmp_path / "reports"))
    dropped: list[Job[IngestEvent]] = []
    read = Library.read

    def while_one_drops_a_file(library: Library, source: Source) -> bytes:
        if not dropped:
            dropped.append(ert.start_ingest([Source("mine.txt", b"The pump is blue.")]))
        return read(library, source)

    monkeypatch.setattr(Library, "read", while_one_drops_a_file)
    ert.folder_watch.start()
    timers.go_off()
    follow(ert.folder_watch.job)
    follow(dropped[0])
    assert names(ert) == ["a.md", "mine.txt"] and timers.running() == [0.0], "and it goes on at once"
    timers.go_off()
    follow(ert.folder_watch.job)
    assert names(ert) == ["a.md", "b.txt", "mine.txt"]


def test_the_end_of_the_engine_ends_the_watch(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> None:
    engine = opened(tmp_path / "home", embeddings)
    write(tmp_path / "reports", "a.md", WELL_FR)
    engine.folders.follow(str(tmp_path / "reports"))
    engine.folder_watch.start()
    while engine.folder_watch.job is None:
        threading.Event().wait(0.01)
    list(engine.folder_watch.job.follow())
    while not [t for t in threading.enumerate() if t.name == "ert-folders"]:
        threading.Event().wait(0.01)
    engine.close()
    assert not [t for t in threading.enumerate() if t.name == "ert-folders"]
    watch: FolderWatch = engine.folder_watch
    watch._arm(0.0)
    assert not [t for t in threading.enumerate() if t.name == "ert-folders"], "nor does it come back"


def test_a_folder_named_while_a_scan_is_made_is_looked_at_at_once(
    ert: Assistant, timers: Timers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").mkdir()
    write(tmp_path / "second", "a.md", WELL_FR)
    ert.folders.follow(str(tmp_path / "first"))
    scanned = FollowedFolders.anything_new

    def while_one_names_another(folders: FollowedFolders, cancelled: threading.Event | None = None) -> bool:
        found = scanned(folders, cancelled)
        folders.follow(str(tmp_path / "second"))
        ert.folder_watch.start()
        return found

    ert.folder_watch.start()
    with monkeypatch.context() as patched:
        patched.setattr(FollowedFolders, "anything_new", while_one_names_another)
        timers.go_off()
    assert timers.running() == [0.0]
    timers.go_off()
    follow(ert.folder_watch.job)
    assert names(ert) == ["a.md"]
