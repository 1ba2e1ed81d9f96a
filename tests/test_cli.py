"""The command line: exit codes, errors in one line, both languages, the doctor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ert_core.cli import command_language, main
from ert_core.embeddings import SentenceTransformerEmbeddings
from tests.cli_library import ingested
from tests.conftest import REPOSITORY, SURVEY_EN


@pytest.fixture(autouse=True)
def _one_minilm(monkeypatch: pytest.MonkeyPatch, embeddings: SentenceTransformerEmbeddings) -> None:
    monkeypatch.setattr(SentenceTransformerEmbeddings, "from_settings", classmethod(lambda cls, settings: embeddings))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    return ingested(tmp_path, capsys)


def test_search_prints_exact_places(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "How many electrodes were used?", "-k", "1", *home, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {"question", "evidence", "passages"}
    [passage] = found["passages"]
    assert passage.keys() == {"document", "page", "start", "end", "text", "score"}
    assert SURVEY_EN[passage["start"] : passage["end"]] == passage["text"]


def test_an_answer_for_people_names_its_sources(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How many electrodes were used?", *home]) == 0
    out = capsys.readouterr().out
    assert "72 electrodes" in out and "[1] harbour-lane.txt" in out and "quote verified" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["ask", "   "], "empty"),
        (["ask", "x" * 100_000], "100,000"),
        (["ask", "electrodes?", "--mode", "written"], "model"),
        (["search", "--batch", "/nowhere.jsonl"], "/nowhere.jsonl"),
        (["ingest", "/nowhere"], "/nowhere"),
        (["ingest", "/" + "x" * 300], "xxx"),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    home: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    assert main([*arguments, *home]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1 and word in captured.err


def test_a_bug_is_one_sentence_and_its_traceback_is_logged(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("ert_core.cli.open_assistant", broken)
    with caplog.at_level("DEBUG", logger="ert"):
        assert main(["search", "x"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1 and "unexpected" in captured.err
    [record] = [r for r in caplog.records if r.name == "ert"]
    assert record.levelname == "DEBUG" and record.exc_info and record.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("content", ["threads = inf", "home = 3", "language = = 'fr'"])
def test_odd_settings_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (tmp_path / "settings.toml").write_text(content)
    assert main(["search", "x", "--home", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1 and "setting" in error


@pytest.mark.parametrize(
    ("content", "variable", "expected"),
    [
        ("language = 'fr'", None, "fr"),
        ("language = 'fr'", "en", "en"),
        ("language = 'fr'", "auto", "en"),
        ("language = 'auto'", None, "en"),
        ("language = = 'fr'", None, "en"),
        ("", "fr", "fr"),
    ],
)
def test_the_language_is_the_settings_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, variable: str | None, expected: str
) -> None:
    (tmp_path / "settings.toml").write_text(content)
    if variable:
        monkeypatch.setenv("ERT_LANGUAGE", variable)
    assert command_language(["ask", "--json", f"--home={tmp_path}", "question"]) == expected
    assert command_language(["ask", "--home", str(tmp_path), "-k", "3"]) == expected
    assert command_language(["ask", "question", "--home"]) == ("en" if variable in (None, "auto") else variable)
    monkeypatch.setenv("ERT_HOME", str(tmp_path))
    assert command_language([]) == expected


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
