"""`python -m ert_core bench`: figures that are figures, from steps that leave nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from ert_core.bench import runner
from ert_core.bench.paint import find_browser
from ert_core.bench.report import rows, table
from ert_core.bench.runner import measure
from ert_core.cli import main
from ert_core.errors import ErtError
from tests.tiny_model import build_tiny_model

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny", context=4096)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def figures(model: Path, told: list[str]) -> dict[str, Any]:
    sizes: dict[str, Any] = {"passages": (200, 400), "documents": 2, "questions": 5, "tokens": 8, "budgets": (50, 100)}
    return measure(str(model), told.append, **sizes)


@pytest.mark.thorough
def test_every_step_is_told_and_gives_figures(figures: dict[str, Any], told: list[str]) -> None:
    assert told == ["server", "imports", "documents", "search", "model"] == list(figures)
    assert 0 < figures["server"]["answers_s"] <= figures["server"].get("first_paint_s", 1e9)
    assert figures["imports"]["memory_transformers_mb"] > figures["imports"]["memory_bare_mb"] + 100
    for budget in ("50", "100"):
        assert figures["documents"][budget]["passages_per_s"] > 0
        assert 0 < figures["documents"][budget]["cpu_mean"] <= figures["documents"][budget]["cpu_peak"] <= 100
        assert figures["model"][budget]["tokens_per_s"] > 0 and figures["model"][budget]["tokens_per_cpu_s"] > 0
    assert 0 < figures["search"]["200"]["p50_ms"] <= figures["search"]["200"]["p95_ms"]
    written = figures["model"]
    assert written["memory_peak_mb"] >= written["memory_loaded_mb"] > 0
    assert written["prompt_tokens"] > 100 and written["first_token_cold_s"] > 0


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_table_has_a_line_for_each_figure_in_both_languages(figures: dict[str, Any], language: str) -> None:
    lines = rows(figures, language)
    assert len(lines) == len(table(figures, language).splitlines()) == 21
    assert not any("cli.bench" in what for what, _ in lines), "every text is there"
    unpainted = {**figures, "server": {**figures["server"]}}
    unpainted["server"].pop("first_paint_s", None)
    assert "Chromium" in rows(unpainted, language)[1][1], "what was not measured says so"


@pytest.mark.thorough
@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_model_the_command_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    figures: dict[str, Any],
    as_json: bool,
) -> None:
    given = []

    def measured(model: str, progress: Any) -> dict[str, Any]:
        given.append(model)
        progress("search")
        return {step: found for step, found in figures.items() if step != "model"}

    monkeypatch.setattr(runner, "measure", measured)
    monkeypatch.setenv("ERT_LANGUAGE", "en")
    assert main(["bench", "--home", str(tmp_path), *(["--json"] if as_json else [])]) == 0
    output = capsys.readouterr()
    assert given == [""] and "Searching" in output.err
    assert json.loads(output.out.strip().splitlines()[-1])["server"] == figures["server"], "JSON last"
    assert ("--model FOLDER" in output.out) != as_json and (len(output.out.strip().splitlines()) == 1) == as_json


def test_a_folder_that_is_no_model_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "measure", lambda *a: pytest.fail("measured"))
    assert main(["bench", "--home", str(tmp_path / "home"), "--model", str(tmp_path)]) == 1
    assert "config.json" in capsys.readouterr().err


@pytest.mark.thorough
def test_a_step_that_fails_says_which_and_why(tmp_path: Path) -> None:
    with pytest.raises(ErtError) as caught:
        runner._run("model", {"folder": str(tmp_path / "gone"), "budgets": [100], "tokens": 4})
    assert caught.value.code == "bench_step_failed" and "gone" in caught.value.message


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:  # it ended since it was listed
        return ""


@pytest.mark.parametrize(("name", "seconds"), [("python", 1.0), ("node", 0.05), ("chrom", 0.5)])
def test_ctrl_c_leaves_no_process_and_no_folder(name: str, seconds: float) -> None:
    if name != "python" and find_browser() is None:
        pytest.skip("no browser that bench would drive")
    # Not below `tmp_path`: Chromium makes a socket in it, whose address has 108 characters at most.
    with tempfile.TemporaryDirectory(prefix="ert-", ignore_cleanup_errors=True) as folder:
        _interrupted(Path(folder), name, seconds)


def _interrupted(folder: Path, name: str, seconds: float) -> None:
    environment = {**os.environ, "TMPDIR": str(folder), "ERT_LANGUAGE": "en"}
    command = [sys.executable, "-m", "ert_core", "bench", "--home", str(folder / "home")]
    child = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True)
    started: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(name in _name(process) for process in started):
        time.sleep(0.05)
        started = psutil.Process(child.pid).children(recursive=True)
    time.sleep(seconds)
    started = psutil.Process(child.pid).children(recursive=True)
    assert any(name in _name(process) for process in started)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert child.returncode == 1 and "Traceback" not in error
    assert not [p for p in started if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not list(folder.glob("ert-bench-*")) and not list(folder.glob("playwright*"))
    assert Path(tempfile.gettempdir()).exists()
