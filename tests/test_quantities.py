"""Numbers of a text: values, units, times, dates and days, in every writing, and which of them agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ert_core.citations import CitationChecker
from ert_core.types import Passage, ScoredPassage
from ert_core.verification.contradiction import contradicts
from ert_core.verification.quantities import quantities
from ert_core.verification.source_text import prepare, read
from ert_core.verification.support import stands_in, support


def agree(one: str, other: str) -> bool:
    """Whether each number of the one text has one of the other that agrees with it."""
    theirs = quantities(other)
    ours = quantities(one)
    return bool(ours) and all(any(q.agrees_with(o) for o in theirs) for q in ours)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("20 pour\ncent", "%"), ("5 per\ncent", "%"), ("1 livre\nsterling", "£"), ("2 livres\u00a0sterling", "£")],
)
def test_a_unit_may_be_broken_over_two_lines(text: str, unit: str) -> None:
    (quantity,) = quantities(text)
    assert quantity.unit == unit and (quantity.start, quantity.end) == (0, len(text))


def test_cells_beside_each_other_are_numbers_of_their_own() -> None:
    assert [q.values for q in quantities("Lyon\t522\t250")] == [{522}, {250}]
    assert [q.values for q in quantities("Lyon 522 250")] == [{522_250}]
    assert [q.values for q in quantities("1,234.567.890")] == [{1_234_567_890}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9h30", "9 h 30"), ("9h30", "9:30"), ("9:30 am", "9 h 30"), ("9.30 p.m.", "21h30"), ("9 pm", "21 h"),
        ("1 h 30", "une heure et demie"), ("2 hours and 5 minutes", "2 h 05"), ("2 pm", "from 2 until 7.30 pm"),
        ("12 sept 2022", "12 septembre 2022"), ("le 3 sept.", "3 September"),
        ("12 µg", "12 micrograms"), ("3 M€", "3 millions d'euros"), ("3 Md€", "3bn euros"),
        ("$12bn", "12 billion dollars"),
        ("900 tr/min", "900 tours par minute"), ("900 rpm", "900 tr/min"), ("1013 hPa", "1013 hectopascals"),
        ("lundi", "Mondays"), ("mercredi", "Tuesday to Friday"), ("le premier étage", "the first floor"),
        ("3e étage", "troisième étage"), ("the nineteenth century", "le XIXe siècle"),
        ("chapitre premier", "chapter 1"),
        ("$50,000 a year", "50,000 dollars a year"),
        ("£2.20 an hour", "£2.20 per hour"), ("twice a day", "twice daily"), ("twice a day", "2 fois par jour"),
        ("once a day", "une fois par jour"), ("9 trains an hour", "9 trains par heure"),
        ("21,000 passengers a day", "21 000"),
        ("½ litre", "0,5 l"), ("2½ litres", "2.5 l"), ("2 ½ litres", "2.5 l"), ("12XY", "12XY"),
    ],
)  # fmt: skip
def test_one_number_in_two_writings(one: str, other: str) -> None:
    assert agree(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9h45", "9h30"), ("9 h 45", "9h30"), ("9:30 am", "9:30 pm"), ("9 h", "9 h 30"), ("9 am", "9 pm"),
        ("12 sept 2022", "12 octobre 2022"), ("sept 12", "12 septembre"),
        ("12 µg", "12 mg"), ("12 µm", "12 mm"), ("12 nm", "12 mm"), ("12 hPa", "12 kPa"), ("12 M€", "12 k€"),
        ("12 M€", "12 €"), ("12 M€", "12 m"), ("$12bn", "$12m"), ("900 tr/min", "900 tr/h"), ("12XY", "12 kg"),
        ("12XY", "12XZ"), ("lundi", "mardi"), ("Monday", "Tuesdays"), ("samedi", "mardi au vendredi"),
        ("du mardi au samedi", "du mardi au dimanche"), ("1", "lundi"), ("premier étage", "deuxième étage"),
        ("third floor", "second floor"), ("$50,000 a year", "50,000 dollars a month"),
        ("£2 an hour", "£2 a day"), ("twice a day", "twice weekly"),
        ("2 fois par jour", "2 fois par semaine"), ("½ litre", "2 l"), ("¾ litre", "¼ litre"),
    ],
)  # fmt: skip
def test_two_numbers_that_only_look_alike(one: str, other: str) -> None:
    assert not agree(one, other)


@pytest.mark.parametrize(
    "text",
    [
        "le premier ministre",
        "d'abord et en premier lieu",
        "the second was late",
        "the march",
        "sun and sea",
        "pour cent",
    ],
)
def test_words_that_are_no_numbers(text: str) -> None:
    assert quantities(text) == []


def test_what_is_near_a_number_is_not_always_its_unit() -> None:
    assert [q.unit for q in quantities("12 tours de piste")] == [""]
    assert [q.per for q in quantities("12 deaths a year ago")] == ["", ""]
    assert [(q.values, q.unit) for q in quantities("It fell within a day")] == [({1}, "day")]
    assert [(q.values, q.unit) for q in quantities("ouvert à 9 h 30 l'été")] == [({9.5}, "h")]
    assert [q.unit for q in quantities("12 l'an dernier, a year's notice, two days' work")] == ["", "year", "day"]
    assert [(q.values, q.unit) for q in quantities("2 hours 30 km")] == [({2}, "h"), ({30}, "km")]
    (month,) = [q for q in quantities("12 sept 2022") if q.values == {9}]
    assert (month.start, month.end) == (3, 7) and len(quantities("12 sept 2022")) == 3


def _encode(texts):  # type: ignore[no-untyped-def]
    return np.ones((len(texts), 2)) / np.sqrt(2)


def test_a_day_that_the_passage_leaves_open_is_no_other_day() -> None:
    monday = quantities("The shop opens on Monday.")[0]
    daily, tuesday = prepare(["It opens every day except Tuesday.", "It opens on Tuesday."], _encode)
    assert stands_in(monday, daily) and not stands_in(monday, tuesday)


def test_a_passage_without_a_sentence_denies_nothing() -> None:
    (blank,) = prepare(["   "], _encode)
    statement = read("It does not run, and nobody never stops it, nor is it not shut.")
    assert not contradicts(statement, blank, False, 0, [0.0])


PIECES = [
    "\n", "\t", "\u00a0", " ", " ", " ", ".", ",", ":", ";", "»", "[", "]", "[1]", "[2] ", "(", ")", "-", "–", "/", "#",
    "|", "**", "1", "12", "1,500", "3.", "½", "⅓", "²", "㎏", "9h30", "pm", "am", "h", "pour", "cent", "per", "livre",
    "sterling", "kg", "µg", "M€", "$", "bn", "km", "a", "an", "day", "jour", "year", "daily", "fois", "sept", "mars",
    "May", "lundi", "au", "to", "Friday", "premier", "étage", "half", "une", "one", "trois", "quarts", "d'heure", "of",
    "ne", "pas", "not", "no", "sauf", "Le", "puits", "Quill", "BH-14", "XIXe", "siècle", "İ", "ß",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.lists(
    st.sampled_from(PIECES), max_size=30
).map(" ".join)


@given(answer=texts, passage=texts, cut=st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_is_checked_without_failing(answer: str, passage: str, cut: int) -> None:
    for text in (answer, passage):
        end = 0
        for quantity in quantities(text):
            assert end <= quantity.start < quantity.end <= len(text) and quantity.values
            end = quantity.end
    (source,) = prepare([passage], _encode)
    found = support(answer, "fr", _encode([answer])[0], source)
    assert 0 <= found.start <= found.end <= len(passage)
    checker = CitationChecker(
        "fr", [ScoredPassage(Passage(1, "d", passage, None, 0, len(passage)), "d", 1, 1, 1)], _encode
    )
    checker.add(answer[:cut])
    checker.add(answer[cut:])
    whole = checker.finish()
    position = 0
    for statement in whole.statements:
        assert position <= statement.start <= statement.end <= len(whole.text)
        assert all(statement.start <= a < b <= statement.end for a, b in statement.unsupported_numbers)
        position = statement.end
    assert all(0 <= c.start <= c.end <= len(passage) for c in whole.citations)
