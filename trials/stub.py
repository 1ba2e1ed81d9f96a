"""An engine for trials: everything is ERT's own, but the vectors, which cost nothing, and for most files the parser."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ert_core import cpu_budget, loaders
from ert_core.assistant import Assistant
from ert_core.progress import IngestReport
from ert_core.settings import Settings
from ert_core.types import LoadedDocument, Page, Source

DIMENSION = 64
WORDS = (
    "borehole aquifer clay sand gneiss electrode spacing resistivity landfill leachate plume tide gauge datum survey"
    " forage nappe argile sable grès électrode écartement résistivité décharge lixiviat panache marée relevé"
).split()


class StubEmbeddings:
    """Unit vectors that depend on the text alone. In place of SentenceTransformerEmbeddings."""

    batch_size, threads = 8, (1, 1)
    bilingual = loaded = True

    def __init__(self, name: str) -> None:
        self.name = name

    def load(self) -> None:
        """There is nothing to load."""

    def move_to(self, device: str) -> None:
        """There is nothing to move."""

    def encode_in_batches(
        self, texts: Sequence[str], cancelled: threading.Event | None = None
    ) -> Iterator[tuple[list[int], np.ndarray]]:
        """As the real ones, some texts at a time."""
        for first in range(0, len(texts), self.batch_size):
            positions = list(range(first, min(first + self.batch_size, len(texts))))
            yield positions, self.encode([texts[p] for p in positions])

    def encode(self, texts: Sequence[str], **_: Any) -> np.ndarray:
        """Shape (texts, DIMENSION), float32."""
        rows = []
        for text in texts:
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
            rows.append(np.random.default_rng(seed).standard_normal(DIMENSION))
        vectors = np.array(rows, dtype=np.float32).reshape(-1, DIMENSION)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    encode_passages = encode

    def encode_question(self, text: str) -> np.ndarray:
        """Shape (DIMENSION,)."""
        return self.encode([text])[0]


def stub_engine(home: Path, *, parse: bool = False) -> Assistant:
    """An engine on `home`; with `parse`, files are parsed in their own process as always."""
    engine = Assistant(Settings.load(home=home, overrides={"cpu_budget": 100}), overrides={"cpu_budget": 100})
    cpu_budget.apply(100)
    engine.embedders.share(StubEmbeddings(engine.embedders.wanted_name()))  # type: ignore[arg-type]
    if not parse:
        loaders.load = _decoded  # type: ignore[attr-defined]
    return engine


def _decoded(name: str, content: bytes, **_: Any) -> LoadedDocument:
    return LoadedDocument(media_type="text/plain", pages=(Page(None, content.decode("utf-8")),))


def text_of(rng: Any, sentences: int = 12) -> str:
    """A text of random words, some of it a number nobody else has."""
    made = []
    for _ in range(sentences):
        words = " ".join(rng.choice(WORDS) for _ in range(rng.randint(6, 14)))
        made.append(f"{words.capitalize()} {rng.randrange(10**9)}.")
    return " ".join(made)


def add(engine: Assistant, name: str, text: str) -> IngestReport:
    """Add one text; the report it ended in."""
    reports = [e.report for e in engine.ingest([Source(name, text.encode())]) if e.report is not None]
    return reports[-1]


def document_id(text: str) -> str:
    """The id that a text has as a document."""
    return hashlib.sha256(text.encode()).hexdigest()
