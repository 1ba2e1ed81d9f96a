"""What is read in a sentence: numbers and bounds, names, denials, exceptions, words in other forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.anaphora import goes_on
from ert_core.verification.contradiction import both_deny
from ert_core.verification.dates import MONTH_UNIT
from ert_core.verification.exclusions import exclusions
from ert_core.verification.names import names
from ert_core.verification.opposites import opposite
from ert_core.verification.polarity import clauses
from ert_core.verification.quantities import quantities
from ert_core.verification.source_text import read
from ert_core.verification.word_match import content_words, same_word


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Les cours ne finissent pas après 17 h.", "upper"),
        ("Classes end no later than 5 pm.", "upper"),
        ("It holds up to sixty people.", "upper"),
        ("La pression n'excède jamais 8 bars.", "upper"),
        ("14 characters or more", "lower"),
        ("pas moins de trois jours", "lower"),
        ("The tower is 29 m tall.", ""),
        ("Keepers lived there until 1984.", ""),
    ],
)
def test_which_numbers_are_bounds(text: str, way: str) -> None:
    assert read(text).slots[0].bound == way


def test_a_statement_and_a_sentence_that_both_deny() -> None:
    denial = read("The fee is not refundable.")
    assert both_deny(denial, [read("It costs £9."), read("A deposit is not refundable.")])
    assert not both_deny(denial, [read("It costs £9.")]) and not both_deny(read("It costs £9."), [denial])


def test_which_sentences_go_on_from_the_one_before() -> None:
    for sentence in (
        "Elle est close.",
        "Chacun peut demander leur envoi.",
        "It is shut.",
        "On that day, its keeper left.",
        "On en compte trois.",
        "L'hiver en est la cause.",
    ):
        assert goes_on(sentence), sentence
    for sentence in (
        "Il faut fermer.",
        "La porte est close.",
        "It is forbidden to smoke.",
        "Doors shut by themselves.",
        "En 1962, le moulin ferma.",
        "Le moulin en bois est clos.",
    ):
        assert not goes_on(sentence), sentence


def test_what_a_sentence_makes_an_exception_of() -> None:
    def found(sentence: str) -> list[tuple[tuple[str, ...], bool]]:
        return [(e.words, e.denied) for e in exclusions(sentence)]

    assert found("Open every day except Monday and Tuesday.") == [(("monday",), True), (("tuesday",), True)]
    assert found("Il est interdit d'entrer, sauf aux élèves.") == [(("eleves",), False)]
    assert found("La boîte est fournie, le câble ne l'est pas.") == [(("cable",), True)]
    assert found("The box is supplied but the cable isn't.") == [(("cable",), True)]
    assert found("La formation est dispensée par des élèves, qu'ils soient adultes ou non.") == []
    assert found("The cable is not supplied.") == []


def test_words_that_only_link_say_nothing() -> None:
    assert content_words("En tant que maire, grâce à un don, au cours du mois") == ["maire", "don", "mois"]
    assert content_words("no longer, without any, malgré tout, chacune toujours") == []
    assert content_words("a total of, as part of the course, in order to part") == ["course", "part"]


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("1 500 m", {1500}, "m"),
        ("1\u202f500 m", {1500}, "m"),
        ("1,500 people", {1500, 1.5}, ""),
        ("12,5 %", {12.5}, "%"),
        ("12.5 per cent", {12.5}, "%"),
        ("1.234,5 kg", {1234.5}, "kg"),
        ("quatre-vingt-dix-neuf jours", {99}, "day"),
        ("vingt et un ans", {21}, "year"),
        ("three hundred and twelve pages", {312}, ""),
        ("£2.4 million", {2_400_000}, "£"),
        ("3,2 millions d'euros", {3_200_000}, "€"),
        ("three and a half hours", {3.5}, "h"),
        ("les trois quarts des voix", {75}, "%"),
        ("half of the pupils", {50}, "%"),
        ("une heure et demie", {1.5}, "h"),
        ("un quart d'heure", {15}, "min"),
        ("-10 °C", {-10}, "°c"),
        ("au XIXe siècle", {19}, ""),
    ],
)
def test_numbers_as_people_write_them(text: str, values: set[float], unit: str) -> None:
    (quantity,) = quantities(text)
    assert (quantity.values, quantity.unit) == (values, unit)


def test_dates_agree_in_every_writing_and_identifiers_are_not_numbers() -> None:
    written = [quantities(date) for date in ("le 5 avril 2022", "5 April 2022", "2022-04-05", "05/04/2022")]
    for date in written[1:]:
        assert all(any(q.agrees_with(other) for other in date) for q in written[0])
    assert [q.unit for q in written[0]] == ["", MONTH_UNIT, ""]
    assert not any(q.agrees_with(written[0][1]) for q in quantities("5 May 2022"))
    assert quantities("BH-14, F3, one of them, un autre, the march") == []
    assert quantities("pour cent, per cent") == []


@given(st.integers(0, 999_999))
def test_a_number_is_found_where_it_stands_whatever_separates_its_thousands(n: int) -> None:
    for written in (str(n), f"{n:,}".replace(",", " "), f"{n:,}".replace(",", "\u202f"), f"{n:,}"):
        text = f"Total : {written} lots."
        (quantity,) = quantities(text)
        assert n in quantity.values and text[quantity.start : quantity.end] == written


def test_names_acronyms_and_identifiers() -> None:
    text = "Hier, Mme Vasseur a vu le forage BH-14 à Saint-Évariste avec l'ONU et M. Roy. Le maire est venu lundi."
    assert [text[n.start : n.end] for n in names(text)] == ["Vasseur", "BH-14", "Saint-Évariste", "ONU", "Roy"]
    assert names("The pump works. It runs on Mondays at 240 V. Celui-ci est vide.") == []
    assert [n.parts for n in read("Two Norvatin tablets are left.").names] == [("norvatin",)]


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("La pompe ne tourne pas.", {"tourne"}),
        ("Il n'utilise que du gaz.", set()),
        ("Aucune fuite n'a été trouvée.", {"fuite", "trouvee"}),
        ("The pump isn't running.", {"running"}),
        ("No leak was found.", {"leak", "found"}),
        ("It is no more than a leak.", set()),
        ("It takes no more oil.", {"oil"}),
        ("It was not finished until 1816.", set()),
        ("The pump never stops, but the fan stops.", {"stops"}),
        ("Personne n'a été blessé.", {"blesse"}),
        ("Il fut vendu faute de crédits.", {"credits"}),
        ("C'est une faute de calcul.", set()),
    ],
)
def test_what_a_sentence_denies(text: str, denied: set[str]) -> None:
    assert set().union(*(c.denied for c in clauses(text))) == denied


def test_opposites_are_those_of_the_same_pair() -> None:
    assert opposite("augmente", "baisse") and opposite("open", "fermee") and opposite("accepte", "refused")
    assert (
        opposite("incompatible", "compatibles") and opposite("legale", "illegal") and opposite("affected", "unaffected")
    )
    assert not any(
        opposite(a, b)
        for a, b in (("under", "der"), ("improved", "proved"), ("open", "opened"), ("nord", "ouest"), ("high", "tall"))
    )


def test_one_word_in_another_form_and_opposites_apart() -> None:
    assert same_word("menees", "conducted") and same_word("menee", "realise")
    assert same_word("mesure", "mesures") and same_word("rose", "increased") and same_word("built", "construit")
    assert not any(
        same_word(a, b) for a, b in (("rose", "fell"), ("open", "closed"), ("bought", "sold"), ("nord", "sud"))
    )


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(text: str) -> None:
    for quantity in quantities(text):
        assert 0 <= quantity.start < quantity.end <= len(text)
    for name in names(text):
        assert text[name.start : name.end].strip()
    clauses(text)
