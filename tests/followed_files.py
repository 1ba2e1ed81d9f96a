"""Files of a followed folder, a look at it, and what the library then holds."""

import os
from pathlib import Path

from ert_core.assistant import Assistant
from ert_core.followed_folders import FollowedFolder
from ert_core.progress import IngestReport
from tests.conftest import WELL_FR

OLD = 1_600_000_000


def write(folder: Path, name: str, text: str, at: int = OLD) -> Path:
    """A file that was modified long ago: a look need not read it twice."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at, at))
    return path


def look(ert: Assistant) -> list[IngestReport]:
    """What became of the files that have changed since the last look."""
    return [event.report for event in ert.folders.look() if event.report is not None]


def statuses(reports: list[IngestReport]) -> dict[str, str]:
    """The status of each file, by name."""
    return {report.name: report.status for report in reports}


def names(ert: Assistant) -> list[str]:
    """The names of the documents of the library."""
    return sorted(d.name for d in ert.library.store.documents())


def state(ert: Assistant) -> FollowedFolder:
    """The one folder that is followed."""
    [folder] = ert.folders.listed()
    return folder


def follow_one_file(ert: Assistant, folder: Path) -> Assistant:
    """The engine, which follows the folder from now on; one file lies in it."""
    write(folder, "well.md", WELL_FR)
    ert.folders.follow(str(folder))
    assert statuses(look(ert)) == {"well.md": "added"}
    return ert
