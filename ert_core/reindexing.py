"""Reading the documents of a library again, in the background, while its old index answers.

Two things ask for it: another embedding model (every passage needs a vector of it), and documents
that an older version of the analysis split. Everything is committed piece by piece, a batch of
vectors or one document, and what remains is asked of the database: a stop, a crash or a power cut
loses at most one piece, and the next run goes on from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from dataclasses import dataclass

from ert_core.analysis import analyse, embedded_texts
from ert_core.damage import documents_to_repair, forget_lost
from ert_core.errors import DatabaseError
from ert_core.library import Library
from ert_core.progress import ReindexEvent, ReindexStep
from ert_core.sentence_vectors import PassageVector, embed_passages

# Passages of one committed batch of vectors.
BATCH_PASSAGES = 32

Events = Generator[ReindexEvent, None, None]


@dataclass(frozen=True)
class Pending:
    """What a run would do: passages without a vector of `wanted`, documents (and their passages) to analyse again."""

    active: str | None
    wanted: str
    passages: int
    documents: int
    document_passages: int
    leftovers: bool

    @property
    def unfinished(self) -> bool:
        """Whether searches would change."""
        return self.active not in (None, self.wanted) or self.passages > 0 or self.documents > 0

    @property
    def anything(self) -> bool:
        """Whether there is work."""
        return self.unfinished or self.leftovers


class Reindexing:
    """Reads the documents of one library again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._repairing = threading.Lock()
        self._last_document = ""
        self._last_texts: dict[tuple[int, int], list[str]] = {}

    def pending(self) -> Pending:
        """What there is to do. Raises EmbeddingModelError when the wanted model is not on this machine."""
        wanted, active = self._library.embedders.wanted_name(), self._library.active_model()
        outdated = self._library.store.outdated()
        return Pending(
            active,
            wanted,
            self._library.vectors.count_missing(wanted),
            len(outdated),
            sum(passages for _, passages in outdated),
            self._library.vectors.has_others([wanted, active or wanted]),
        )

    def repair(self) -> bool:
        """Make the passages and vectors of documents again of which one is not as it was saved.

        The old ones go in the transaction that saves the new ones. False when there are none, or another process
        writes. Raises DatabaseError when the text is damaged, too, EmbeddingModelError when no model can be used.
        """
        database = self._library.store.database
        if database.other_writer() is not None:
            return False
        with self._repairing:
            documents = documents_to_repair(database)
            for document_id in documents:
                for _ in self._analyse_document(document_id, 0, _Progress("analysing", 0), threading.Event()):
                    pass
            if documents:
                forget_lost(database)
            return bool(documents)

    def run(self, cancelled: threading.Event) -> Events:
        """Do what there is to do.

        Raises EmbeddingModelError when the wanted model cannot be used: searches then keep the one they have.
        """
        yield from self._analyse_again(cancelled)
        wanted = self._library.embedders.wanted_name()
        self._library.embedders.named(wanted).load()
        yield from self._embed_missing(wanted, cancelled)
        active = self._library.active_model()
        while not cancelled.is_set() and self._library.vectors.delete_others([wanted, active or wanted]):
            pass
        if active in (None, wanted):
            self._library.embedders.keep_only([wanted])

    def _analyse_again(self, cancelled: threading.Event) -> Events:
        outdated = self._library.store.outdated()
        progress = _Progress("analysing", sum(passages for _, passages in outdated))
        if outdated:
            yield from progress.told()  # before any work: a question at hand goes first
        damage: DatabaseError | None = None
        for document_id, passages in outdated:
            try:
                yield from self._analyse_document(document_id, passages, progress, cancelled)
            except DatabaseError as error:
                if error.code != "row_damaged":
                    raise
                damage = error  # the others are not to wait for it
            if cancelled.is_set():
                return
            progress.done += passages
            yield from progress.told()
        if damage is not None:
            raise damage

    def _analyse_document(
        self, document_id: str, old_passages: int, progress: _Progress, cancelled: threading.Event
    ) -> Events:
        library = self._library
        text, pages = library.store.text(document_id), library.store.pages(document_id)
        if text is None:
            return
        analysis = analyse(text, pages, cancelled)
        texts = embedded_texts(text, analysis)
        vectors: dict[str, list[PassageVector]] = {}
        saved = "vectors_missing"
        # Searches may change to another model meanwhile: then its vectors are made too.
        while saved == "vectors_missing":
            models, lost = library.embedders.current(library.active_model())
            for model in [m for m in models if m not in vectors]:
                for made, finished in embed_passages(library.embedders.named(model), texts, cancelled):
                    vectors[model] = made
                    share = (len(vectors) - 1 + finished) / max(len(models), len(vectors))
                    yield from progress.told(extra=int(old_passages * share))
            if cancelled.is_set():
                return
            saved = library.store.replace_analysis(document_id, analysis, vectors, without=lost)

    def _embed_missing(self, model: str, cancelled: threading.Event) -> Events:
        library = self._library
        embeddings = library.embedders.named(model)
        total = len(library.store.passage_ids())
        missing = library.vectors.count_missing(model)
        progress = _Progress("embedding", total, total - missing)
        if not missing and library.active_model() in (None, model):
            return
        yield from progress.told()
        # Documents may be added meanwhile: it is over when the switch finds every passage with its vector.
        while not library.vectors.activate(model):
            after = 0
            while batch := library.vectors.missing(model, after, BATCH_PASSAGES):
                texts = [self._texts(document_id).get((start, end), [""]) for _, document_id, start, end in batch]
                vectors: list[PassageVector] = []
                for made, _ in embed_passages(embeddings, texts, cancelled):
                    vectors = made
                if cancelled.is_set():
                    return
                library.vectors.add(model, [row[0] for row in batch], vectors)
                after = batch[-1][0]
                progress.done += len(batch)
                yield from progress.told()

    def _texts(self, document_id: str) -> dict[tuple[int, int], list[str]]:
        """What is embedded of each passage of a document, by its place; nothing when it was deleted meanwhile."""
        if self._last_document != document_id:
            text = self._library.store.text(document_id) or ""
            analysis = analyse(text, self._library.store.pages(document_id))
            places = [(p.start, p.end) for p in analysis.passages]
            self._last_texts = dict(zip(places, embedded_texts(text, analysis), strict=True))
            self._last_document = document_id
        return self._last_texts


class _Progress:
    """How far it is, and how long it will take at the pace so far."""

    def __init__(self, step: ReindexStep, total: int, done: int = 0) -> None:
        self._step = step
        self._total = total
        self._first = done
        self._started = time.monotonic()
        self.done = done
        self.waited = 0.0

    def told(self, *, extra: int = 0) -> Events:
        """Give the present state; `extra` passages are done but not saved. What the follower waits is not counted."""
        done = min(self.done + extra, self._total)
        made = done - self._first
        seconds = time.monotonic() - self._started - self.waited
        left = seconds / made * (self._total - done) if made > 0 else None
        given = time.monotonic()
        yield ReindexEvent(self._step, done, self._total, left)
        self.waited += time.monotonic() - given
