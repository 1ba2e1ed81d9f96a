"""The changes of settings since the start, so that each can be taken back, the last one first."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ert_core.settings import Settings

KEPT = 50


@dataclass(frozen=True)
class SettingsChange:
    """One change, of one setting or of several at once.

    `saved` is what was saved under each name before, None where nothing was: exactly this comes back.
    `before` and `after` are all settings then, to be shown.
    """

    saved: Mapping[str, Any]
    before: Settings
    after: Settings


class SettingsHistory:
    """The last changes, whichever page made them. The caller lets one thread in at a time."""

    def __init__(self) -> None:
        self._changes: deque[SettingsChange] = deque(maxlen=KEPT)

    @property
    def last(self) -> SettingsChange | None:
        """The change to take back next."""
        return self._changes[-1] if self._changes else None

    def note(self, names: Mapping[str, Any], saved: Mapping[str, Any], before: Settings, after: Settings) -> None:
        """Keep a change of `names`, unless it made no difference; `saved` is everything that was saved before."""
        if before != after:
            self._changes.append(SettingsChange({name: saved.get(name) for name in names}, before, after))

    def forget_last(self) -> None:
        """It has been taken back."""
        self._changes.pop()
