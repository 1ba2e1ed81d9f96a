"""How the text of a document is cut into what is shown at once."""

from hypothesis import given
from hypothesis import strategies as st

from ert_core.passages import PageSpan
from ert_core.ui.document_page import SHEET_CHARACTERS, sheets_of


def test_pages_are_shown_one_by_one_and_empty_ones_are_passed_over() -> None:
    text = "one\n\n  \n\nthree"
    pages = [PageSpan(1, 0, 3), PageSpan(2, 5, 7), PageSpan(3, 9, 14)]
    assert sheets_of(text, pages) == [(1, 0, 3), (3, 9, 14)]
    assert sheets_of("", []) == []


def test_a_long_page_is_cut_at_the_end_of_a_line() -> None:
    line = "x" * 99 + "\n"
    text = line * 150
    sheets = sheets_of(text, [PageSpan(None, 0, len(text))])
    assert [end - start for _, start, end in sheets] == [6000, 6000, 3000]
    odd = "y" * 50 + "\n" + line * 100
    assert all(odd[end - 1] == "\n" for _, _, end in sheets_of(odd, [PageSpan(7, 0, len(odd))]))


@given(st.lists(st.sampled_from(["a" * 700, "\n", "word ", "b" * 5000]), max_size=30))
def test_nothing_is_lost_and_nothing_shown_twice(parts: list[str]) -> None:
    text = "".join(parts)
    sheets = sheets_of(text, [PageSpan(None, 0, len(text))])
    assert all(0 < end - start <= SHEET_CHARACTERS for _, start, end in sheets)
    assert "".join(text[start:end] for _, start, end in sheets).split() == text.split()
