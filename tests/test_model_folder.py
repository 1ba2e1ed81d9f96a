"""The folder of a model: weights in every form that can be loaded, and why another cannot be used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ert_core.errors import LanguageModelError, NotEnoughMemoryError
from ert_core.language_model import LanguageModel
from tests.model_steps import steps, written
from tests.tiny_model import build_tiny_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


@pytest.mark.parametrize("dtype", [pytest.param("bfloat16", marks=pytest.mark.thorough), "float16", "float32"])
def test_weights_stored_in_any_type_are_held_in_a_type_of_the_device(tmp_path, dtype, monkeypatch):
    monkeypatch.setattr("ert_core.model_in_memory.bfloat16_pays", lambda home: True)
    model = LanguageModel(build_tiny_model(tmp_path / dtype, dtype=dtype))
    assert steps(model, max_new_tokens=5)
    held = {str(parameter.dtype) for parameter in model._model.parameters()}
    assert held == {"torch.bfloat16" if dtype == "bfloat16" else "torch.float32"}


def test_a_shared_embedding_that_is_stored_twice_is_held_once(folder, copy):
    from safetensors.torch import load_file, save_file

    tensors = load_file(copy / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    model = LanguageModel(copy)
    assert written(steps(model)) == written(steps(LanguageModel(folder)))
    assert model._model.lm_head.weight is model._model.model.embed_tokens.weight


def test_weights_in_several_files_are_found_by_their_index(folder, copy):
    from transformers import AutoModelForCausalLM

    (copy / "model.safetensors").unlink()
    AutoModelForCausalLM.from_pretrained(folder).save_pretrained(copy, max_shard_size="200KB")
    assert len(list(copy.glob("*.safetensors"))) > 1
    assert written(steps(LanguageModel(copy))) == written(steps(LanguageModel(folder)))
    next(copy.glob("*.safetensors")).unlink()
    with pytest.raises(LanguageModelError) as caught:
        LanguageModel(copy).load()
    assert caught.value.code == "model_part_missing"


def remove(*names):
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def edit(name, **values):
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}), encoding="utf-8")

    return change


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def truncated(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def not_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"<html>404</html>" * 50)


def one_tensor_short(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def code_of_its_own(folder: Path) -> None:
    edit("config.json", model_type="mine", auto_map={"AutoConfig": "mine.C", "AutoModelForCausalLM": "mine.M"})(folder)
    (folder / "mine.py").write_text("raise SystemExit('model code was run')", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (shutil.rmtree, "model_folder_missing"),
        (remove("config.json"), "model_no_config"),
        (remove("model.safetensors"), "model_no_weights"),
        (pickled, "model_pickle_only"),
        (remove("tokenizer.json"), "model_no_tokenizer"),
        (remove("chat_template.jinja"), "model_no_chat_template"),
        (code_of_its_own, "model_remote_code"),
        (truncated, "model_damaged"),
        (not_weights, "model_damaged"),
        (one_tensor_short, "model_damaged"),
        (lambda folder: (folder / "config.json").write_text("{"), "model_damaged"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "model_load_failed"),
        (edit("config.json", hidden_size=96), "model_load_failed"),
        (edit("config.json", quantization_config={"quant_method": "gptq"}), "model_quantized"),
        (edit("config.json", model_type="bert", architectures=["BertModel"]), "model_damaged"),
        (edit("config.json", model_type="clip", architectures=["CLIPModel"]), "model_not_causal"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why(copy, change, code):
    change(copy)
    model = LanguageModel(copy)
    with pytest.raises(LanguageModelError) as caught:
        model.load()
    assert caught.value.code == code
    assert not model.loaded
    for language in ("fr", "en"):
        assert all(caught.value.in_language(language))


def test_an_id_that_is_not_downloaded_says_so(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(LanguageModelError) as caught:
        LanguageModel("Qwen/Qwen2.5-0.5B-Instruct").load()
    assert caught.value.code == "model_not_downloaded"


def test_too_little_memory_is_said_before_loading(folder, monkeypatch):
    monkeypatch.setattr("ert_core.model_memory.available_bytes", lambda: 1_000_000)
    monkeypatch.setattr("ert_core.model_in_memory.load_weights", lambda *a: pytest.fail("loaded"))
    with pytest.raises(NotEnoughMemoryError):
        LanguageModel(folder).load()
