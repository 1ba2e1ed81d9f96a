"""Adding, listing and deleting documents; every file ends in a report."""

import shutil
import threading
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DamagedFileError, DatabaseError, EmbeddingModelError, UnknownFormatError
from ert_core.settings import Settings
from ert_core.types import Source
from tests.conftest import SURVEY_EN, WELL_FR, add
from tests.every_format import NAMES, PAGES, file_of
from tests.tiny_embedder import build_tiny_embedder


def test_an_added_document_is_listed_with_its_facts(filled: Assistant) -> None:
    english, french = filled.library.store.documents()
    assert (english.name, french.name) == ("harbour-lane.txt", "combe-noire.md")
    assert (english.language, french.language) == ("en", "fr")
    assert french.size == len(WELL_FR.encode()) and french.passages >= 1 and french.pages == 1


def test_passages_index_the_documents_text_exactly(filled: Assistant) -> None:
    store = filled.library.store
    passages = store.passages(store.passage_ids())
    assert len(passages) >= 2
    for passage in passages.values():
        text = store.text(passage.document_id)
        assert text is not None and text[passage.start : passage.end] == passage.text


FACT = "The borehole F2 reaches a depth of 48 m."


@pytest.mark.parametrize("name", NAMES)
def test_offsets_and_quotes_are_exact_in_every_format(ert: Assistant, name: str) -> None:
    [report] = add(ert, Source(name, file_of(name, "Combe Noire", FACT)))
    assert report.status == "added", report.error
    text = ert.library.store.text(report.document_id or "")
    assert text is not None
    found = ert.search("What depth does the borehole F2 reach?")
    for scored in found.passages:
        assert text[scored.passage.start : scored.passage.end] == scored.passage.text
    answer = list(ert.ask("What depth does the borehole F2 reach?", mode="quotes"))[-1].answer
    assert answer is not None and answer.citations
    assert "48 m" in answer.citations[0].quote
    for citation in answer.citations:
        assert text[citation.start : citation.end] == citation.quote and citation.verified
    assert answer.citations[0].page == PAGES.get(name)


def test_the_same_bytes_under_another_name_are_a_duplicate(filled: Assistant) -> None:
    [report] = add(filled, Source("copy.txt", SURVEY_EN.encode()))
    assert report.status == "duplicate"
    [report] = add(filled, Source("copy.txt", SURVEY_EN.encode() + b"\nOne more line."))
    assert report.status == "added"
    assert filled.library.store.count() == 3


def test_bad_files_are_reported_and_the_others_are_added(ert: Assistant) -> None:
    reports = add(
        ert,
        Source("blank.txt", b"  \n \n"),
        Source("picture.xyz", b"abc"),
        Source("broken.pdf", b"%PDF-1.7 broken"),
        Source("gone.txt", path=Path("/nowhere/gone.txt")),
        Source("good.txt", SURVEY_EN.encode()),
    )
    assert [r.status for r in reports] == ["empty", "failed", "failed", "failed", "added"]
    assert isinstance(reports[1].error, UnknownFormatError) and isinstance(reports[2].error, DamagedFileError)
    assert all(r.error is None or all(r.error.in_language("fr")) for r in reports)
    assert ert.library.store.count() == 1


