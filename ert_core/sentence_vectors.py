"""The vectors of passages, made of the vectors of their sentences.

One sentence often answers, and is lost in the mean of ten; a passage is therefore found by its mean
and ranked by its nearest sentence as well. A passage costs about as much as when it is embedded whole.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ert_core.embeddings import SentenceTransformerEmbeddings

# Unit vectors are kept as 8-bit integers: the cosine changes by less than 0.005.
SCALE = 127


@dataclass(frozen=True)
class PassageVector:
    """`mean`: float32, shape (dimension,), unit length; `sentences`: int8, shape (sentences, dimension)."""

    mean: np.ndarray
    sentences: np.ndarray


def embed_passages(
    embeddings: SentenceTransformerEmbeddings, texts: Sequence[Sequence[str]], cancelled: threading.Event
) -> Iterator[tuple[list[PassageVector], float]]:
    """Embed passages given as their sentences: (vectors, share done) after each batch.

    The vectors are there, one a passage, when the share is 1; a cancelled run ends before.
    """
    import numpy as np

    places: dict[str, int] = {}  # a heading stands above many passages
    for sentence in (s for sentences in texts for s in sentences):
        places.setdefault(sentence, len(places))
    made: list[PassageVector] = []
    vectors: np.ndarray | None = None
    done = 0
    for positions, batch in embeddings.encode_in_batches(list(places), cancelled):
        if cancelled.is_set():
            return
        if vectors is None:
            vectors = np.zeros((len(places), batch.shape[1]), dtype=np.float32)
        vectors[positions] = batch
        done += len(positions)
        if done == len(places):
            made += [_passage_vector(vectors[[places[s] for s in sentences]], sentences) for sentences in texts]
        yield made, done / len(places)


def cosines(sentences: np.ndarray, question: np.ndarray) -> np.ndarray:
    """Cosines of int8 sentence vectors, shape (n, dimension), to a question, shape (n,)."""
    products: np.ndarray = sentences.astype("float32") @ question / SCALE
    return products


def _passage_vector(vectors: np.ndarray, sentences: Sequence[str]) -> PassageVector:
    import numpy as np

    lengths = np.array([len(s) for s in sentences], dtype=np.float32)
    mean = lengths @ vectors
    mean /= max(float(np.linalg.norm(mean)), 1e-9)
    return PassageVector(mean.astype(np.float32), np.round(vectors * SCALE).astype(np.int8))
