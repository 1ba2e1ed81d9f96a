"""The embedding model that is wanted: the first one again, a broken one, one with new weights, the real one."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ert_core.assistant import Assistant
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import EmbeddingModelError
from ert_core.sentence_vectors import PassageVector
from ert_core.settings import Settings
from tests.reindexed import QUESTION, open_library, pending, run, two_models, vectors


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return two_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def library(tmp_path: Path, tiny: tuple[Path, Path]) -> Iterator[Assistant]:
    engine = open_library(tmp_path / "home", tiny)
    yield engine
    engine.close()


def test_back_to_the_first_model_before_the_switch(library: Assistant, tiny: tuple[Path, Path]) -> None:
    cancelled = threading.Event()
    cancelled.set()
    list(library.reindexing.run(cancelled))
    wanted = library.embedders.wanted_name()
    ids = library.library.store.passage_ids()[:3]
    library.library.vectors.add(
        wanted, ids, [PassageVector(np.ones(32, dtype=np.float32), np.ones((1, 32), dtype=np.int8))] * 3
    )
    library.change_settings(embedding_model=str(tiny[0]))
    assert pending(library).passages == 0 and pending(library).anything, "the vectors begun are left over"
    generation = library.database.generation()
    run(library)
    assert list(vectors(library)) == [library.library.active_model()] and not pending(library).anything
    assert library.database.generation() == generation


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(library: Assistant, tiny: tuple[Path, Path]) -> None:
    broken = library.settings.home / "broken"
    shutil.copytree(tiny[1], broken)
    (broken / "config.json").write_text('{"model_type": "no-such-type"}', encoding="utf-8")
    old = library.library.active_model()
    library.change_settings(embedding_model=str(broken))
    with pytest.raises(EmbeddingModelError):
        run(library)
    assert library.library.active_model() == old and library.search(QUESTION).passages
    job = library.start_reindexing()
    assert job is not None
    list(job.events(timeout=None))
    assert isinstance(job.error, EmbeddingModelError) and all(job.error.in_language("fr"))
    with pytest.raises(EmbeddingModelError, match="does not exist"):
        library.change_embedding_model("/nowhere/at/all")
    assert library.settings.embedding_model == str(broken)


def test_the_wanted_model_is_noticed_when_its_weights_change(library: Assistant, tiny: tuple[Path, Path]) -> None:
    folder = library.settings.home / "model"
    shutil.copytree(tiny[0], folder)
    library.change_settings(embedding_model=str(folder))
    run(library)
    assert not pending(library).anything
    shutil.copy(tiny[1] / "model.safetensors", folder)
    again = Assistant(Settings.load(home=library.settings.home))
    assert pending(again).anything and pending(again).passages == len(again.library.store.passage_ids())
    with pytest.raises(EmbeddingModelError, match="no longer"):
        again.search(QUESTION)
    run(again)
    assert again.search(QUESTION).passages
    again.close()


def test_the_real_model_takes_over_from_a_tiny_one(
    library: Assistant, embeddings: SentenceTransformerEmbeddings
) -> None:
    library.embedders.share(embeddings)
    job = library.change_embedding_model(None)
    assert job is not None
    list(job.follow())
    assert library.library.active_model() == "minilm-l6-fr-en"
    assert "72 electrodes" in library.search("number of electrodes").passages[0].passage.text
