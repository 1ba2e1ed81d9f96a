"""Every sentence of a written answer is checked against all its passages, with the real embedding model."""

import pytest

from ert_core.citations import CheckedText, CitationChecker, cite
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.types import Passage, ScoredPassage

TEXT = "The line is long. The survey used 72 electrodes with a spacing of 2.5 m. Rain came later."
PASSAGES = [
    ScoredPassage(Passage(1, "d", TEXT, 3, 100, 100 + len(TEXT)), "survey.txt", 1, 1, 1),
    ScoredPassage(Passage(2, "e", "The plume is below 8 ohm-metres.", None, 0, 32), "plume.txt", 1, 1, 1),
]


def checked(answer: str, embeddings: SentenceTransformerEmbeddings) -> CheckedText:
    return cite(answer, "en", PASSAGES, embeddings.encode)


def test_a_supported_statement_points_at_its_sentence(embeddings: SentenceTransformerEmbeddings) -> None:
    found = checked("The survey used 72 electrodes [1].", embeddings)
    (citation,) = found.citations
    assert found.text == "The survey used 72 electrodes [1]."
    assert citation.quote == "The survey used 72 electrodes with a spacing of 2.5 m."
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.quote
    assert citation.page == 3 and [s.status for s in found.statements] == ["verified"]


@pytest.mark.parametrize("answer", ["The survey used 48 electrodes [1].", "Penguins live in Antarctica [1]."])
def test_what_no_passage_supports_is_unverified_and_cites_nothing(
    answer: str, embeddings: SentenceTransformerEmbeddings
) -> None:
    found = checked(answer, embeddings)
    assert [s.status for s in found.statements] == ["unverified"]
    assert not found.citations and "[" not in found.text


def test_a_number_that_stands_in_no_source_is_marked(embeddings: SentenceTransformerEmbeddings) -> None:
    (statement,) = checked("The survey used 48 electrodes [1].", embeddings).statements
    assert ["The survey used 48 electrodes."[s:e] for s, e in statement.unsupported_numbers] == ["48"]
    (statement,) = checked("The survey used 72 electrodes [1].", embeddings).statements
    assert statement.unsupported_numbers == ()


def test_a_citation_of_the_wrong_passage_is_moved(embeddings: SentenceTransformerEmbeddings) -> None:
    found = checked("The survey used 72 electrodes [2].", embeddings)
    assert found.text == "The survey used 72 electrodes [1]."
    assert [s.status for s in found.statements] == ["moved"] and found.citations[0].document_id == "d"


def test_markers_of_passages_that_do_not_exist_vanish(embeddings: SentenceTransformerEmbeddings) -> None:
    found = checked("Thank you for asking [7].", embeddings)
    assert "[" not in found.text and found.citations == ()


def test_a_marker_after_the_stop_belongs_to_the_sentence_before(embeddings: SentenceTransformerEmbeddings) -> None:
    found = checked("The survey used 72 electrodes. [1] The plume is below 8 ohm-metres. [2]", embeddings)
    assert [(c.n, c.document_id) for c in found.citations] == [(1, "d"), (2, "e")]


def test_the_pieces_of_a_stream_end_in_the_same_text(embeddings: SentenceTransformerEmbeddings) -> None:
    answer = "The survey used 72 electrodes [1]. The plume is below 9 ohm-metres [2]."
    checker = CitationChecker("en", PASSAGES, embeddings.encode)
    for first in range(0, len(answer), 3):
        shown = checker.add(answer[first : first + 3])
        assert not shown.text.endswith("["), "half a marker is never shown"
    assert checker.finish() == checked(answer, embeddings)
