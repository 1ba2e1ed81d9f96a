"""A model converted to GGUF and back is the same model."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.tiny_model import build_tiny_model

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from qwen_gguf import gguf_name, to_folder, to_gguf, transformers_name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("gguf") / "tiny", dtype="bfloat16")


def test_there_and_back_in_bfloat16_no_bit_changes(folder: Path, tmp_path: Path) -> None:
    back = to_folder(to_gguf(folder, tmp_path / "model.gguf"), tmp_path / "back", like=folder)
    before, after = (load_file(path / "model.safetensors") for path in (folder, back))
    before.pop("lm_head.weight", None)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert (back / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()


@pytest.mark.parametrize(("kind", "error"), [("q8_0", 0.01), ("q4_0", 0.12)])
def test_fewer_bits_round_as_much_as_they_should(folder: Path, tmp_path: Path, kind: str, error: float) -> None:
    back = to_folder(to_gguf(folder, tmp_path / "model.gguf", kind), tmp_path / "back", like=folder)
    name = "model.layers.1.mlp.down_proj.weight"
    before, after = (load_file(path / "model.safetensors")[name].float() for path in (folder, back))
    distance = float((before - after).norm() / before.norm())
    assert error / 10 < distance < error


def test_names_have_a_way_back_and_strangers_none() -> None:
    for name in ("model.layers.3.self_attn.k_proj.bias", "model.norm.weight", "model.embed_tokens.weight"):
        assert transformers_name(gguf_name(name)) == name
    with pytest.raises(KeyError):
        gguf_name("model.layers.0.mlp.experts.weight")
