"""Stretches of a text to read in: around a quote, before and after it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ert_core.source_text import CONTEXT, STRETCH, after, around, before, flowing

PARAGRAPHS = [f"Paragraph {n}. " + f"It says what well {n} gives in summer. " * 6 for n in range(30)]
TEXT = "\n\n".join(paragraph.strip() for paragraph in PARAGRAPHS)


def test_a_quote_is_shown_with_whole_paragraphs_around_it() -> None:
    start = TEXT.index("what well 12 gives")
    shown = around(TEXT, [(start, start + 18)])
    assert [shown.text[a:b] for a, b in shown.spans] == ["what well 12 gives"]
    assert shown.text.startswith("Paragraph ") and shown.text.rstrip().endswith("in summer.")
    assert len(shown.text) < 4 * CONTEXT and shown.earlier and shown.later
    assert TEXT[shown.start : shown.end] == shown.text


def test_reading_on_and_back_leaves_nothing_out() -> None:
    shown = around(TEXT, [(TEXT.index("well 12"), TEXT.index("well 12") + 7)])
    first, parts = shown, [shown.text]
    while first.earlier:
        first = before(TEXT, first.start)
        parts.insert(0, first.text)
    while shown.later:
        shown = after(TEXT, shown.end)
        parts.append(shown.text)
        assert len(shown.text) < 2 * STRETCH
    assert "".join(parts) == TEXT


def test_quotes_that_stand_close_together_are_shown_together_and_a_far_one_is_not() -> None:
    spans = [(TEXT.index(f"Paragraph {n}."), TEXT.index(f"Paragraph {n}.") + 10) for n in (10, 11, 25)]
    shown = around(TEXT, spans)
    assert len(shown.spans) == 2 and "Paragraph 25" not in shown.text
    assert len(around(TEXT, spans[2:]).spans) == 1


def test_a_page_is_not_left() -> None:
    page = (TEXT.index("Paragraph 3."), TEXT.index("Paragraph 4."))
    start = TEXT.index("Paragraph 3.")
    shown = around(TEXT, [(start - 50, start + 9)], page)
    assert (shown.start, shown.end, shown.earlier, shown.later) == (*page, False, False)
    assert shown.spans == ((0, 9),)


def test_text_without_any_white_space_is_cut_all_the_same() -> None:
    shown = around("x" * 50_000, [(20_000, 40_000)])
    assert shown.start >= 20_000 - CONTEXT and len(shown.text) < 8000 and shown.later


def test_lines_of_a_paragraph_flow_and_rows_and_items_stay() -> None:
    prose = "La nappe est captive sous une épaisseur de marne grise\net le forage la traverse."
    assert flowing(prose) == prose.replace("\n", " ")
    for kept in (
        "Forage: F1 | Profondeur: 48,5 m | Nature: calcaire gris\nForage: F2 | Profondeur: 31 m | Nature: marne",
        "On apporte le matériel suivant, compté deux fois par jour :\n- un câble\n- une pompe",
        "Un titre\nEt son texte",
        "Une première phrase qui est assez longue pour une ligne.\n\nUn autre paragraphe.",
    ):
        assert flowing(kept) == kept


@given(st.text(alphabet="ab .\n|-", max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300))))
def test_spans_are_those_of_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    shown = around(text, spans)
    assert text[shown.start : shown.end] == shown.text and len(flowing(shown.text)) == len(shown.text)
    ends = [edge for span in shown.spans for edge in span]
    assert ends == sorted(ends) and all(0 <= edge <= len(shown.text) for edge in ends)
