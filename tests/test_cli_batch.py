"""Questions of a batch on the command line, and a checked answer as it is printed."""

import json
from pathlib import Path

import pytest

from ert_core.cli import main
from ert_core.cli.ask import as_json, marked
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.loaders import Limits, json_text
from ert_core.loaders.request import Request
from ert_core.types import Answer, Statement
from tests.cli_library import ingested
from tests.conftest import WELL_FR


@pytest.fixture(autouse=True)
def _one_minilm(monkeypatch: pytest.MonkeyPatch, embeddings: SentenceTransformerEmbeddings) -> None:
    monkeypatch.setattr(SentenceTransformerEmbeddings, "from_settings", classmethod(lambda cls, settings: embeddings))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    return ingested(tmp_path, capsys)


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
        assert results[1]["error"] == "The question is empty." and "5,000" in results[2]["error"]
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
