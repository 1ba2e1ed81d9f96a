"""The settings that pages changed, kept in the database."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ert_core.database import Database
from ert_core.row_checks import SETTING_IS_SOUND
from ert_core.settings import Settings

_log = logging.getLogger(__name__)


def load_settings(database: Database, home: Path, overrides: Mapping[str, Any]) -> Settings:
    """The settings with every level applied, saved ones included; one that the disk has changed is its default again.

    Raises SettingsError, DatabaseError.
    """
    return Settings.load(home=home, saved=saved_settings(database), overrides=overrides)


def saved_settings(database: Database) -> dict[str, Any]:
    """What is saved, by name, but for what the disk has changed."""
    rows = database.rows(f"SELECT name, value FROM settings WHERE {SETTING_IS_SOUND}")
    if len(rows) < database.value("SELECT count(*) FROM settings"):
        _log.warning("a saved setting was damaged: its default is back")
    return {name: json.loads(value) for name, value in rows}


def save_settings(database: Database, changes: Mapping[str, Any]) -> None:
    """Keep settings; None forgets one, so that its default returns."""
    with database.transaction() as cursor:
        for name, value in changes.items():
            if value is None:
                cursor.execute("DELETE FROM settings WHERE name = ?", (name,))
            else:
                cursor.execute(
                    "INSERT OR REPLACE INTO settings VALUES (?1, ?2, checksum(?1, ?2))", (name, json.dumps(value))
                )
