"""A newer analysis: documents are split and embedded again, alone or with another embedding model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ert_core import analysis, document_store
from ert_core.assistant import Assistant
from ert_core.passages import PassageSpan
from ert_core.row_checks import OF_DOCUMENT
from tests.conftest import SURVEY_EN
from tests.reindexed import QUESTION, open_library, pending, run, two_models, vectors


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return two_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def library(tmp_path: Path, tiny: tuple[Path, Path]) -> Iterator[Assistant]:
    engine = open_library(tmp_path / "home", tiny)
    yield engine
    engine.close()


def test_nothing_to_do_starts_nothing(filled: Assistant, ert: Assistant) -> None:
    assert filled.start_reindexing() is None and run(filled) == []
    assert ert.reindexings.jobs() == []


def test_a_library_of_an_older_analysis_is_split_and_embedded_again(
    filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = filled.conversations.start(QUESTION)
    list(filled.ask(QUESTION, conversation_id=conversation))
    [answer] = [m.answer for m in filled.conversations.messages(conversation) if m.answer is not None]
    old_ids = set(filled.library.store.passage_ids())
    # What a newer ERT does: another split, a higher version.
    for module in (analysis, document_store):
        monkeypatch.setattr(module, "ANALYSIS_VERSION", analysis.ANALYSIS_VERSION + 1)
    monkeypatch.setattr(analysis, "split_passages", lambda text, pages: [PassageSpan(7, p.start, p.end) for p in pages])
    before = filled.library.index.snapshot()
    assert (pending(filled).documents, pending(filled).passages) == (2, 0)
    texts = {d.id: filled.library.store.text(d.id) for d in filled.library.store.documents()}
    events = run(filled)
    assert {e.step for e in events} == {"analysing"} and events[-1].done == events[-1].total == len(old_ids)
    assert not pending(filled).anything
    assert not old_ids & set(filled.library.store.passage_ids())
    assert {d.id: filled.library.store.text(d.id) for d in filled.library.store.documents()} == texts
    found = filled.search(QUESTION).passages[0].passage
    assert found.page == 7 and found.text == SURVEY_EN
    assert filled.library.index.snapshot().generation == before.generation + 2
    # What was answered before still opens: citations and passages point at characters of the text.
    [kept] = [m.answer for m in filled.conversations.messages(conversation) if m.answer is not None]
    assert kept == answer and all(filled.check(c) for c in kept.citations)


def test_a_migrated_library_is_analysed_again_and_kept_whole_when_stopped(filled: Assistant) -> None:
    with filled.database.transaction() as cursor:
        cursor.execute("UPDATE documents SET analysis = 1")
        cursor.execute(f"UPDATE documents SET checksum = checksum({OF_DOCUMENT})")
    cancelled = threading.Event()
    for _ in filled.reindexing.run(cancelled):
        if pending(filled).documents == 1:
            cancelled.set()
    assert filled.database.rows("SELECT analysis FROM documents ORDER BY sequence") == [(1,), (2,)]
    assert len(filled.search(QUESTION).passages) == len(filled.library.store.passage_ids())
    run(filled)
    assert pending(filled).documents == 0


def test_both_at_once(library: Assistant) -> None:
    with library.database.transaction() as cursor:
        cursor.execute("UPDATE documents SET analysis = 1")
        cursor.execute(f"UPDATE documents SET checksum = checksum({OF_DOCUMENT})")
    wanted = library.embedders.wanted_name()
    run(library)
    assert library.library.active_model() == wanted and not pending(library).anything
    assert vectors(library) == {wanted: len(library.library.store.passage_ids())}
