"""What a trial is: tries that must all pass, and the same against a step that is broken on purpose."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ert_core import loaders

# (how many, the source of all chance, an empty folder, whether the step is broken) -> one sentence a failure.
Run = Callable[[int, random.Random, Path, bool], list[str]]


@dataclass(frozen=True)
class Trial:
    """`run` tries `number` times; with `broken` it breaks what `breaks` says, and must report failures."""

    name: str
    what: str
    number: int
    passes_when: str
    run: Run
    breaks: str
    control_number: int = 5
    short: int | None = None  # tries inside `make test`: None a tenth, 0 none at all
    missing: Callable[[], str] = field(default=lambda: "")  # why it cannot be run on this machine, "" when it can

    def tries(self, share: float) -> int:
        """How many tries a run of this share has: 1 all of them, less than 1 what `make test` does."""
        if share >= 1:
            return self.number
        return round(self.number * share) or 1 if self.short is None else self.short


@dataclass(frozen=True)
class Result:
    """What one run of a trial found."""

    name: str
    seed: int
    tries: int
    failures: tuple[str, ...]
    control_tries: int
    control_failures: int
    seconds: float
    missing: str = ""

    @property
    def passed(self) -> bool:
        """Nothing failed, and the null control reported its loss; what cannot be run here has not failed."""
        return bool(self.missing) or (not self.failures and self.control_failures > 0)


def carry_out(trial: Trial, seed: int, folder: Path, share: float = 1.0) -> Result:
    """Run a trial and its null control in `folder`; the same seed makes the same choices."""
    if why := trial.missing():
        return Result(trial.name, seed, 0, (), 0, 0, 0.0, why)
    began = time.monotonic()
    tries = trial.tries(share)
    places = [folder / trial.name / kind for kind in ("tries", "control")]
    for place in places:
        place.mkdir(parents=True)
    load = loaders.load  # what a stub puts in its place goes with the trial
    try:
        failures = trial.run(tries, random.Random(f"{trial.name} {seed}"), places[0], False)
        controls = trial.run(trial.control_number, random.Random(f"{trial.name} {seed}"), places[1], True)
    finally:
        loaders.load = load  # type: ignore[attr-defined]
    seconds = time.monotonic() - began
    return Result(trial.name, seed, tries, tuple(failures), trial.control_number, len(controls), seconds)
