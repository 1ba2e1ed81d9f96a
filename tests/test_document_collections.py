"""Collections: named, filled, emptied, and never a reason for a document to go."""

from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.database import Database
from ert_core.document_collections import NAME_CHARACTERS, DocumentCollections
from ert_core.errors import CollectionError


@pytest.fixture
def collections(tmp_path: Path) -> DocumentCollections:
    return DocumentCollections(Database(tmp_path))


def names(collections: DocumentCollections) -> list[str]:
    return [c.name for c in collections.listed()]


def test_a_collection_is_filled_emptied_and_deleted_and_its_documents_stay(filled: Assistant) -> None:
    first, second = (d.id for d in filled.library.store.documents())
    both, none = filled.collections.create("Chantiers"), filled.collections.create("Vide")
    filled.collections.add(both, [first, second, first, "gone"])
    filled.collections.add(12345, [first])
    assert [(c.name, c.documents) for c in filled.collections.listed()] == [("Chantiers", 2), ("Vide", 0)]
    assert filled.collections.document_ids(both) == {first, second}
    assert filled.collections.document_ids(none) == frozenset()
    filled.collections.take_out(both, [first, "gone"])
    assert filled.collections.document_ids(both) == {second}
    filled.library.remove(second)
    assert filled.collections.document_ids(both) == frozenset(), "a deleted document is in no collection"
    filled.collections.delete(both)
    assert [c.name for c in filled.collections.listed()] == ["Vide"] and filled.library.store.has(first)
    assert filled.collections.create("Chantiers") not in (both, none), "an id is never another collection's"
    assert filled.database.damaged_table() is None


def test_names_are_on_one_line_and_sorted_as_a_reader_does(collections: DocumentCollections) -> None:
    for name in ("zinc", "  Études \n 2026 ", "Baux", "x" * 200):
        collections.create(name)
    assert names(collections) == ["Baux", "Études 2026", "x" * NAME_CHARACTERS, "zinc"]


def test_a_name_that_is_empty_or_taken_is_refused_and_changes_nothing(collections: DocumentCollections) -> None:
    first, second = collections.create("Études"), collections.create("Baux")
    for name, code in ((" \n", "collection_unnamed"), ("etudes", "collection_taken"), ("ÉTUDES ", "collection_taken")):
        with pytest.raises(CollectionError) as created:
            collections.create(name)
        with pytest.raises(CollectionError) as renamed:
            collections.rename(second, name)
        assert created.value.code == renamed.value.code == code
    assert names(collections) == ["Baux", "Études"]
    collections.rename(first, "ÉTUDES")
    assert names(collections) == ["Baux", "ÉTUDES"], "its own name in another spelling is free"


def test_a_row_that_the_disk_has_changed_is_told_and_hides_no_other(
    collections: DocumentCollections, tmp_path: Path
) -> None:
    created = collections.create("Baux")
    collections.create("Forages")
    database = Database(tmp_path)
    with database.transaction() as cursor:
        cursor.execute("UPDATE collections SET name = 'Bauy' WHERE id = ?", (created,))
    assert names(collections) == ["Forages"]
    assert database.damaged_table() == "collections", "doctor tells"
