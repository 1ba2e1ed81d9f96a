"""Citations of written answers are kept only for passages that exist, verified only when supported."""

from ert_core.citations import cite
from ert_core.types import Passage, ScoredPassage

TEXT = "The line is long. The survey used 72 electrodes with a spacing of 2.5 m. Rain came later."
PASSAGES = [
    ScoredPassage(Passage(1, "d", TEXT, 3, 100, 100 + len(TEXT)), "survey.txt", 1, 1, 1),
    ScoredPassage(Passage(2, "e", "The plume is below 8 ohm-metres.", None, 0, 32), "plume.txt", 1, 1, 1),
]


def test_a_supported_statement_points_at_its_sentence() -> None:
    text, (citation,) = cite("The survey used 72 electrodes [1].", "en", PASSAGES)
    assert text == "The survey used 72 electrodes [1]."
    assert citation.quote == "The survey used 72 electrodes with a spacing of 2.5 m."
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.quote
    assert citation.verified and citation.page == 3


def test_a_false_number_and_an_unsupported_statement_are_not_verified() -> None:
    assert not cite("The survey used 48 electrodes [1].", "en", PASSAGES)[1][0].verified
    assert not cite("Penguins live in Antarctica [1].", "en", PASSAGES)[1][0].verified
    assert not cite("The survey used 72 electrodes [2].", "en", PASSAGES)[1][0].verified


def test_markers_of_passages_that_do_not_exist_vanish() -> None:
    text, citations = cite("It used 72 electrodes [7] of steel [0].", "en", PASSAGES)
    assert text == "It used 72 electrodes of steel." and citations == ()


def test_a_marker_after_the_stop_belongs_to_the_sentence_before() -> None:
    _, citations = cite("The survey used 72 electrodes. [1] The plume is below 8 ohm-metres. [2]", "en", PASSAGES)
    assert [(c.n, c.verified) for c in citations] == [(1, True), (2, True)]


def test_one_false_statement_spoils_its_marker() -> None:
    _, (citation,) = cite("The survey used 72 electrodes [1]. The spacing was 9 m [1].", "en", PASSAGES)
    assert not citation.verified
