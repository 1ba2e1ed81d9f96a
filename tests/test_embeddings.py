"""The embeddings of the seed: real MiniLM weights, normalised, batch 8, loaded lazily and once."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from ert_core import embedding_catalogue
from ert_core.embedding_catalogue import BILINGUAL_MINILM, MINILM, canonical, choose, choose_named, offered, place_of
from ert_core.embeddings import SentenceTransformerEmbeddings, check_minilm, packaged_minilm
from ert_core.errors import EmbeddingModelError
from ert_core.threads import usable_cpus
from tests.tiny_embedder import build_tiny_embedder

TEXTS = ["The well is 48 m deep.", "Clay is conductive.", "Bonjour", "x " * 700]


def test_it_is_a_langchain_embeddings_with_unit_vectors(embeddings: SentenceTransformerEmbeddings) -> None:
    assert isinstance(embeddings, Embeddings)
    vectors = embeddings.embed_documents(TEXTS)
    assert isinstance(vectors, list) and isinstance(vectors[0][0], float)
    assert np.shape(vectors) == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(embeddings.embed_query(TEXTS[0]), vectors[0], atol=1e-5)


def test_like_texts_are_nearer_than_unlike_ones(embeddings: SentenceTransformerEmbeddings) -> None:
    question, near, far = embeddings.encode(["How deep is the borehole?", TEXTS[0], "The recipe asks for two eggs."])
    assert question @ near > question @ far + 0.2


def test_nothing_is_loaded_before_the_first_use_and_then_once() -> None:
    embeddings = SentenceTransformerEmbeddings()
    assert not embeddings.loaded
    threads = [threading.Thread(target=embeddings.embed_query, args=("x",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model = embeddings._model
    embeddings.embed_query("y")
    assert embeddings.loaded and embeddings._model is model


def test_the_seeds_switches_reach_the_model(
    embeddings: SentenceTransformerEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeddings.embed_query("load")
    seen: dict[str, object] = {}
    encode = embeddings._model.encode  # type: ignore[union-attr]
    monkeypatch.setattr(embeddings._model, "encode", lambda texts, **kw: (seen.update(kw), encode(texts, **kw))[1])
    embeddings.embed_documents(["a"])
    assert seen == {
        "batch_size": 8,
        "show_progress_bar": False,
        "convert_to_numpy": True,
        "normalize_embeddings": True,
    }


def test_batches_cover_every_text_once(embeddings: SentenceTransformerEmbeddings) -> None:
    texts = [f"text {'word ' * (i % 7)}{i}" for i in range(19)]
    vectors = np.zeros((19, 384), dtype=np.float32)
    batches = list(embeddings.encode_in_batches(texts))
    for positions, batch in batches:
        assert len(positions) <= 16 * 8 and sum(len(texts[p]) for p in positions) <= 8 * 1000
        vectors[positions] = batch
    assert sorted(p for positions, _ in batches for p in positions) == list(range(19))
    assert np.allclose(vectors, embeddings.encode(texts), atol=1e-5)
    assert embeddings.encode([]).shape == (0, 384)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_minilm(), folder)
    assert check_minilm(folder) == folder
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(EmbeddingModelError, match="not the expected"):
        check_minilm(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(EmbeddingModelError, match="not in"):
        check_minilm(folder)


def test_a_missing_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match="embedding_model empty"):
        SentenceTransformerEmbeddings(str(tmp_path / "nowhere")).embed_query("x")


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_the_thread_limits_reach_torch_when_a_question_is_embedded(threads: int) -> None:
    script = f"""
import ert_core, torch
from ert_core.embeddings import SentenceTransformerEmbeddings
SentenceTransformerEmbeddings(threads={threads}, interop_threads=1).embed_query("x")
print(torch.get_num_threads(), torch.get_num_interop_threads())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(min(threads, usable_cpus())), "1"]


