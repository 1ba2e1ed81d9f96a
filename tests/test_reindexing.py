"""Another embedding model: documents are read again while the old index answers."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ert_core import reindexing
from ert_core.assistant import Assistant
from ert_core.cli import main
from ert_core.settings import Settings
from ert_core.types import Source
from tests.conftest import REPOSITORY, add
from tests.reindexed import QUESTION, open_library, pending, run, two_models, vectors


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return two_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def library(tmp_path: Path, tiny: tuple[Path, Path]) -> Iterator[Assistant]:
    engine = open_library(tmp_path / "home", tiny)
    yield engine
    engine.close()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "BATCH_PASSAGES", 2)


def test_every_passage_gets_a_vector_of_the_wanted_model_and_searches_switch(library: Assistant) -> None:
    old, wanted = library.library.active_model(), library.embedders.wanted_name()
    count = len(library.library.store.passage_ids())
    assert (pending(library).active, pending(library).passages, pending(library).anything) == (old, count, True)
    before = library.library.index.snapshot()
    events = run(library)
    assert library.library.active_model() == wanted != old
    assert vectors(library) == {wanted: count}
    assert not pending(library).anything
    after = library.library.index.snapshot()
    assert (after.model, after.generation) == (wanted, before.generation + 1)
    assert before.model == old and len(before.ids) == len(after.ids) == count
    passages = library.library.store.passages([int(i) for i in after.ids]).values()
    sentences = library.library.vectors.sentences([int(i) for i in after.ids], wanted)
    rows = np.arange(count)
    assert after.vectors is not None and before.vectors is not None
    for row, passage in enumerate(passages):
        spans, kept = sentences[passage.id]
        texts = [passage.text[s.start : s.end] for s in spans if s.end]
        made = library.embedders.named(wanted).encode_passages(texts)
        assert np.allclose(kept[len(spans) - len(texts) :] / 127, made, atol=0.005)
        if len(texts) == len(spans) == 1:
            assert after.vectors.similarities(made[0], rows)[row] == pytest.approx(1.0, abs=0.01)
    assert (events[-1].done, events[-1].total) == (count, count)
    assert [e.done for e in events] == sorted(e.done for e in events)


def test_the_old_index_answers_until_the_switch(library: Assistant, small_batches: None) -> None:
    old = library.library.active_model()
    for event in library.reindexing.run(threading.Event()):
        if event.done < event.total:
            assert library.library.index.snapshot().model == old
            assert library.search(QUESTION).passages, "and the question is embedded by the same model"
    assert library.library.index.snapshot().model != old
    assert library.search(QUESTION).passages


def test_a_stopped_run_goes_on_where_it_was(library: Assistant, small_batches: None) -> None:
    wanted = library.embedders.wanted_name()
    cancelled = threading.Event()
    for event in library.reindexing.run(cancelled):
        if event.done >= 4:
            cancelled.set()
    assert vectors(library)[wanted] == 4 and library.library.active_model() != wanted
    again = Assistant(Settings.load(home=library.settings.home))
    embeddings = again.embedders.named(wanted)
    encoded: list[str] = []
    encode = embeddings.encode_in_batches
    embeddings.encode_in_batches = lambda texts, cancelled: (encoded.extend(texts), encode(texts))[1]  # type: ignore[method-assign]
    events = run(again)
    assert events[1].done == 6, "what was done counts"
    done = again.library.store.passages(again.library.store.passage_ids()[:4]).values()
    assert encoded and not [p for p in done if p.text in encoded], "and is not done again"
    assert again.library.active_model() == wanted
    again.close()


@pytest.mark.thorough
def test_a_killed_process_loses_one_batch_at_most(library: Assistant, small_batches: None) -> None:
    wanted, old = library.embedders.wanted_name(), library.library.active_model()
    script = f"""
import threading, time
from pathlib import Path
from ert_core import reindexing
from ert_core.assistant import Assistant
from ert_core.sentence_vectors import PassageVector
from ert_core.settings import Settings
reindexing.BATCH_PASSAGES = 2
engine = Assistant(Settings.load(home=Path({str(library.settings.home)!r})))
for event in engine.reindexing.run(threading.Event()):
    print(event.done, flush=True)
    time.sleep(0.2)
"""
    library.close()
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert child.stdout is not None
    seen = [int(child.stdout.readline()) for _ in range(3)]
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    again = Assistant(Settings.load(home=library.settings.home))
    assert again.database.value("PRAGMA integrity_check") == "ok"
    assert seen == [0, 2, 4] and 4 <= vectors(again)[wanted] <= 6
    assert again.library.active_model() == old and again.search(QUESTION).passages
    run(again)
    assert again.library.active_model() == wanted and again.search(QUESTION).passages
    again.close()


def test_documents_added_and_deleted_meanwhile(library: Assistant, small_batches: None) -> None:
    wanted = library.embedders.wanted_name()
    added = False
    for event in library.reindexing.run(threading.Event()):
        if event.done >= 4 and not added:
            added = True
            gone = library.library.store.documents()[-1]
            library.library.remove(gone.id)
            assert add(library, Source("new.txt", b"The late borehole is dry."))[0].status == "added"
            assert library.search("late borehole").passages[0].document_name == "new.txt"
    assert library.library.active_model() == wanted
    assert vectors(library) == {wanted: len(library.library.store.passage_ids())}
    assert library.search("late borehole").passages[0].document_name == "new.txt"


def test_a_document_embedded_before_the_switch_and_saved_after_it(library: Assistant, tiny: tuple[Path, Path]) -> None:
    """Its vectors are of the model that searches no longer use: those of the new one are made before it is saved."""
    library.change_settings(embedding_model=str(tiny[0]))
    switched = False
    for event in library.ingest([Source("new.txt", b"The late borehole is dry.")]):
        if event.step == "saving" and not switched:
            switched = True
            library.change_settings(embedding_model=str(tiny[1]))
            run(library)
    assert event.report is not None and event.report.status == "added"
    assert library.search("late borehole").passages[0].document_name == "new.txt"
    assert len(library.library.index.snapshot().ids) == len(library.library.store.passage_ids())


def test_the_job_waits_while_a_question_is_answered(library: Assistant) -> None:
    release = threading.Event()

    def question(cancelled: threading.Event) -> Iterator[None]:
        release.wait(20)
        yield None

    answer = library.answers.submit(question)  # type: ignore[arg-type]
    job = library.start_reindexing()
    assert job is not None
    assert job.events(timeout=20) and not job.events(1, timeout=0.5) and not job.done
    assert library.library.active_model() != library.embedders.wanted_name()
    release.set()
    assert answer.events(timeout=20)
    assert [e.step for e in job.follow()][-1] == "embedding"
    assert library.library.active_model() == library.embedders.wanted_name()


def test_the_command_reads_again_and_says_so(
    library: Assistant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ["--home", str(library.settings.home)]
    assert main(["doctor", *home, "--json"]) == 0
    report = capsys.readouterr().out
    count = len(library.library.store.passage_ids())
    assert f'"passages_to_embed": {count}' in report and library.embedders.wanted_name() in report
    monkeypatch.setenv("ERT_LANGUAGE", "fr")
    assert main(["reindex", *home]) == 0
    said = capsys.readouterr()
    assert f"100 % ({count} passages sur {count})" in said.err and "C'est fait" in said.out
    assert main(["reindex", *home]) == 0
    assert "Rien à relire" in capsys.readouterr().out
    monkeypatch.setenv("ERT_EMBEDDING_MODEL", "/nowhere")
    assert main(["reindex", *home]) == 1
    assert "/nowhere" in capsys.readouterr().err
