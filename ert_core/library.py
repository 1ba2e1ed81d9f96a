"""The documents of the user: add, remove, list; and their indexes."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ert_core.analysis import analyse, embedded_texts
from ert_core.database import Database
from ert_core.document_store import DocumentStore
from ert_core.embedders import Embedders
from ert_core.errors import DamagedFileError, DatabaseError, ErtError, FileTooLargeError
from ert_core.library_index import LibraryIndex
from ert_core.model_loading import return_freed_memory
from ert_core.new_document import NewDocument
from ert_core.passages import join_pages
from ert_core.progress import IngestEvent, IngestReport, IngestStep
from ert_core.sentence_vectors import embed_passages
from ert_core.sources import shown_name
from ert_core.types import Source
from ert_core.vector_store import VectorStore

if TYPE_CHECKING:
    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.sentence_vectors import PassageVector

_log = logging.getLogger(__name__)
MEGABYTE = 10**6


class Library:
    """The documents of one database. Thread-safe."""

    def __init__(self, database: Database, embedders: Embedders, *, max_file_mb: int = 200) -> None:
        self.store = DocumentStore(database)
        self.vectors = VectorStore(database)
        self.index = LibraryIndex(database, self.store, self.vectors)
        self.embedders = embedders
        self.max_file_bytes = max_file_mb * MEGABYTE

    def embeddings(self) -> SentenceTransformerEmbeddings:
        """The embeddings that searches use; of an empty library, those that the settings name.

        Raises EmbeddingModelError.
        """
        return self.embedders.named(self.active_model() or self.embedders.wanted_name())

    def active_model(self) -> str | None:
        """The name of the model that searches use; None while there is no document."""
        return self.vectors.active_model() if self.store.count() else None

    def add(
        self,
        sources: Sequence[Source],
        cancelled: threading.Event | None = None,
        busy: Callable[[], bool] = lambda: False,
    ) -> Generator[IngestEvent, None, None]:
        """Add files one after the other; every file ends in a report, whatever it holds.

        A cancelled ingestion stops between two batches, or while a file is parsed: the file at work is left out
        whole, those done stay. While `busy()`, the parser is held. Raises DatabaseError when nothing can be
        saved at all.
        """
        for index, source in enumerate(sources):
            yield from _FileIngestion(self, source, index, len(sources), cancelled or threading.Event(), busy).run()
            if cancelled is not None and cancelled.is_set():
                break
        return_freed_memory()  # embedding leaves some hundred MB to the allocator

    def remove(self, document_id: str) -> bool:
        """Delete a document. False when it is not there."""
        return self.store.remove(document_id)

    def read(self, source: Source) -> bytes:
        """The bytes of a file, within the size limit. Raises FileTooLargeError, DamagedFileError."""
        try:
            if source.content is None and source.path is None:
                raise ValueError("a Source needs content or a path")
            size = len(source.content) if source.content is not None else source.path.stat().st_size  # type: ignore[union-attr]
            if size > self.max_file_bytes:
                limit = self.max_file_bytes // MEGABYTE
                raise FileTooLargeError("file_too_large", name=source.name, size=-(-size // MEGABYTE), limit=limit)
            return source.content if source.content is not None else source.path.read_bytes()  # type: ignore[union-attr]
        except OSError as error:
            raise DamagedFileError("file_unreadable", name=source.name, reason=error.strerror or str(error)) from error


class _FileIngestion:
    """One file on its way into the library, told step by step."""

    def __init__(
        self,
        library: Library,
        source: Source,
        index: int,
        total: int,
        cancelled: threading.Event,
        busy: Callable[[], bool],
    ) -> None:
        self._library = library
        self._source = replace(source, name=shown_name(source.name))
        self._place = (index, total)
        self._cancelled = cancelled
        self._busy = busy
        self._started = time.monotonic()

    def run(self) -> Iterator[IngestEvent]:
        yield self._event("reading", 0.0)
        try:
            yield from self._steps()
        except DatabaseError:
            raise  # no other file could be saved either
        except ErtError as error:
            yield self._done(IngestReport(self._source.name, "failed", error=error))
        except Exception:
            _log.exception("adding a file failed")
            yield self._done(IngestReport(self._source.name, "failed", error=ErtError("unexpected")))

    def _steps(self) -> Iterator[IngestEvent]:
        from ert_core import loaders

        name = self._source.name
        content = self._library.read(self._source)
        document_id = hashlib.sha256(content).hexdigest()
        if self._library.store.has(document_id):
            yield self._done(IngestReport(name, "duplicate", document_id))
            return
        limits = loaders.Limits(file_bytes=self._library.max_file_bytes)
        try:
            loaded = loaders.load(
                name,
                content,
                password=self._source.password,
                limits=limits,
                cancelled=self._cancelled,
                busy=self._busy,
            )
        except loaders.LoadingCancelled:
            return
        text, pages = join_pages(loaded.pages)
        analysis = analyse(text, pages, self._cancelled)
        if not analysis.passages:
            yield self._done(IngestReport(name, "empty", document_id))
            return
        yield self._event("embedding", 0.0)
        texts = embedded_texts(text, analysis)
        vectors: dict[str, list[PassageVector]] = {}
        saved = "vectors_missing"
        # Searches may change to another model while this file is embedded: then its vectors are made too.
        while saved == "vectors_missing":
            models, lost = self._library.embedders.current(self._library.active_model())
            for model in [m for m in models if m not in vectors]:
                embedding = embed_passages(self._library.embedders.named(model), texts, self._cancelled)
                for made, share in embedding:
                    vectors[model] = made
                    yield self._event("embedding", share)
            if not self._cancelled.is_set():
                yield self._event("saving", 1.0)
            if self._cancelled.is_set():
                return
            document = NewDocument(
                id=document_id,
                name=name,
                media_type=loaded.media_type,
                content=content,
                text=text,
                pages=pages,
                analysis=analysis,
                vectors=vectors,
            )
            saved = self._library.store.add(document, without=lost)
        status = "added" if saved == "saved" else "duplicate"
        yield self._done(IngestReport(name, status, document_id, len(analysis.passages)))  # type: ignore[arg-type]

    def _event(self, step: IngestStep, fraction: float, report: IngestReport | None = None) -> IngestEvent:
        return IngestEvent(*self._place, self._source.name, step, fraction, report)

    def _done(self, report: IngestReport) -> IngestEvent:
        seconds = round(time.monotonic() - self._started, 3)
        return self._event("saving", 1.0, replace(report, seconds=seconds))
