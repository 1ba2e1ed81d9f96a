"""The parts of the benchmarks that decide what a figure means."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import budget_change
import real_texts
import turns

from ert_core.analysis import analyse
from ert_core.passages import PageSpan


def passages_of(texts):
    return [t[p.start : p.end] for t in texts for p in analyse(t, [PageSpan(None, 0, len(t))]).passages]


def test_no_passage_comes_twice(monkeypatch, tmp_path):
    monkeypatch.setenv("ERT_SHARED", str(tmp_path))  # no question sets there: the samples
    texts = real_texts.files(300_000)
    assert 300_000 <= sum(len(t.encode()) for t in texts) < 330_000
    found = passages_of(texts)
    assert len(found) > 300
    assert len(set(found)) == len(found)
    assert len(set(real_texts.passages(350))) == 350


def test_seconds_of_a_change_of_budget():
    at_once, late, never = [25.0] * 24, [100.0] * 8 + [25.0] * 16, [100.0] * 24
    assert budget_change.down_seconds(at_once) == 0.25
    assert 1.75 <= budget_change.down_seconds(late) <= 2.25
    assert budget_change.down_seconds([25.0] * 12 + [100.0] * 4 + [25.0] * 8) > 3  # it has to stay
    assert budget_change.down_seconds(never) > 4
    assert budget_change.up_seconds(never, 100.0) == 0.25
    assert 1.5 <= budget_change.up_seconds([25.0] * 8 + [100.0] * 16, 100.0) <= 2.25
    assert budget_change.up_seconds(at_once, 100.0) == 6


def test_variants_are_asked_in_turns_and_keep_their_own_environment():
    code = "import json, os, sys\nprint('ready')\nfor line in sys.stdin: print(json.dumps({'n': int(os.environ['N'])}))"
    command = [sys.executable, "-u", "-c", code]
    found = turns.in_turns({"a": command, "b": command}, ["x"], 3, {"a": {"N": "1"}, "b": {"N": "2"}})
    assert json.dumps(found) == json.dumps({"a": {"x": {"n": 1}}, "b": {"x": {"n": 2}}})
