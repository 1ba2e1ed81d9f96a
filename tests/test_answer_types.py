"""What a question asks for, and whether a sentence holds one."""

import pytest

from ert_core.answer_types import asked_for, holds


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Combien d'électrodes ont été posées ?", "fr", "number"),
        ("Quelle est la profondeur du forage ?", "fr", "number"),
        ("Quand le forage a-t-il été réalisé ?", "fr", "date"),
        ("En quelle année fut-il fermé ?", "fr", "date"),
        ("Où se trouve l'aquifère ?", "fr", "place"),
        ("Qui a dirigé les travaux ?", "fr", "person"),
        ("À qui appartient le terrain ?", "fr", "person"),
        ("Faut-il du sable ou de l'argile ?", "fr", None),
        ("Quelle est la couleur de l'argile qui affleure ?", "fr", None),
        ("How many electrodes were used?", "en", "number"),
        ("When was the well drilled?", "en", "date"),
        ("Which city hosted it?", "en", "place"),
        ("Who led the survey?", "en", "person"),
        ("Why did the pump stop?", "en", None),
        ("¿Cuándo?", "es", None),
    ],
)
def test_what_is_asked_for(question: str, language: str, kind: str | None) -> None:
    assert asked_for(question, language) == kind


def test_what_a_sentence_holds() -> None:
    assert holds("number", "Il y a 72 électrodes.") == 1 and holds("number", "Il y en a une dizaine.") == 1
    assert holds("number", "Les électrodes sont neuves.") == 0
    assert holds("date", "Fermé en 1974.") == 1 and holds("date", "It opened in March.") == 1
    assert holds("date", "Fermé au XIXe siècle.") == 0.5 and holds("date", "Il est fermé.") == 0
    assert holds("person", "Le relevé est de Marie Curie.") == 1
    assert holds("person", "Le forage F2 est profond.") == 0, "a number of a borehole names nobody"
    assert holds("person", "Le relevé est ancien.") == 0, "the capital of the first word names nobody"
