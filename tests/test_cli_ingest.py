"""Files and folders added by the command line: those that fail, are empty or cannot be opened."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ert_core.cli import main
from ert_core.embeddings import SentenceTransformerEmbeddings
from tests.cli_library import ingested


@pytest.fixture(autouse=True)
def _one_minilm(monkeypatch: pytest.MonkeyPatch, embeddings: SentenceTransformerEmbeddings) -> None:
    monkeypatch.setattr(SentenceTransformerEmbeddings, "from_settings", classmethod(lambda cls, settings: embeddings))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    return ingested(tmp_path, capsys)


def test_a_failed_file_is_exit_code_1_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str]
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 nothing")
    assert main(["ingest", str(bad), *home]) == 1
    assert "bad.pdf" in capsys.readouterr().out


def test_a_failed_file_is_written_as_the_language_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 nothing")
    main(["ingest", str(bad), *home])
    assert "bad.pdf: failed. " in capsys.readouterr().out
    monkeypatch.setenv("ERT_LANGUAGE", "fr")
    main(["ingest", str(bad), *home])
    assert "bad.pdf : échec. " in capsys.readouterr().out


def test_a_folder_with_nothing_to_add_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["ingest", str(tmp_path / "empty"), *home, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "[]\n" and captured.err == "There is nothing to add.\n"
    monkeypatch.setenv("ERT_LANGUAGE", "fr")
    assert main(["ingest", str(tmp_path / "empty"), *home]) == 0
    assert capsys.readouterr().err == "Il n'y a rien à ajouter.\n"


def test_what_cannot_be_opened_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = tmp_path / "docs" / "deep"
    scandir = os.scandir

    def without_access(path: Any = ".") -> Any:  # the tests may run as root, who may open all
        if Path(path) == shut:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", without_access)
    assert main(["ingest", str(tmp_path / "docs"), *home]) == 0
    captured = capsys.readouterr()
    assert "harbour-lane.txt" in captured.out and "nothing to add" not in captured.err
    assert "1 folder or file that could not be opened" in captured.err


def test_a_name_that_is_not_utf_8_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str]) -> None:
    try:
        (tmp_path / "caf\udce9.txt").write_text("The café of Harbour Lane opened in 1931.", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert main(["ingest", str(tmp_path / "caf\udce9.txt"), *home, "--json"]) == 0
    [report] = json.loads(capsys.readouterr().out)
    assert (report["name"], report["status"]) == ("caf\ufffd.txt", "added")
