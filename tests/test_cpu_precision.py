"""bfloat16 where it pays: flags first, a probe, remembered by processor; and what it costs in precision."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ert_core import cpu_precision
from ert_core.cpu_precision import FILE, bfloat16_pays, embedding_dtype
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.settings import Settings
from tests.conftest import SURVEY_EN, WELL_FR


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The probes that were made in this process, which has found out nothing yet."""
    made: list[bool] = []
    monkeypatch.setattr(cpu_precision, "_found", {})
    monkeypatch.setattr(cpu_precision, "cpu_has_bfloat16_units", lambda: True)
    monkeypatch.setattr(cpu_precision, "_is_faster", lambda: made.append(True) or True)
    return made


def test_it_is_tried_once_and_remembered(tries: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bfloat16_pays(tmp_path) and bfloat16_pays(tmp_path) and len(tries) == 1
    monkeypatch.setattr(cpu_precision, "_found", {})  # another start
    assert bfloat16_pays(tmp_path) and len(tries) == 1
    kept = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert list(kept.values()) == [True] and "torch" in next(iter(kept))


def test_another_processor_or_torch_is_tried_anew(
    tries: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bfloat16_pays(tmp_path)
    monkeypatch.setattr("torch.__version__", "99.0")
    monkeypatch.setattr(cpu_precision, "_is_faster", lambda: tries.append(False) or False)
    assert not bfloat16_pays(tmp_path) and len(tries) == 2
    assert len(json.loads((tmp_path / FILE).read_text(encoding="utf-8"))) == 2


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"x": "yes"}'])
def test_a_damaged_file_is_as_good_as_none(tries: list[bool], tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    assert bfloat16_pays(tmp_path) and len(tries) == 1


def test_a_folder_that_is_not_there_is_not_made(tries: list[bool], tmp_path: Path) -> None:
    assert bfloat16_pays(tmp_path / "later") and not (tmp_path / "later").exists()


def test_without_units_nothing_is_tried(tries: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_precision, "cpu_has_bfloat16_units", lambda: False)
    assert not bfloat16_pays() and not tries
    assert embedding_dtype("cpu") == "float32"


def test_the_probe_answers_and_embeddings_follow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cpu_precision._is_faster() in (True, False)
    for pays, dtype in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(cpu_precision, "bfloat16_pays", lambda home, pays=pays: pays)
        assert SentenceTransformerEmbeddings.from_settings(Settings(home=tmp_path))._dtype == dtype
        assert embedding_dtype("cuda", tmp_path) == "float32"


def test_bfloat16_vectors_are_those_of_float32_to_a_thousandth(embeddings: SentenceTransformerEmbeddings) -> None:
    halved = SentenceTransformerEmbeddings(dtype="bfloat16")
    texts = [WELL_FR, SURVEY_EN, *WELL_FR.splitlines(), *SURVEY_EN.splitlines()]
    one, other = embeddings.encode_passages(texts), halved.encode_passages(texts)
    assert other.dtype == np.float32
    assert np.allclose(np.linalg.norm(other, axis=1), 1.0, atol=1e-6)
    assert (one * other).sum(axis=1).min() >= 0.999
