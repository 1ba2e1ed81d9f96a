"""The embeddings of the seed: real MiniLM weights, normalised, batch 8, loaded lazily and once."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from ert_core.embeddings import SentenceTransformerEmbeddings, check_minilm, packaged_minilm
from ert_core.errors import EmbeddingModelError
from ert_core.threads import usable_cpus

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
        assert len(positions) <= 8
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


@pytest.mark.parametrize("threads", [1, 2])
def test_the_thread_limits_reach_torch_when_a_question_is_embedded(threads: int) -> None:
    script = f"""
import ert_core, torch
from ert_core.embeddings import SentenceTransformerEmbeddings
SentenceTransformerEmbeddings(threads={threads}, interop_threads=1).embed_query("x")
print(torch.get_num_threads(), torch.get_num_interop_threads())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(min(threads, usable_cpus())), "1"]
