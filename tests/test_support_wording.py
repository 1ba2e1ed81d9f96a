"""Support said in other words: pronouns, exceptions, bounds, parts, denials, and names that change places."""

from __future__ import annotations

import pytest

from ert_core.embeddings import SentenceTransformerEmbeddings
from tests.judging import Judge, judge_with


@pytest.fixture
def judge(embeddings: SentenceTransformerEmbeddings) -> Judge:
    """Judge a statement in a language against a passage, with the real MiniLM."""
    return judge_with(embeddings)


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
