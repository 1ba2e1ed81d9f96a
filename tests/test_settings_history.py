"""Changes of settings are taken back one by one, exactly, whoever made them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.cpu_budget import GOVERNOR
from ert_core.errors import SettingsError
from ert_core.saved_settings import saved_settings
from ert_core.settings import Settings, bounds, choices
from ert_core.settings_history import KEPT


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Assistant]:
    """An engine whose settings file asks for 7 passages, without a model."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("passages = 7\n")
    made = Assistant(Settings.load(home=home))
    yield made
    made.close()


def test_the_last_change_comes_back_then_the_one_before(engine: Assistant) -> None:
    engine.change_settings(threads=3)
    engine.change_settings(threads=2, cpu_budget=25)
    assert GOVERNOR.percent == 25
    taken = engine.take_back_settings()
    assert taken is not None and taken.after.threads == 2 and taken.before.threads == 3
    assert (engine.settings.threads, engine.settings.cpu_budget) == (3, 50)
    assert GOVERNOR.percent == 50, "in use, too"
    assert saved_settings(engine.database) == {"threads": 3}, "what was not saved is not saved again"
    engine.take_back_settings()
    assert saved_settings(engine.database) == {} and engine.settings.threads == 4
    assert engine.take_back_settings() is None


def test_the_way_back_to_the_default_can_be_taken_back(engine: Assistant) -> None:
    engine.change_settings(passages=3)
    engine.change_settings(passages=None)
    assert engine.settings.passages == engine.default_settings().passages == 7, "of the settings file"
    engine.take_back_settings()
    assert engine.settings.passages == 3


def test_what_makes_no_difference_or_is_refused_is_no_change(engine: Assistant) -> None:
    engine.change_settings(threads=2)
    engine.change_settings(threads=2)
    with pytest.raises(SettingsError):
        engine.change_settings(threads=0)
    engine.take_back_settings()
    assert engine.settings.threads == 4 and engine.settings_history.last is None


def test_the_largest_file_follows_at_once(engine: Assistant) -> None:
    engine.change_settings(max_file_mb=3)
    assert engine.library.max_file_bytes == 3_000_000
    engine.take_back_settings()
    assert engine.library.max_file_bytes == 200_000_000


def test_only_so_many_changes_are_kept(engine: Assistant) -> None:
    for n in range(KEPT + 3):
        engine.change_settings(max_question_characters=100 + n)
    for _ in range(KEPT):
        engine.take_back_settings()
    assert engine.take_back_settings() is None
    assert engine.settings.max_question_characters == 102


def test_a_damaged_saved_setting_is_its_default_and_taking_back_still_works(engine: Assistant) -> None:
    engine.change_settings(threads=2)
    with engine.database.transaction() as cursor:
        cursor.execute("UPDATE settings SET value = '3' WHERE name = 'threads'")
    assert saved_settings(engine.database) == {}
    engine.take_back_settings()
    assert engine.settings.threads == 4


def test_ranges_are_told() -> None:
    assert bounds("threads") == (1, 256) and choices("answer_mode") == ("quotes", "written")
