"""A small library made by the command line."""

import json
from pathlib import Path

import pytest

from ert_core.cli import main
from tests.conftest import SURVEY_EN, WELL_FR


def ingested(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """`--home DIR` of a library with two documents, those of the folder "docs"."""
    docs = folder / "docs"
    (docs / "deep").mkdir(parents=True)
    (docs / "deep" / "combe-noire.md").write_text(WELL_FR, encoding="utf-8")
    (docs / "harbour-lane.txt").write_text(SURVEY_EN, encoding="utf-8")
    (docs / "photo.xyz").write_bytes(b"\x00\x01")
    (docs / ".hidden.txt").write_text("hidden")
    (docs / "link.txt").symlink_to(docs / "harbour-lane.txt")
    options = ["--home", str(folder / "home")]
    assert main(["ingest", str(docs), *options, "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert [(r["name"], r["status"]) for r in reports] == [
        ("harbour-lane.txt", "added"),
        (str(Path("deep", "combe-noire.md")), "added"),
    ]
    return options
