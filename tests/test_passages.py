"""Passages: whole sentences, exact offsets, one page each."""

from hypothesis import given
from hypothesis import strategies as st

from ert_core.passages import MAX_CHARACTERS, join_pages, split_passages
from ert_core.sentences import sentence_spans
from ert_core.types import Page

SENTENCE = "The resistivity of the clay layer stays below twenty ohm-metres in every profile. "


def test_a_passage_belongs_to_one_page_and_carries_its_number() -> None:
    pages = (Page(1, "First page."), Page(2, ""), Page(3, "Third page."))
    text, spans = join_pages(pages)
    assert [(p.page, text[p.start : p.end]) for p in split_passages(text, spans)] == [
        (1, "First page."),
        (3, "Third page."),
    ]


def test_no_sentence_is_cut() -> None:
    text, spans = join_pages((Page(None, SENTENCE * 40),))
    passages = split_passages(text, spans)
    assert len(passages) > 2
    for passage in passages:
        part = text[passage.start : passage.end]
        assert len(part) <= MAX_CHARACTERS
        assert part.startswith("The resistivity") and part.endswith("profile.")


def test_a_heading_opens_its_passage() -> None:
    text, spans = join_pages((Page(None, f"{SENTENCE * 4}\n\n# Safety\n\nKeep away from the cables."),))
    assert [text[p.start : p.end].splitlines()[0] for p in split_passages(text, spans)][-1] == "# Safety"


def test_a_million_characters_without_a_full_stop() -> None:
    text, spans = join_pages((Page(None, "word " * 200_000),))
    passages = split_passages(text, spans)
    assert max(p.end - p.start for p in passages) <= MAX_CHARACTERS
    assert sum(p.end - p.start for p in passages) > 990_000


def test_an_empty_document_has_no_passage() -> None:
    text, spans = join_pages((Page(1, " \n "), Page(2, "")))
    assert split_passages(text, spans) == []


@given(st.lists(st.text(alphabet=st.sampled_from("aB. \n!#-|1"), max_size=3000), max_size=4))
def test_passages_are_ordered_bounded_and_leave_out_only_white_space(texts: list[str]) -> None:
    text, spans = join_pages([Page(i, t) for i, t in enumerate(texts, start=1)])
    position = 0
    for passage in split_passages(text, spans):
        assert position <= passage.start < passage.end
        assert passage.end - passage.start <= MAX_CHARACTERS
        assert not text[position : passage.start].strip()
        page = spans[(passage.page or 0) - 1]
        assert page.start <= passage.start and passage.end <= page.end
        position = passage.end
    assert not text[position:].strip()


def test_passages_end_where_sentences_end() -> None:
    text, spans = join_pages((Page(None, (SENTENCE * 3 + "\n\n") * 10),))
    ends = {end for _, end in sentence_spans(text)}
    assert all(p.end in ends for p in split_passages(text, spans))
