"""The settings that pages changed, kept in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ert_core.database import Database
from ert_core.settings import Settings


def load_settings(database: Database, home: Path, overrides: Mapping[str, Any]) -> Settings:
    """The settings with every level applied, saved ones included. Raises SettingsError, DatabaseError."""
    rows = database.checked_rows("SELECT name, value, checksum = checksum(name, value) FROM settings")
    saved = {name: json.loads(value) for name, value in rows}
    return Settings.load(home=home, saved=saved, overrides=overrides)


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