def mean_of_word_vectors(folder: Path, text: str, length: int) -> np.ndarray:
    """What the model's text embedding is by its definition, computed with transformers alone."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    pieces = AutoTokenizer.from_pretrained(folder)([text], return_tensors="pt", truncation=True, max_length=length)
    with torch.inference_mode():
        model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        vector = model(**pieces).last_hidden_state.mean(1)[0].numpy()
    return np.asarray(vector / np.linalg.norm(vector))


LONG = "La résistivité de l'argile est faible. " * 60


def test_a_plain_bfloat16_folder_is_mean_pooling_in_float32_over_256_pieces(tmp_path: Path) -> None:
    import torch

    folder = build_tiny_embedder(tmp_path / "plain", dtype="bfloat16")
    embeddings = SentenceTransformerEmbeddings(str(folder))
    for text in (TEXTS[0], LONG):
        assert np.allclose(embeddings.encode_question(text), mean_of_word_vectors(folder, text, 256), atol=1e-5)
    assert not np.allclose(embeddings.encode([LONG])[0], mean_of_word_vectors(folder, LONG, 96), atol=1e-3)
    assert {p.dtype for p in embeddings._model.parameters()} == {torch.float32}  # type: ignore[union-attr]
    halved = SentenceTransformerEmbeddings(str(folder), dtype="bfloat16")
    assert np.allclose(halved.encode_passages([TEXTS[0]]), embeddings.encode_passages([TEXTS[0]]), atol=0.05)
    assert {p.dtype for p in halved._model.parameters()} == {torch.bfloat16}  # type: ignore[union-attr]
    assert embeddings.dimension == 32 and embeddings.encode_passages([]).shape == (0, 32)


def test_e5_puts_its_words_before_questions_and_passages(tmp_path: Path) -> None:
    folder = build_tiny_embedder(tmp_path / "multilingual-e5-small", modules=True)
    e5 = SentenceTransformerEmbeddings(str(folder))
    plain = SentenceTransformerEmbeddings(str(shutil.copytree(folder, tmp_path / "other")))
    text = "l'argile"
    for made, words in (
        (e5.encode_question(text), "query: "),
        (np.array(e5.embed_query(text)), "query: "),
        (e5.encode_passages([text])[0], "passage: "),
        (np.array(e5.embed_documents([text])[0]), "passage: "),
        (next(e5.encode_in_batches([text]))[1][0], "passage: "),
        (e5.encode([text])[0], "query: "),
    ):
        assert np.allclose(made, plain.encode([words + text])[0], atol=1e-5)
        assert not np.allclose(made, plain.encode([text])[0], atol=1e-3)
    assert np.allclose(plain.encode_question(text), plain.encode_passages([text])[0], atol=1e-6)
    assert e5.bilingual and not plain.bilingual


def test_a_models_own_prompts_and_length_are_followed(tmp_path: Path) -> None:
    prompts = {"query": "question: ", "document": "texte: "}
    folder = build_tiny_embedder(tmp_path / "own", modules=True, prompts=prompts)
    own = SentenceTransformerEmbeddings(str(folder))
    assert np.allclose(own.encode_question("sol"), own.encode(["question: sol"])[0], atol=1e-5)
    assert np.allclose(own.encode_passages(["sol"]), own.encode(["texte: sol"]), atol=1e-5)
    assert not np.allclose(own.encode(["sol"]), own.encode_passages(["sol"]), atol=1e-3)
    assert np.allclose(own.encode([LONG])[0], mean_of_word_vectors(folder, LONG, 64), atol=1e-5)


def test_a_name_stands_for_the_weights(tmp_path: Path) -> None:
    folder = build_tiny_embedder(tmp_path / "model", seed=1)
    first = choose(str(folder)).name
    assert place_of(first) == str(folder) and choose_named(first).folder == folder
    assert choose(str(folder) + "/../model").name == first
    build_tiny_embedder(folder, seed=2)  # same shapes, same size, other numbers
    assert choose(str(folder)).name != first
    with pytest.raises(EmbeddingModelError, match="no longer"):
        choose_named(first)
    build_tiny_embedder(folder, seed=1)
    assert choose(str(folder)).name == first


def test_weights_replaced_under_a_loaded_model_do_not_reach_it(tmp_path: Path) -> None:
    folder = build_tiny_embedder(tmp_path / "model")
    embeddings = SentenceTransformerEmbeddings(str(folder))
    before = embeddings.encode(["sol"])
    (folder / "model.safetensors").write_bytes(b"")  # in place: under a memory map this would end the process
    assert np.array_equal(embeddings.encode(["sol"]), before)


def test_the_packaged_model_has_one_name_however_it_is_written() -> None:
    names = {choose(m).name for m in ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2")}
    assert names == {MINILM} and not choose(MINILM).bilingual
    assert choose("").name == BILINGUAL_MINILM and choose("").bilingual


def test_ert_s_own_model_is_offered_only_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_catalogue, "MODELS_FOLDER", tmp_path)
    monkeypatch.setattr(embedding_catalogue, "DEFAULT_MODEL", BILINGUAL_MINILM)
    assert BILINGUAL_MINILM not in {entry.id for entry in offered()} and canonical("") == MINILM
    with pytest.raises(EmbeddingModelError, match="does not exist"):
        choose(BILINGUAL_MINILM)
    build_tiny_embedder(tmp_path / BILINGUAL_MINILM, dtype="bfloat16")
    assert BILINGUAL_MINILM in {entry.id for entry in offered()} and canonical("") == BILINGUAL_MINILM
    own = SentenceTransformerEmbeddings()
    assert own.name == BILINGUAL_MINILM and own.bilingual and choose_named(own.name).folder.is_dir()
    assert np.allclose(
        own.encode_question("sol"), mean_of_word_vectors(tmp_path / BILINGUAL_MINILM, "sol", 256), atol=1e-5
    )


def damaged(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def with_code(folder: Path) -> None:
    (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]')
    (folder / "evil.py").write_text("raise SystemExit('ran')")


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize("harm", [damaged, pickled, with_code, without_tokenizer])
def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    folder = build_tiny_embedder(tmp_path / "model", modules=True)
    harm(folder)
    with pytest.raises(EmbeddingModelError) as caught:
        SentenceTransformerEmbeddings(str(folder)).embed_query("x")
    assert all("\n" not in sentence and sentence for sentence in caught.value.in_language("fr"))


@pytest.mark.parametrize("model", ["nobody/no-such-model", "../..", "no such name"])
def test_what_is_not_on_this_machine_is_told(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EmbeddingModelError, match="embedding_model empty|config.json"):
        choose(model)
