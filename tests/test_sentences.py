"""Sentences as a person would quote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.sentences import block_spans, is_heading, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[s:e] for s, e in sentence_spans(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "M. Durand a mesuré 3.5 m le 12 mars.",
        "Dr. Hale saw it at 5 p.m. near St. Mary.",
        "La profondeur est de 48,5 m (cf. fig. 3 et al.).",
        "J. R. Smith signed the report.",
        "Le débit (env. 14 m³/h) reste stable.",
    ],
)
def test_abbreviations_decimals_and_initials_end_nothing(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


def test_sentences_are_told_apart() -> None:
    assert sentences("Le forage est sec. L'autre coule !  Pourquoi ? « Rien. » Fin.") == [
        "Le forage est sec.",
        "L'autre coule !",
        "Pourquoi ?",
        "« Rien. »",
        "Fin.",
    ]


def test_a_unit_may_end_a_sentence() -> None:
    assert sentences("Spacing is 2.5 m. MM. Roux et M. Petit left. Depth is 4 mm. End.") == [
        "Spacing is 2.5 m.",
        "MM. Roux et M. Petit left.",
        "Depth is 4 mm.",
        "End.",
    ]


def test_a_wrapped_line_is_one_sentence_and_a_blank_line_ends_it() -> None:
    assert sentences("The plume is\nshallow\n\nnext part") == ["The plume is\nshallow", "next part"]


def test_headings_items_and_rows_stand_alone() -> None:
    text = "# Method\nThe array is Wenner.\n- first item\n- second item\na | b | c\n1 | 2 | 3\n"
    assert sentences(text) == [
        "# Method",
        "The array is Wenner.",
        "- first item",
        "- second item",
        "a | b | c",
        "1 | 2 | 3",
    ]


def test_the_rows_of_a_table_stand_alone_but_wrapped_prose_does_not() -> None:
    table = "Material Range Remark\nClay 5 to 40 wet\nDry sand 200 to 2000\nand gravel\nGranite 1000 to 10000"
    assert sentences(table) == [
        "Material Range Remark",
        "Clay 5 to 40 wet",
        "Dry sand 200 to 2000\nand gravel",
        "Granite 1000 to 10000",
    ]
    wrapped = "Une argile et un sable peuvent avoir la même résistivité de\n10 Ω·m.\nUn forage tranche."
    assert sentences(wrapped)[0].endswith("10 Ω·m.")
    prose = "The survey of the\nharbour took three days and\nended in March\nunder rain"
    assert sentences(prose) == [prose]


def test_numbered_items_keep_their_number() -> None:
    assert sentences("1. Check the cables.\n2. Start the survey.") == ["1. Check the cables.", "2. Start the survey."]


def test_headings() -> None:
    assert is_heading("## Results") and is_heading("Results and discussion")
    assert not is_heading("The array is Wenner.")
    assert not is_heading("- steel electrodes") and not is_heading("clay | 5 to 40")


@given(st.text(alphabet=st.sampled_from("abC. \n!?#-|1«»"), max_size=200))
def test_spans_are_in_order_trimmed_and_hold_every_character(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(st.text(max_size=200))
def test_blocks_hold_every_character(text: str) -> None:
    covered = set()
    for start, end in block_spans(text):
        covered.update(range(start, end))
    assert not "".join(c for i, c in enumerate(text) if i not in covered).strip()
