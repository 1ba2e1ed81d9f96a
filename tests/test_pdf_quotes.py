"""Where quotes of the extracted text stand among the characters that a page draws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.loaders.pdf_quotes import QuoteFinder, fold


def found(text: str, drawn: str, quote: str, nth: int = 0) -> list[str]:
    """What is marked for the n-th time the quote stands in the text."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    return [drawn[a:b] for a, b in QuoteFinder(text, drawn).find(start, start + len(quote))]


@pytest.mark.parametrize(
    ("text", "drawn", "quote", "marked"),
    [
        ("Le débit est de 14 m³/h.", "Le d´ebit est de 14 m\r\n3\r\n/h.", "14 m³/h.", ["14 m\r\n3\r\n/h."]),
        ("L'épaisseur est faible (12 %).", "L'épais\ufffeseur est\r\nfaible (12 %).", "(12 %).", ["(12 %)."]),
        ("L'épaisseur est faible.", "L'épais\ufffeseur est\r\nfaible.", "L'épaisseur", ["L'épais\ufffeseur"]),
        ("The flow of efficient wells", "The ﬂow of eﬃcient wells", "flow of efficient", ["ﬂow of eﬃcient"]),
        ("Un débit de 3 m.", "Un débit de 3 m.", "un autre", []),
    ],
)
def test_letters_decide(text: str, drawn: str, quote: str, marked: list[str]) -> None:
    assert found(text if quote in text else f"{text} {quote}", drawn, quote) == marked


def test_the_same_words_twice_are_told_apart_by_what_stands_around_them() -> None:
    text = "Au nord, la nappe est captive. Au sud, la nappe est captive. Ailleurs, non."
    finder = QuoteFinder(text, text)
    for start in (text.index("la nappe"), text.rindex("la nappe")):
        assert finder.find(start, start + len("la nappe est captive.")) == [(start, start + 21)]


def test_a_quote_over_columns_and_a_running_line_is_found_in_pieces() -> None:
    text = "The leachate plume spreads to the east and\nreaches the brook after nine years of drought."
    drawn = (
        "The leachate plume spreads to the east and\r\nWEXMOOR HOLLOW REPORT 12\r\n"
        "reaches the brook after nine years of drought."
    )
    assert found(text, drawn, text) == [
        "The leachate plume spreads to the east and",
        "reaches the brook after nine years of drought.",
    ]


ROWS = (
    "Forage: F1 | Profondeur: 48,5 m | Nature: calcaire\nForage: F2 | Profondeur: 31 m | Nature: marne\n"
    "Forage: F3 | Profondeur: 31 m | Nature: sable\nForage: F4 | Profondeur: 31 m | Nature: marne"
)
DRAWN = "Forage Profondeur Nature\r\nF1 48,5 m calcaire\r\nF2 31 m marne\r\nF3 31 m sable\r\nF4 31 m marne"


@pytest.mark.parametrize("n", range(4))
def test_a_row_of_a_table_is_marked_with_the_names_of_its_columns(n: int) -> None:
    before = "Le forage de nature calcaire F9 a une profondeur de 31 m.\n"
    marked = found(before + ROWS, before + DRAWN, ROWS.split("\n")[n])
    assert marked == ["Forage Profondeur Nature", DRAWN.split("\r\n")[n + 1]]


@pytest.mark.parametrize(
    "absent",
    [
        "The lighthouse keeper of Dunvarra painted eleven wooden boats before the autumn gales.",
        "Le facteur a livré trois colis de pommes à la mairie.",
        "Profondeur: 90 km | Nature: granite rose de Bretagne",
    ],
)
def test_what_the_page_does_not_say_is_not_marked(absent: str) -> None:
    assert found(f"{ROWS}\n{absent}", DRAWN, absent) == []
    assert found(f"Signed: A. B.\n{absent}", "Signed: A. B.", absent) == []


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_any_text_and_any_page_give_runs_of_the_page(text: str, drawn: str, one: int, other: int) -> None:
    runs = QuoteFinder(text, drawn).find(min(one, other), max(one, other))
    assert all(0 <= a < b <= len(drawn) for a, b in runs)


@given(st.text(max_size=80))
def test_a_page_that_draws_its_text_as_it_is_has_all_of_it(text: str) -> None:
    runs = QuoteFinder(text, text).find(0, len(text))
    assert fold("".join(text[a:b] for a, b in runs)).letters == fold(text).letters
