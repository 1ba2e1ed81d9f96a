"""The command line: results, JSON, exit codes, both languages."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ert_core.cli import command_language, main
from ert_core.cli.ask import as_json, marked
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.loaders import Limits, json_text
from ert_core.loaders.request import Request
from ert_core.types import Answer, Statement
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
    assert first.keys() == {"question", "answer", "refused", "citations", "statements", "timings"}
    assert (first["refused"], second["refused"]) == (False, True)
    citation = first["citations"][0]
    assert citation.keys() == {"n", "document", "page", "start", "end", "quote", "verified"}
    assert WELL_FR[citation["start"] : citation["end"]] == citation["quote"] and citation["verified"]


def test_a_bad_question_of_a_batch_is_told_and_the_next_one_answered(
    home: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = tmp_path / "questions.jsonl"
    asked = ["Who\u2028painted it?", " ", "x" * 5000, "How many electrodes\ud800 were used?"]
    lines = [json.dumps({"question": q}, ensure_ascii=q[-1] != "?" or "\ud800" in q) for q in asked]
    batch.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    assert "\u2028" in batch.read_text(encoding="utf-8")
    for command, key in (["search", "passages"], ["ask", "citations"]):
        assert main([command, "--batch", str(batch), *home, "--json"]) == 1
        results = [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]
        assert [r["question"] for r in results] == [*asked[:3], "How many electrodes\ufffd were used?"]
        assert [sorted(r) == ["error", "question"] for r in results] == [False, True, True, False]
        assert results[1]["error"] == "The question is empty." and "5000" in results[2]["error"]
        assert results[3][key]
    monkeypatch.setenv("ERT_LANGUAGE", "fr")
    assert main(["ask", "--batch", str(batch), *home]) == 1
    assert "Question 2 : La question est vide." in capsys.readouterr().out


@pytest.mark.parametrize("line", ["not JSON", '"question"', '{"q": "x"}', '{"question": 3}', "[" * 100_000])
def test_a_batch_with_a_broken_line_answers_nothing(
    home: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text('{"question": "How many electrodes were used?"}\n' + line)
    assert main(["ask", "--batch", str(batch), *home, "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1 and "2" in captured.err


def test_json_lines_with_a_line_separator_inside_are_records(tmp_path: Path, home: list[str]) -> None:
    records = ['{"well": "F7", "note": "dry\u2028sand"}', '{"well": "F8", "note": "wet clay"}']
    for end in ("\n", "\r\n", "\r"):
        [(_, text)] = json_text.parse(end.join(records).encode(), Request("a.jsonl", ".jsonl", None, Limits()))
        assert [line.partition(";")[0] for line in text.split("\n")] == ["- well: F7", "- well: F8"]
    [(_, plain)] = json_text.parse(b'{"a": 1}\nnot JSON', Request("a.jsonl", ".jsonl", None, Limits()))
    assert plain == '{"a": 1}\nnot JSON'


def test_an_answer_for_people_names_its_sources(home: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How many electrodes were used?", *home]) == 0
    out = capsys.readouterr().out
    assert "72 electrodes" in out and "[1] harbour-lane.txt" in out and "quote verified" in out


def test_marks_of_a_checked_answer(home: list[str]) -> None:
    answer = "It is 5 m deep [1]. It has 72 rods [2]. It cost 9 euros. Bye"
    statements = (
        Statement(0, 19, "verified", (1,)),
        Statement(20, 39, "moved", (2,)),
        Statement(40, 56, "unverified", (), ((48, 55),)),
        Statement(57, 60, "neutral"),
    )
    shown = "It is 5 m deep [1]. It has 72 rods [2]*. It cost 9 euros (!). (?) Bye"
    assert marked(answer, statements, to_the_end=True) == shown
    # sentence by sentence, as they are checked
    first = marked(answer, statements[:2])
    assert first + marked(answer, statements, 39, to_the_end=True) == shown
    saved = as_json("?", Answer(answer, "written", "en", statements=statements))["statements"]
    assert isinstance(saved, list) and saved[2] == {
        "start": 40,
        "end": 56,
        "text": "It cost 9 euros.",
        "status": "unverified",
        "markers": [],
        "unsupported_numbers": [{"start": 48, "end": 55}],
    }
    assert marked("Plain.", (), to_the_end=True) == "Plain."


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["ask", "   "], "empty"),
        (["ask", "x" * 100_000], "100000"),
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
    assert "1 folder(s) or file(s) that could not be opened" in captured.err


def test_a_name_that_is_not_utf_8_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str], home: list[str]) -> None:
    try:
        (tmp_path / "caf\udce9.txt").write_text("The café of Harbour Lane opened in 1931.", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert main(["ingest", str(tmp_path / "caf\udce9.txt"), *home, "--json"]) == 0
    [report] = json.loads(capsys.readouterr().out)
    assert (report["name"], report["status"]) == ("caf\ufffd.txt", "added")


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
