"""Does a passage support a statement: numbers, names, negation and meaning, in both languages and across."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.anaphora import goes_on
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.verification.contradiction import both_deny
from ert_core.verification.dates import MONTH_UNIT
from ert_core.verification.exclusions import exclusions
from ert_core.verification.names import names
from ert_core.verification.opposites import opposite
from ert_core.verification.polarity import clauses
from ert_core.verification.quantities import quantities
from ert_core.verification.source_text import prepare, read
from ert_core.verification.support import Support, support
from ert_core.verification.word_match import content_words, same_word

REPOSITORY = Path(__file__).resolve().parents[1]
WELL = (
    "Le puits Zéphyr, foré en juin 2014 par Aquilon, descend à 63 m. L'eau est captée entre 41 et 58 m. "
    "Son débit n'a jamais dépassé 1 200 litres par heure. Le maire n'a pas autorisé un second puits."
)
KILN = (
    "The kiln was rebuilt in 1951 and fires bricks at 1,050 °C. Percy Nash ran it until 1977. "
    "It does not burn coal. Each firing takes forty hours and yields 6,000 bricks."
)


@pytest.fixture
def judge(embeddings: SentenceTransformerEmbeddings):  # type: ignore[no-untyped-def]
    """Judge a statement in a language against a passage, with the real MiniLM."""

    def one(statement: str, passage: str, language: str) -> Support:
        return support(statement, language, embeddings.encode([statement])[0], prepare([passage], embeddings.encode)[0])

    return one


@pytest.mark.parametrize(
    ("statement", "passage", "language", "reason"),
    [
        ("Le puits Zéphyr a été foré par Aquilon en juin 2014.", WELL, "fr", ""),
        ("Le puits Zéphyr a été foré par Aquilon en juin 2015.", WELL, "fr", "number"),
        ("Le puits Zéphyr a été foré par Borée en juin 2014.", WELL, "fr", "name"),
        ("Le puits Zéphyr descend à soixante-trois mètres.", WELL, "fr", ""),
        ("Le puits Zéphyr descend à 63 km.", WELL, "fr", "number"),
        ("Le puits Zéphyr descend à 58 m.", WELL, "fr", "number"),
        ("Le maire n'a pas autorisé de second puits.", WELL, "fr", ""),
        ("Le maire a autorisé un second puits.", WELL, "fr", "negation"),
        ("Le puits Zéphyr alimente une piscine.", WELL, "fr", "meaning"),
        ("The kiln, rebuilt in 1951, fires bricks at 1050 °C.", KILN, "en", ""),
        ("The kiln, rebuilt in 1977, fires bricks at 1050 °C.", KILN, "en", "number"),
        ("Each firing takes 40 hours and yields 6000 bricks.", KILN, "en", ""),
        ("Each firing takes 14 hours and yields 6000 bricks.", KILN, "en", "number"),
        ("Until 1977 the kiln was run by Percy Nash.", KILN, "en", ""),
        ("Until 1977 the kiln was run by Edwin Nash.", KILN, "en", "name"),
        ("The kiln burns coal.", KILN, "en", "negation"),
        ("The kiln doesn't burn coal.", KILN, "en", ""),
        ("The kiln belongs to the village cooperative.", KILN, "en", "meaning"),
        # a conversion is not looked for: better unverified than guessed
        ("Each firing takes 2,400 minutes.", KILN, "en", "number"),
    ],
)
def test_what_is_said_must_be_what_stands_there(
    judge, statement: str, passage: str, language: str, reason: str
) -> None:  # type: ignore[no-untyped-def]
    found = judge(statement, passage, language)
    assert found.reason == reason and found.supported is (reason == "")
    assert 0 <= found.score <= 1


BARN = (
    "Les archives de la grange Toral occupent deux salles. Elles sont numérisées à Bréval par l'atelier Onyx et ne "
    "sont prêtées à personne. La grange est ouverte tous les jours, sauf le mardi. Le toit a été réparé en 2009."
)
MILL = (
    "The Quern mill grinds 40 tonnes of rye a week. It is not open to visitors. The shop sells every flour except "
    "buckwheat. Output was up 12 % on the year before."
)


@pytest.mark.parametrize(
    ("statement", "passage", "language", "reason"),
    [
        # "elles" is the archives, whose words it takes over, and whose place another thing cannot take
        ("Les archives de la grange sont numérisées à Bréval par Onyx.", BARN, "fr", ""),
        ("Les archives de la grange sont prêtées.", BARN, "fr", "negation"),
        ("Les tuiles du toit sont fabriquées à Bréval par Onyx.", BARN, "fr", "meaning"),
        ("The Quern mill is not open to visitors.", MILL, "en", ""),
        ("The Quern mill is open to visitors.", MILL, "en", "negation"),
        # an exception is denied what the rest is said
        ("La grange n'est pas ouverte le mardi.", BARN, "fr", ""),
        ("La grange est fermée le mardi.", BARN, "fr", ""),
        ("La grange est ouverte le mardi.", BARN, "fr", "negation"),
        ("La grange est ouverte tous les jours sauf le mardi.", BARN, "fr", ""),
        ("The shop sells buckwheat flour.", MILL, "en", "negation"),
        ("The shop does not sell buckwheat flour.", MILL, "en", ""),
        # a measured difference is a number, another comparison needs one in the passage
        ("Output was 12 % higher than in the year before.", MILL, "en", ""),
        ("The Quern mill grinds rye faster than the shop.", MILL, "en", "comparison"),
        ("Output was higher than 12 % in the year before.", MILL, "en", ""),
    ],
)
def test_pronouns_exceptions_and_differences(judge, statement: str, passage: str, language: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert judge(statement, passage, language).reason == reason


PRESS = (
    "La presse Vulco supporte au plus 12 bars et ne s'arrête jamais avant 20 h. La dose d'huile est de trois litres ; "
    "ne dépassez pas cinq litres. La presse pèse au moins 900 kg. Les pannes ont reculé de 15 %. Les frais de garde "
    "sont en baisse."
)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("La presse Vulco ne supporte pas plus de 12 bars.", ""),
        ("La presse Vulco supporte au moins 12 bars.", "number"),
        ("La presse Vulco supporte plus de 12 bars.", "number"),
        ("La dose d'huile maximale est de cinq litres.", ""),
        ("La dose d'huile est de cinq litres.", "number"),
        ("La presse ne doit pas tourner à plus de 12 bars.", ""),
        ("La presse pèse 900 kg au minimum.", ""),
        ("La presse ne pèse pas plus de 900 kg.", "number"),
        ("Les pannes ont reculé de 15 %.", ""),
        ("Les frais de garde ont reculé de 15 %.", "number"),
    ],
)
def test_a_bound_is_neither_its_reverse_nor_another_number(judge, statement: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert judge(statement, PRESS, "fr").reason == reason


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("Nora Falk repaired six of the clocks.", ""),
        ("Nora Falk repaired twenty clocks.", "number"),
        ("The guild collected twenty clocks.", ""),
        ("The guild collected six clocks.", "number"),
    ],
)
def test_a_part_is_not_the_whole(judge, statement: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    passage = "The guild collected twenty clocks, of which six were repaired by Nora Falk. The rest are kept in Hull."
    assert judge(statement, passage, "en").reason == reason


def test_the_number_of_a_thing_is_part_of_its_name(judge) -> None:  # type: ignore[no-untyped-def]
    passage = "La parcelle 18 a été plantée par Odilon. Une coupe de la parcelle, tous les 9 ans, donne du bois."
    assert judge("La dernière coupe de la parcelle 18 a donné du bois.", passage, "fr").reason != "number"
    assert judge("La dernière coupe de la parcelle 9 a donné du bois.", passage, "fr").reason == "number"


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


FERRY = (
    "Ferries to Skell sail every hour, not on Sundays. Dogs are carried on deck without extra charge. The fare was "
    "raised in 2019 and is not refundable. The café is open all year; trainees are excluded from the staff discount. "
    "Nobody was hurt when the old pier fell. The crew do not load cars over 2 tonnes at night. Tea is included, "
    "lunch is not. Since 2020 tickets have been sold online instead of on board."
)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        # the negation bears on the first word after it, not on all the others
        ("The fare is not refundable.", ""),
        ("The fare, raised in 2019, is refundable.", "negation"),
        ("The crew load cars over 2 tonnes at night.", "negation"),
        ("Dogs are carried on deck at no extra charge.", ""),
        # a fragment that denies, a passive exception
        ("Ferries to Skell do not sail on Sundays.", ""),
        ("Ferries to Skell sail on Sundays.", "negation"),
        ("Trainees have the staff discount.", "negation"),
        ("Trainees do not have the staff discount.", ""),
        # an ellipsis, what was replaced
        ("Lunch is not included.", ""),
        ("Lunch is included.", "negation"),
        ("Tea is included.", ""),
        ("Tickets are no longer sold on board.", ""),
        ("Tickets have been sold on board since 2020.", "negation"),
        # opposites said of the same thing
        ("The fare was lowered in 2019.", "negation"),
        ("The café is closed all year.", "negation"),
        ("The café is not closed all year.", ""),
    ],
)
def test_what_is_denied_in_other_words(judge, statement: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert judge(statement, FERRY, "en").reason == reason


GALA = (
    "Anna Sorel hosted the gala and sang after Rita Quint. The prize was handed to Mr Pole by Lady Thorne. Celui-ci "
    "a gagné. Of the 80 guests, Quint knew most."
)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("Anna Sorel hosted the gala.", ""),
        ("Rita Quint hosted the gala.", "name"),
        ("The gala was hosted by Anna Sorel.", ""),
        ("Lady Thorne handed the prize to Mr Pole.", ""),
        ("Anna Sorel, who hosted the gala, sang after Rita Quint.", ""),
    ],
)
def test_a_name_does_not_take_the_place_of_another_in_its_sentence(judge, statement: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert judge(statement, GALA, "en").reason == reason


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("Since 1984 no keepers have lived on Orlo island.", ""),
        ("No keepers lived on Orlo island.", "negation"),
        ("The guests may not smoke on Orlo island.", ""),
        ("The guests may cook on Orlo island.", "negation"),
        ("Boats will not sail until noon.", ""),
        ("Boats can sail before noon.", "negation"),
        ("For bicycles, the ferry ticket is not valid.", ""),
        ("For bicycles, the ferry ticket is valid.", "negation"),
    ],
)
def test_what_lasted_is_over_and_what_is_excepted_is_denied(judge, statement: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    passage = "Keepers lived on Orlo island until 1984. The ferry ticket is valid all day, except for bicycles. Boats "
    passage += "cannot sail before noon. The guests may neither smoke nor cook on Orlo island."
    assert judge(statement, passage, "en").reason == reason


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


def test_every_sentence_supports_itself_and_points_at_itself(judge) -> None:  # type: ignore[no-untyped-def]
    for passage, language in ((WELL, "fr"), (KILN, "en")):
        for sentence in passage.split(". "):
            found = judge(sentence, passage, language)
            assert found.supported, sentence
            assert sentence.rstrip(".") in passage[found.start : found.end]


def test_across_languages_numbers_and_names_decide_and_words_do_not_block(judge) -> None:  # type: ignore[no-untyped-def]
    passage = "The Corvel dam was built in 1931. It is 74 m high."
    assert judge("Le barrage de Corvel, Corvel dam, fut construit en 1931.", passage, "fr").supported
    assert judge("Le barrage de Corvel fut construit en 1913.", passage, "fr").reason == "number"
    assert judge("Le barrage de Morvel fut construit en 1931.", passage, "fr").reason == "name"


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


def test_the_labelled_statements_are_judged_as_well_as_published(embeddings: SentenceTransformerEmbeddings) -> None:
    """Precision and recall on a part of the labelled set; the whole is measured by benchmarks/citation_check.py."""
    sys.path.insert(0, str(REPOSITORY / "benchmarks"))
    try:
        from citation_check import judged, measures
    finally:
        sys.path.pop(0)
    path = REPOSITORY / "tests" / "data" / "statements.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 240 and {row["split"] for row in rows} == {"tune", "test"}
    part = [row for row in rows if row["passage"] in {r["passage"] for r in rows[::40]}]
    found = measures(judged(part, embeddings))
    assert len(part) > 60
    assert (found["precision"] or 0) >= 0.9 and (found["recall"] or 0) >= 0.75
