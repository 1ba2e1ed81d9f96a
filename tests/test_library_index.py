"""Snapshots of a library: what belongs to which document, however the library changes."""

from __future__ import annotations

import random
import threading

import numpy as np

from ert_core.assistant import Assistant
from ert_core.document_store import ANALYSIS_VERSION
from ert_core.row_checks import OF_DOCUMENT
from ert_core.types import Source
from tests.conftest import add


def text(number: int) -> bytes:
    paragraph = f"Report {number} describes borehole B{number} and its {number} metres of clay above the chalk. " * 8
    return "\n\n".join([paragraph] * (1 + number % 3)).encode()


def test_the_rows_of_a_document_follow_one_another(ert: Assistant) -> None:
    """Also after documents were added, deleted and analysed again in between, the snapshot growing with them."""
    chance = random.Random(0)
    for step in range(8):
        add(ert, *(Source(f"{step}-{i}.txt", text(10 * step + i)) for i in range(2)))
        chosen = chance.choice(ert.library.store.documents()).id
        if step % 3 == 1:
            ert.library.remove(chosen)
        elif step % 3 == 2:
            with ert.database.transaction() as cursor:
                cursor.execute("UPDATE documents SET analysis = ? WHERE id = ?", (ANALYSIS_VERSION - 1, chosen))
                cursor.execute(f"UPDATE documents SET checksum = checksum({OF_DOCUMENT})")
            list(ert.reindexing.run(threading.Event()))
        snapshot = ert.library.index.snapshot()
        table = snapshot.documents
        owners = {p.id: p.document_id for p in ert.library.store.passages(snapshot.ids.tolist()).values()}
        by_number = {number: document for document, number in table.numbers.items()}
        assert [by_number[n] for n in table.of_row.tolist()] == [owners[i] for i in snapshot.ids.tolist()]
        for document in ert.library.store.documents():
            number = table.numbers[document.id]
            first, size = int(table.first_row[number]), int(table.sizes[number])
            assert np.flatnonzero(table.of_row == number).tolist() == list(range(first, first + size))
            assert size == document.passages > 0