def test_a_file_over_the_limit_changes_nothing(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> None:
    engine = Assistant(Settings.load(home=tmp_path), overrides={"max_file_mb": 1})
    engine.embedders.share(embeddings)
    reports = add(engine, Source("big.txt", b"x " * 600_000), Source("small.txt", SURVEY_EN.encode()))
    assert [r.status for r in reports] == ["failed", "added"]
    assert reports[0].error is not None and "1 MB" in str(reports[0].error)


def test_delete_then_add_again(filled: Assistant) -> None:
    document = filled.library.store.documents()[0]
    assert filled.library.remove(document.id)
    assert not filled.library.remove(document.id)
    assert filled.library.store.text(document.id) is None
    assert all(p.document_name != document.name for p in filled.search("72 electrodes spacing").passages)
    [report] = add(filled, Source(document.name, SURVEY_EN.encode()))
    assert report.status == "added"
    assert filled.search("How many electrodes did the survey use?").passages[0].document_name == document.name


def test_everything_survives_a_restart(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> None:
    first = Assistant(Settings.load(home=tmp_path))
    first.embedders.share(embeddings)
    add(first, Source("combe-noire.md", WELL_FR.encode()), Source("harbour-lane.txt", SURVEY_EN.encode()))
    before = first.search("Quelle est la résistivité de l'aquifère ?")
    first.close()
    second = Assistant(Settings.load(home=tmp_path))
    second.embedders.share(embeddings)
    assert second.search("Quelle est la résistivité de l'aquifère ?") == before
    assert second.library.store.content(before.passages[0].passage.document_id) == WELL_FR.encode()


def test_another_process_is_seen(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> None:
    reader, writer = (Assistant(Settings.load(home=tmp_path)) for _ in range(2))
    for engine in (reader, writer):
        engine.embedders.share(embeddings)
    add(writer, Source("combe-noire.md", WELL_FR.encode()))
    assert reader.search("profondeur du forage").passages
    writer.library.remove(writer.library.store.documents()[0].id)
    assert not reader.search("profondeur du forage").passages


def test_a_cancelled_ingestion_leaves_no_half_document(ert: Assistant) -> None:
    cancelled = threading.Event()
    seen = []
    for event in ert.ingest(
        [Source("long.txt", (SURVEY_EN * 60).encode()), Source("b.txt", b"Other text.")], cancelled
    ):
        seen.append(event)
        if event.step == "embedding" and event.fraction > 0:
            cancelled.set()
    assert ert.library.store.count() == 0 and not [e for e in seen if e.report]
    assert not [e for e in seen if e.index == 1]


def test_progress_goes_from_reading_to_saved(ert: Assistant) -> None:
    events = list(
        ert.ingest([Source("a.txt", "".join(f"Line {n} has {n + 3} electrodes. " for n in range(400)).encode())])
    )
    assert [e.step for e in events][0] == "reading" and events[-1].report is not None
    fractions = [e.fraction for e in events if e.step == "embedding"]
    assert len(fractions) > 2 and fractions == sorted(fractions) and fractions[-1] == 1.0


def test_a_data_directory_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatabaseError):
        Assistant(Settings.load(home=Path("/proc/ert-home")))
    Assistant(Settings.load(home=tmp_path)).close()


def test_with_another_model_wanted_new_documents_get_the_vectors_of_both(filled: Assistant, tmp_path: Path) -> None:
    old = filled.library.vectors.active_model()
    filled.change_settings(embedding_model=str(build_tiny_embedder(tmp_path / "tiny")))
    wanted = filled.embedders.wanted_name()
    assert add(filled, Source("new.txt", b"The new borehole is dry."))[0].status == "added"
    assert filled.library.vectors.active_model() == old
    assert filled.search("Is the new borehole dry?").passages[0].document_name == "new.txt"
    counts = filled.database.rows("SELECT model, count(*) FROM vectors GROUP BY model")
    assert dict(counts) == {old: len(filled.library.store.passage_ids()), wanted: 1}


def test_an_empty_library_takes_the_wanted_model_at_once(filled: Assistant, tmp_path: Path) -> None:
    for document in filled.library.store.documents():
        filled.library.remove(document.id)
    filled.change_settings(embedding_model=str(build_tiny_embedder(tmp_path / "tiny")))
    assert add(filled, Source("new.txt", b"The new borehole is dry."))[0].status == "added"
    assert filled.library.vectors.active_model() == filled.embedders.wanted_name() != "minilm-l6-fr-en"
    assert filled.search("borehole").passages


def test_a_wanted_model_that_is_not_there_leaves_the_active_one_at_work(filled: Assistant, tmp_path: Path) -> None:
    filled.change_settings(embedding_model=str(tmp_path / "nowhere"))
    assert filled.search("How many electrodes?").passages
    assert add(filled, Source("new.txt", b"The new borehole is dry."))[0].status == "added"


def test_no_usable_model_is_told_for_each_file(ert: Assistant, tmp_path: Path) -> None:
    ert.change_settings(embedding_model=str(tmp_path / "nowhere"))
    [report] = add(ert, Source("new.txt", b"The new borehole is dry."))
    assert isinstance(report.error, EmbeddingModelError) and "nowhere" in report.error.message
    assert ert.library.store.count() == 0


def test_the_active_model_gone_is_told_and_files_go_to_the_wanted_one(ert: Assistant, tmp_path: Path) -> None:
    folder = build_tiny_embedder(tmp_path / "tiny")
    ert.change_settings(embedding_model=str(folder))
    add(ert, Source("a.txt", b"The first borehole is wet."))
    gone = ert.embedders.wanted_name()
    shutil.rmtree(folder)
    ert.embedders.keep_only(())
    with pytest.raises(EmbeddingModelError, match="no longer"):
        ert.search("borehole")
    ert.change_settings(embedding_model=None)
    assert add(ert, Source("b.txt", b"The new borehole is dry."))[0].status == "added"
    assert dict(ert.database.rows("SELECT model, count(*) FROM vectors GROUP BY model")) == {
        gone: 1,
        "minilm-l6-fr-en": 1,
    }


def test_nothing_of_a_deleted_document_stays_in_the_file(filled: Assistant) -> None:
    conversation = filled.conversations.start("q")
    list(filled.ask("How many electrodes were used?", conversation_id=conversation))
    unquoted = b"The leachate plume shows resistivities below 8"
    path = filled.settings.home / "ert.sqlite3"
    assert unquoted in path.read_bytes()
    [document] = [d for d in filled.library.store.documents() if d.name == "harbour-lane.txt"]
    filled.library.remove(document.id)
    assert unquoted not in path.read_bytes()
    assert filled.conversations.messages(conversation)[1].answer is not None


def test_names_are_read_without_the_files(filled: Assistant) -> None:
    documents = filled.library.store.documents()
    assert filled.library.store.names([d.id for d in documents] + ["gone"]) == {d.id: d.name for d in documents}
    assert filled.library.store.excerpt(documents[0].id, 2, 8) == SURVEY_EN[2:8]
    assert filled.library.store.excerpt("gone", 0, 3) is None
