"""The log file: its owner's alone, bounded, and silent on what documents and questions say."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ert_core import logs

SECRET = "the leachate reaches well 7"


@pytest.fixture
def ert_logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("ert")
    before, level = list(logger.handlers), logger.level
    logger.setLevel(logging.INFO)
    yield logger
    for name in logs.LOGGERS:
        for handler in [h for h in logging.getLogger(name).handlers if h not in before]:
            logging.getLogger(name).removeHandler(handler)
            handler.close()
    logger.setLevel(level)


def _fail_on_a_document() -> None:
    try:
        float(SECRET)
    except ValueError as error:
        raise RuntimeError(f"no number in {SECRET}") from error


def _logged_failure(home: Path, logger: logging.Logger) -> str:
    place = logs.write_to_file(home)
    assert place is not None
    try:
        _fail_on_a_document()
    except RuntimeError:
        logger.exception("adding a file failed")
    return place.read_text(encoding="utf-8")


def test_a_failure_is_told_without_the_words_it_met(tmp_path: Path, ert_logger: logging.Logger) -> None:
    written = _logged_failure(tmp_path / "home", ert_logger)
    assert "adding a file failed" in written and "_fail_on_a_document" in written
    assert "RuntimeError" in written and "ValueError" in written, "the whole chain"
    assert SECRET not in written


def test_what_another_handler_has_written_does_not_come_along(tmp_path: Path, ert_logger: logging.Logger) -> None:
    talkative = logging.StreamHandler()
    ert_logger.addHandler(talkative)
    assert SECRET not in _logged_failure(tmp_path / "home", ert_logger)


def test_debug_tells_everything(tmp_path: Path, ert_logger: logging.Logger) -> None:
    ert_logger.setLevel(logging.DEBUG)
    assert SECRET in _logged_failure(tmp_path / "home", ert_logger)


def test_the_file_turns_over_and_stays_its_owners(
    tmp_path: Path, ert_logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST_BYTES", 2000)
    place = logs.write_to_file(tmp_path / "home")
    assert place is not None
    for number in range(400):
        ert_logger.warning("message %s", number)
    files = sorted(place.parent.iterdir())
    assert len(files) == 1 + logs.KEPT
    assert all(f.stat().st_mode & 0o077 == 0 and f.stat().st_size <= 2000 for f in files)
    assert place.parent.stat().st_mode & 0o077 == 0 and (tmp_path / "home").stat().st_mode & 0o077 == 0
    assert "message 399" in place.read_text(encoding="utf-8")


def test_without_a_place_for_it_ert_goes_on(tmp_path: Path, ert_logger: logging.Logger) -> None:
    (tmp_path / "home").write_text("a file stands where the directory should")
    assert logs.write_to_file(tmp_path / "home") is None
    ert_logger.warning("still told in the terminal")
