"""What long work tells while it runs: files added, a model downloaded, documents read again.

Frozen dataclasses, standard library only. Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ert_core.errors import ErtError

IngestStatus = Literal["added", "duplicate", "empty", "failed", "removed"]
IngestStep = Literal["reading", "embedding", "saving", "removing"]
ReindexStep = Literal["analysing", "embedding"]


@dataclass(frozen=True)
class IngestReport:
    """What became of one file. `error` says why it failed; "removed": it is gone from a followed folder."""

    name: str
    status: IngestStatus
    document_id: str | None = None
    passages: int = 0
    seconds: float = 0.0
    error: ErtError | None = None


@dataclass(frozen=True)
class IngestEvent:
    """Progress of an ingestion: file `index` (0-based) of `total`, and `fraction` of it in [0, 1].

    `report` is set once per file, when it is finished.
    """

    index: int
    total: int
    name: str
    step: IngestStep
    fraction: float
    report: IngestReport | None = None

    @property
    def share(self) -> float:
        """How much of all files is done, in [0, 1]."""
        return min(1.0, (self.index + self.fraction) / max(1, self.total))


@dataclass(frozen=True)
class DownloadEvent:
    """Progress of a model's download, in bytes. `seconds_left` is an estimate, None at the beginning."""

    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True)
class ReindexEvent:
    """Progress of reading documents again: `done` of `total` passages.

    "analysing" splits documents anew, "embedding" makes the vectors of another model. `seconds_left`
    is an estimate, None at the beginning.
    """

    step: ReindexStep
    done: int
    total: int
    seconds_left: float | None = None
