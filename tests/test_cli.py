"""The command line: results, JSON, exit codes, both languages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ert_core.cli import main
from ert_core.embeddings import SentenceTransformerEmbeddings
from tests.conftest import REPOSITORY, SURVEY_EN, WELL_FR


@pytest.fixture(autouse=True)
def _one_minilm(monkeypatch: pytest.MonkeyPatch, embeddings: SentenceTransformerEmbeddings) -> None:
    monkeypatch.setattr(SentenceTransformerEmbeddings, "from_settings", classmethod(lambda cls, settings: embeddings))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """`--home DIR` of a library with two documents."""
    folder = tmp_path / "docs" / "deep"
    folder.mkdir(parents=True)
    (folder / "combe-noire.md").write_text(WELL_FR, encoding="utf-8")
    (tmp_path / "docs" / "harbour-lane.txt").write_text(SURVEY_EN, encoding="utf-8")
    (tmp_path / "docs" / "photo.xyz").write_bytes(b"\x00\x01")
    (tmp_path / "docs" / ".hidden.txt").write_text("hidden")
    (tmp_path / "docs" / "link.txt").symlink_to(tmp_path / "docs" / "harbour-lane.txt")
    options = ["--home", str(tmp_path / "home")]
    assert main(["ingest", str(tmp_path / "docs"), *options, "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert [(r["name"], r["status"]) for r in reports] == [
        ("harbour-lane.txt", "added"),
        (str(Path("deep", "combe-noire.md")), "added"),
    ]
    return options


def test_search_prints_exact_places(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "How many electrodes were used?", "-k", "1", *home, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {"question", "evidence", "passages"}
    [passage] = found["passages"]
    assert passage.keys() == {"document", "page", "start", "end", "text", "score"}
    assert SURVEY_EN[passage["start"] : passage["end"]] == passage["text"]


def test_batch_prints_a_line_per_question(home: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text('{"question": "profondeur du forage F2 ?"}\n\n{"question": "Who painted the Mona Lisa?"}\n')
    assert main(["search", "--batch", str(batch), "-k", "2", *home, "--json"]) == 0
    assert [len(json.loads(line)["passages"]) for line in capsys.readouterr().out.splitlines()] == [2, 2]
    assert main(["ask", "--batch", str(batch), *home, "--json"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first.keys() == {"question", "answer", "refused", "citations", "timings"}
    assert (first["refused"], second["refused"]) == (False, True)
    citation = first["citations"][0]
    assert citation.keys() == {"n", "document", "page", "start", "end", "quote", "verified"}
    assert WELL_FR[citation["start"] : citation["end"]] == citation["quote"] and citation["verified"]


def test_an_answer_for_people_names_its_sources(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How many electrodes were used?", *home]) == 0
    out = capsys.readouterr().out
    assert "72 electrodes" in out and "[1] harbour-lane.txt" in out and "quote verified" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["ask", "   "], "empty"),
        (["ask", "x" * 100_000], "100000"),
        (["ask", "electrodes?", "--mode", "written"], "model"),
        (["search", "--batch", "/nowhere.jsonl"], "/nowhere.jsonl"),
        (["ingest", "/nowhere"], "/nowhere"),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    home: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    assert main([*arguments, *home]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1 and word in captured.err


def test_a_failed_file_is_exit_code_1_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str]
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 nothing")
    assert main(["ingest", str(bad), *home]) == 1
    assert "bad.pdf" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["ask"], ["search", "x", "-k", "0"], ["dance"], ["ask", "a", "--batch", "b"]]
)
def test_wrong_use_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_and_errors_speak_french(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: list[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    help_text = capsys.readouterr().out
    assert caught.value.code == 0 and "utilisation" in help_text and "poser une question" in help_text
    assert "usage:" not in help_text and "show this help" not in help_text
    assert main(["ask", " ", *home]) == 1
    assert "La question est vide" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["ask"])
    assert "erreur" in capsys.readouterr().err


def test_a_data_directory_that_cannot_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "x", "--home", "/proc/ert"]) == 1
    assert "--home" in capsys.readouterr().err


def test_doctor_tells_threads_versions_models_and_index(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", *home, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == []
    assert report["versions"]["torch"].startswith("2.13.0")
    assert report["variables"]["OMP_NUM_THREADS"] and report["threads"]["torch"] >= 1
    assert report["library"]["documents"] == 2 and report["library"]["passages"] >= 2
    assert report["library"]["integrity"] == "ok" and report["models"]["device"] == "cpu"
    assert main(["doctor", *home]) == 0
    assert "OMP_NUM_THREADS" in capsys.readouterr().out


def test_doctor_names_a_problem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ERT_THREADS", "-3")
    assert main(["doctor"]) == 1
    assert "threads" in capsys.readouterr().out


def test_a_real_process_answers_without_network(home: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ert_core", "ask", "How many electrodes were used?", *home, "--json"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
    )
    assert done.returncode == 0, done.stderr
    assert "72 electrodes" in json.loads(done.stdout)["answer"]
