"""`python -m ert_core eval`: the table, JSON, a folder measured apart, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ert_core.cli import main
from ert_core.embeddings import SentenceTransformerEmbeddings
from tests.conftest import SURVEY_EN, WELL_FR


@pytest.fixture(autouse=True)
def _one_minilm(monkeypatch: pytest.MonkeyPatch, embeddings: SentenceTransformerEmbeddings) -> None:
    monkeypatch.setattr(SentenceTransformerEmbeddings, "from_settings", classmethod(lambda cls, settings: embeddings))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with documents, one of them deeper, and questions beside it."""
    documents = tmp_path / "docs" / "deep"
    documents.mkdir(parents=True)
    (documents / "combe-noire.md").write_text(WELL_FR, encoding="utf-8")
    (tmp_path / "docs" / "harbour-lane.txt").write_text(SURVEY_EN, encoding="utf-8")
    questions = [
        {"question": "Quelle est la profondeur du forage F2 ?", "answers": ["48,5 m"], "document": "combe-noire.md"},
        {"question": "How many electrodes were used?", "answers": ["72 electrodes"], "document": "harbour-lane.txt"},
        {"question": "How many electrodes in all?", "answers": ["73 electrodes"], "document": "other.txt"},
    ]
    lines = (json.dumps(q, ensure_ascii=False) for q in questions)
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "none.jsonl").write_text('{"question": "Qui a peint la Joconde ?", "answers": [], "document": null}\n')
    return tmp_path


def test_one_command_measures_a_folder_and_leaves_the_library_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", str(folder / "questions.jsonl"), "--unanswerable", str(folder / "none.jsonl")]
    assert main([*command, "--documents", str(folder / "docs"), "--json"]) == 0
    out, err = capsys.readouterr()
    figures = json.loads(out)
    assert (figures["n"], figures["unanswerable"], figures["unanswerable_refused"]) == (3, 1, 1.0)
    assert figures["hit@1"] == figures["hit@10"] == figures["mrr"] == figures["first_quote"] == 0.6667
    assert figures["unknown_documents"] == ["other.txt"] and figures["library"]["documents"] == 2
    assert [m["question"] for m in figures["misses"]] == ["How many electrodes in all?"]
    assert "Adding harbour-lane.txt (1 of 2)" in err and "Question 4 of 4" in err
    assert not (folder / "default-home").exists(), "nothing is written to the data directory of the user"


def test_without_a_folder_the_own_library_is_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(folder / "home")]
    assert main(["eval", str(folder / "questions.jsonl"), *home]) == 1
    assert "There is no document to measure. Add documents first." in capsys.readouterr().err
    assert main(["ingest", str(folder / "docs" / "harbour-lane.txt"), *home]) == 0
    capsys.readouterr()
    assert main(["eval", str(folder / "questions.jsonl"), *home]) == 0
    out = capsys.readouterr().out
    assert "answer in the first passage" in out and "33.3\u00a0%" in out
    assert "Not in your documents, so counted as misses: combe-noire.md, other.txt." in out
    assert "Misses: 2" in out and "expected: combe-noire.md" in out


def test_the_table_speaks_french(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert main(["eval", str(folder / "questions.jsonl"), "--documents", str(folder / "docs")]) == 0
    out = capsys.readouterr().out
    lines = {line[:35].strip(): line.split("  ")[-1].strip() for line in out.splitlines()}
    assert lines["réponse dans le premier passage"] == "100,0\u00a0%", "the last column is French"
    assert "2 documents" in out and "Échecs : 1" in out
    with pytest.raises(SystemExit):
        main(["eval", "--help"])
    assert "mesurer la recherche" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no question"),
        (b'{"question": "a", "answers": ["b"]}\n\nno\n', "Line 3 of mine.jsonl is not a JSON object"),
        (b'{"question": "a"}', "Line 1 of mine.jsonl has no"),
        ("é".encode("latin-1"), "is not text in UTF-8"),
    ],
)
def test_a_bad_file_is_one_sentence_and_code_1(
    folder: Path, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mine.jsonl").write_bytes(content)
    for command in (["mine.jsonl"], ["questions.jsonl", "--unanswerable", str(folder / "mine.jsonl")]):
        if (
            "a" in content.decode("latin-1")
            and len(command) > 1
            and b'"question"' in content
            and b"no\n" not in content
        ):
            continue  # an unanswerable question needs no answer
        assert main(["eval", str(folder / command[0]), *command[1:], "--documents", str(folder / "docs")]) == 1
        out, err = capsys.readouterr()
        assert out == "" and words in err and "Traceback" not in err and "Adding" not in err


def test_missing_paths_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    for questions, documents, words in (
        ("nowhere.jsonl", "docs", "nowhere.jsonl cannot be read"),
        ("docs", "docs", "cannot be read"),
        ("questions.jsonl", "nowhere", "does not exist"),
        ("questions.jsonl", "empty", "No document of the folder"),
    ):
        assert main(["eval", str(folder / questions), "--documents", str(folder / documents)]) == 1
        assert words in capsys.readouterr().err


def test_home_gives_the_settings_of_a_folder_measured_apart(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "settings.toml").write_text("max_question_characters = 100\n")
    long = json.dumps({"question": "profondeur " * 12, "answers": ["48,5 m"], "document": None})
    (folder / "long.jsonl").write_text(long)
    command = ["eval", str(folder / "long.jsonl"), "--documents", str(folder / "docs"), "--json"]
    assert main([*command, "--home", str(home)]) == 1
    assert "The limit is 100 characters." in capsys.readouterr().err
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 1
