"""The embedding models of one library: the active one, whose vectors searches use, and the wanted one.

They differ while documents are re-read for another model (`reindexing`). Each is made at first use
and shared; what is not needed any more gives its memory back.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from ert_core.devices import choose_device
from ert_core.embedding_catalogue import choose, choose_named, place_of
from ert_core.errors import EmbeddingModelError

if TYPE_CHECKING:
    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.settings import Settings


class Embedders:
    """Embeddings by the stable name of their model. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._made: dict[str, SentenceTransformerEmbeddings] = {}

    def wanted_name(self) -> str:
        """The name of the model that the settings ask for. Raises EmbeddingModelError when it is not here."""
        return choose(self._settings.embedding_model).name

    def named(self, name: str) -> SentenceTransformerEmbeddings:
        """The embeddings of a model, loaded at their first use. Raises EmbeddingModelError when it is gone."""
        with self._lock:
            if name not in self._made:
                choose_named(name)
                from ert_core.embeddings import SentenceTransformerEmbeddings

                settings = replace(self._settings, embedding_model=place_of(name))
                self._made[name] = SentenceTransformerEmbeddings.from_settings(settings)
            return self._made[name]

    def current(self, active: str | None) -> tuple[list[str], frozenset[str]]:
        """The models whose vectors a passage needs now, the wanted one first, loaded; and those that are lost.

        Raises EmbeddingModelError when none can be used.
        """
        failure: EmbeddingModelError | None = None
        names: list[str] = []
        try:
            names.append(self.wanted_name())
        except EmbeddingModelError as error:
            failure = error
        if active is not None and active not in names:
            names.append(active)
        lost = set()
        for name in names:
            try:
                self.named(name).load()
            except EmbeddingModelError as error:
                failure = failure or error
                lost.add(name)
        usable = [name for name in names if name not in lost]
        if failure is not None and not usable:
            raise failure
        return usable, frozenset(lost)

    def share(self, embeddings: SentenceTransformerEmbeddings) -> None:
        """Use embeddings that were made elsewhere (tests, other engines of this process)."""
        with self._lock:
            self._made[embeddings.name] = embeddings

    def keep_only(self, names: Collection[str]) -> None:
        """Let go of all others."""
        with self._lock:
            self._made = {name: made for name, made in self._made.items() if name in names}

    def apply(self, settings: Settings) -> None:
        """Follow threads and device."""
        with self._lock:
            self._settings = settings
            for made in self._made.values():
                made.threads = (settings.threads, settings.interop_threads)
                made.batch_size = settings.embedding_batch_size
                made.move_to(choose_device(settings.gpu))
