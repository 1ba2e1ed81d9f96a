"""The engine that the pages and the command line call: ingest() and ask()."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from ert_core import cpu_budget
from ert_core.answer_history import AnswerHistory
from ert_core.answer_jobs import AnswerJobs
from ert_core.answering import Answering
from ert_core.asking import Asking
from ert_core.conversations import Conversations
from ert_core.database import Database
from ert_core.document_collections import DocumentCollections
from ert_core.download_job import download_steps
from ert_core.embedders import Embedders
from ert_core.embedding_catalogue import choose
from ert_core.errors import EmbeddingModelError
from ert_core.folder_watch import FolderWatch
from ert_core.followed_folders import FollowedFolders
from ert_core.ingestion_jobs import IngestionJobs
from ert_core.jobs import Job, giving_way
from ert_core.library import MEGABYTE, Library
from ert_core.live_figures import LiveFigures
from ert_core.measurement_jobs import MeasurementJobs
from ert_core.page_pictures import PagePictures
from ert_core.progress import DownloadEvent, IngestEvent, ReindexEvent
from ert_core.reindexing import Reindexing
from ert_core.retrieval import Retriever
from ert_core.saved_settings import load_settings, save_settings, saved_settings
from ert_core.settings import Settings
from ert_core.settings_history import SettingsChange, SettingsHistory
from ert_core.types import AnswerEvent, Citation
from ert_core.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.measures import MeasureEvent
    from ert_core.writer_lock import Writer

# How long the end of the server waits for work that was told to stop.
CLOSE_SECONDS = 8.0


class Assistant:
    """One library, its conversations and its models. Thread-safe; models are loaded at first use."""

    def __init__(self, settings: Settings, *, overrides: Mapping[str, Any] | None = None) -> None:
        """Open the data directory of `settings`. Raises DatabaseError.

        `overrides` are the settings of the command line, which saved ones do not replace.
        """
        self._overrides = dict(overrides or {})
        self.database = Database(settings.home)
        self.settings = load_settings(self.database, settings.home, self._overrides)
        cpu_budget.apply(self.settings.cpu_budget)
        self._lock = threading.Lock()
        self._settings_lock = threading.Lock()  # one change is saved, followed and noted before the next
        self.settings_history = SettingsHistory()
        self.embedders = Embedders(self.settings)
        self.library = Library(self.database, self.embedders, max_file_mb=self.settings.max_file_mb)
        self.page_pictures = PagePictures(self.library.store)
        self.reindexing = Reindexing(self.library)
        self.retriever = Retriever(self.library, self.reindexing.repair)
        self.conversations = Conversations(self.database)
        self.collections = DocumentCollections(self.database)
        self.answering = Answering(self.retriever, self.embeddings)
        self.answers: Worker[AnswerEvent] = Worker("ert-answers")
        self.given_files: Worker[IngestEvent] = Worker("ert-given-files")
        self.ingestions: Worker[IngestEvent] = Worker("ert-ingestions")
        self.downloads: Worker[DownloadEvent] = Worker("ert-downloads")
        self.reindexings: Worker[ReindexEvent] = Worker("ert-reindexings")
        self.measurements: Worker[MeasureEvent] = Worker("ert-measurements")
        self.folders = FollowedFolders(self.library, self.database)
        ingestion_jobs = IngestionJobs(
            self.database,
            self.library,
            self.folders,
            answers=self.answers,
            given_files=self.given_files,
            ingestions=self.ingestions,
        )
        self.folder_watch = FolderWatch(
            self.folders,
            ingestion_jobs.start_look,
            busy=ingestion_jobs.someone_waits,
            others_wait=lambda: self.ingestions.waiting,
        )
        self.asking = Asking(
            self.library.store,
            self.retriever,
            self.answering,
            self.conversations,
            self.collections,
            settings=lambda: self.settings,
            adding=lambda: ingestion_jobs.adding,
        )
        # What the parts offer is offered here: pages and commands know the engine alone.
        self.search, self.ask = self.asking.search, self.asking.ask
        self.ingest, self.start_ingest = ingestion_jobs.ingest, ingestion_jobs.start_ingest
        self.someone_waits = ingestion_jobs.someone_waits
        answer_jobs = AnswerJobs(self.database, self.conversations, self.asking, self.answers, ingestion_jobs.add_given)
        self.start_answer, self.answer_again = answer_jobs.start_answer, answer_jobs.answer_again
        self.running_answer, self.stop_answers = answer_jobs.running_answer, answer_jobs.stop_answers
        measurement_jobs = MeasurementJobs(self, self.measurements, ingestion_jobs.someone_waits)
        self.start_self_test, self.start_evaluation = (
            measurement_jobs.start_self_test,
            measurement_jobs.start_evaluation,
        )
        self.measurement = measurement_jobs.measurement
        self.answer_history = AnswerHistory(self.database)
        self.live_figures = LiveFigures(self.workers, answer_jobs.being_written)
        self._closed = False
        self._download_jobs: dict[str, Job[DownloadEvent]] = {}

    @property
    def workers(self) -> dict[str, Worker[Any]]:
        """All workers, by what they do."""
        return {
            "answers": self.answers,
            "given_files": self.given_files,
            "ingestions": self.ingestions,
            "downloads": self.downloads,
            "reindexings": self.reindexings,
            "measurements": self.measurements,
        }

    def other_writer(self) -> Writer | None:
        """Who else writes in this data directory; None: this process does, from now on. Raises DatabaseError."""
        return self.database.other_writer()

    def embeddings(self) -> SentenceTransformerEmbeddings:
        """The embeddings that searches use; see Library.embeddings. Raises EmbeddingModelError."""
        return self.library.embeddings()

    def change_settings(self, **changes: Any) -> Settings:
        """Save settings that a page changes, and apply them; None returns to the default. Raises SettingsError."""
        known = {name: value for name, value in changes.items() if value is not None}
        self.settings.with_changes(**known)  # refuses what is out of range before anything is saved
        with self._settings_lock:
            before, saved = self.settings, saved_settings(self.database)
            save_settings(self.database, changes)
            after = self._follow_settings()
            self.settings_history.note(changes, saved, before, after)
        return after

    def take_back_settings(self) -> SettingsChange | None:
        """Undo the last change of settings, whichever page made it; None when there is none. Raises DatabaseError."""
        with self._settings_lock:
            change = self.settings_history.last
            if change is None:
                return None
            save_settings(self.database, change.saved)
            self._follow_settings()
            self.settings_history.forget_last()
        if "embedding_model" in change.saved:
            self.start_reindexing()
        return change

    def default_settings(self) -> Settings:
        """The settings as they would be if no page had changed any. Raises SettingsError."""
        return Settings.load(home=self.settings.home, overrides=self._overrides)

    def take_over(self) -> None:
        """Go on as the writer, where another one wrote before: with its settings, and what was left to read again."""
        self._follow_settings()
        self.begin_work()

    def begin_work(self) -> None:
        """What a writer does by itself: tidy up, read documents again, look at followed folders."""
        self.start_reindexing()
        self.folder_watch.start()
        self.conversations.purge()

    def _follow_settings(self) -> Settings:
        self.settings = load_settings(self.database, self.settings.home, self._overrides)
        cpu_budget.apply(self.settings.cpu_budget)
        self.embedders.apply(self.settings)
        self.library.max_file_bytes = self.settings.max_file_mb * MEGABYTE
        self.answering.apply(self.settings)
        return self.settings

    def start_download(self, model_id: str) -> Job[DownloadEvent]:
        """Fetch a model in the background; `download` finds the job again. Raises QueueFullError."""
        with self._lock:
            present = self._download_jobs.get(model_id)
            if present is not None and not present.done:
                return present
            job = self.downloads.submit(lambda cancelled: download_steps(model_id, cancelled))
            self._download_jobs[model_id] = job
            return job

    def download(self, model_id: str) -> Job[DownloadEvent] | None:
        """The last download of a model since the start, at work or finished, whichever page began it."""
        return self._download_jobs.get(model_id)

    def change_embedding_model(self, model: str | None) -> Job[ReindexEvent] | None:
        """Search with another model, as soon as the documents are read again; None returns to the default.

        Raises EmbeddingModelError, and changes nothing, when the model is not on this machine.
        """
        choose(model or "")
        self.change_settings(embedding_model=model)
        return self.start_reindexing()

    def start_reindexing(self) -> Job[ReindexEvent] | None:
        """Read documents again in the background, when the settings or a newer ERT ask for it.

        A run at work gives way to the new one, which goes on from there. Raises QueueFullError.
        """
        self.reindexings.stop()
        try:
            needed = self.reindexing.pending().anything
        except EmbeddingModelError:
            needed = self.library.store.count() > 0  # the job tells why
        if not needed:
            return None
        return self.reindexings.submit(
            lambda cancelled: giving_way(self.reindexing.run(cancelled), self.someone_waits, cancelled)
        )

    def check(self, citation: Citation) -> bool:
        """Whether the document is still there and holds the quote at its own offsets."""
        return self.retriever.holds(citation)

    def close(self) -> None:
        """Cancel the work at hand and wait for it a moment, free the models and close the database.

        A thread that still computes when Python ends would end the process with an abort.
        """
        if self._closed:
            return
        self._closed = True
        workers = self.workers.values()
        self.folder_watch.close()
        for worker in workers:
            worker.stop()
        deadline = time.monotonic() + CLOSE_SECONDS
        ended = [worker.join(deadline - time.monotonic()) for worker in workers]
        if all(ended):
            self.answering.close()
        self.database.close()
