"""Passages, their sentences, and the headings above them."""

from hypothesis import given
from hypothesis import strategies as st

from ert_core.analysis import Sentence, analyse, embedded_texts, from_line_text, to_line_text
from ert_core.passages import join_pages
from ert_core.types import Page

TEXT = "# Rapport Nord\n\nLe forage F2 est profond. Il est sec.\n\n## Argiles\n\n" + "Les argiles sont grises. " * 60


def test_sentences_are_characters_of_their_passage() -> None:
    text, pages = join_pages([Page(None, TEXT)])
    analysis = analyse(text, pages)
    assert analysis.language == "fr" and len(analysis.passages) > 2
    for passage, sentences, texts in zip(
        analysis.passages, analysis.sentences, embedded_texts(text, analysis), strict=True
    ):
        own = text[passage.start : passage.end]
        inside = [s for s in sentences if s.end]
        assert "".join("".join(own[s.start : s.end].split()) for s in inside) == "".join(own.split())
        assert [own[s.start : s.end] for s in inside] == texts[len(texts) - len(inside) :]


def test_the_headings_above_are_looked_up_with_a_passage() -> None:
    text, pages = join_pages([Page(None, TEXT)])
    analysis = analyse(text, pages)
    assert analysis.headings[0] == "", "it stands in the passage itself"
    assert analysis.headings[-1] == "Rapport Nord – Argiles"
    above = analysis.sentences[-1][0]
    assert (above.start, above.end) == (0, 0) and "argil" in above.stems and "nord" in above.stems
    assert embedded_texts(text, analysis)[-1][0] == "Rapport Nord – Argiles"


def test_text_without_headings_has_none() -> None:
    text, pages = join_pages([Page(None, "Une phrase. " * 200)])
    assert set(analyse(text, pages).headings) == {""}


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), st.lists(st.text("abc1.", min_size=1)))))
def test_what_the_database_keeps_reads_back(rows: list[tuple[int, int, list[str]]]) -> None:
    sentences = [Sentence(start, end, tuple(stems)) for start, end, stems in rows]
    assert from_line_text(to_line_text(sentences)) == sentences
