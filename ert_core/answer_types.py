"""What kind of thing a question asks for, and whether a sentence holds one: a number, a date, a place, a person. Pure.

A sentence without a year does not answer "when"; one with a year may. The kinds are those of question
answering since TREC-8 (Voorhees 1999) that can be told without a model.
"""

from __future__ import annotations

import re
from typing import Literal

from ert_core.languages import fold, words

AnswerType = Literal["number", "date", "place", "person"]

_ASKED: dict[str, list[tuple[AnswerType, re.Pattern[str]]]] = {
    "fr": [
        (
            "number",
            re.compile(
                r"\bcombien\b|\bquel(?:le)?s? (?:(?:est|etait|fut|sont|a ete) )?(?:la |le |l')?(?:nombre|taille|hauteur"
                r"|longueur|largeur|superficie|surface|age|prix|cout|pourcentage|taux|poids|masse|duree|distance"
                r"|montant|somme|score|profondeur|epaisseur|vitesse|temperature|population|resistivite|debit|tension"
                r"|intensite|puissance|frequence|espacement|quantite|volume)"
            ),
        ),
        (
            "date",
            re.compile(
                r"\bquand\b|\ben quelle annee|\bquel(?:le)?s? (?:(?:est|etait|fut|sont) )?(?:la |le |l')?(?:an|annee"
                r"|date|jour|mois|siecle|epoque|periode|moment|heure|decennie)\b"
            ),
        ),
        ("place", re.compile(r"\bquel(?:le)?s? (?:ville|pays|region|lieu|endroit|etat|continent|commune|rue)\b")),
        ("person", re.compile(r"^(?:(?:a|de|par|avec|pour|chez|contre) )?qui\b|\bqui est-ce\b")),
    ],
    "en": [
        (
            "number",
            re.compile(
                r"\bhow (?:many|much|long|tall|far|old|large|big|high|deep|wide|often|thick|fast|heavy)\b"
                r"|\bwhat (?:(?:is|was|were|are) )?(?:the )?(?:number|percentage|percent|size|height|population|amount"
                r"|cost|price|length|weight|age|score|depth|area|rate|spacing|resistivity|speed|temperature|volume)"
            ),
        ),
        (
            "date",
            re.compile(
                r"\bwhen\b|\b(?:what|which) (?:(?:is|was|were|are) )?(?:the )?(?:year|date|day|month|century|decade"
                r"|time|period|era)\b"
            ),
        ),
        ("place", re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|state|region|place|location|town|street)\b")),
        ("person", re.compile(r"\bwho(?:m|se)?\b")),
    ],
}
# "où" and "ou" (or) fold alike: asked of the question as it was written.
_WHERE = re.compile(r"\boù\b", re.IGNORECASE)
_NUMBER_WORDS = frozenset(
    """deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante
    cinquante soixante cent cents mille million millions milliard milliards dizaine douzaine centaine moitie tiers quart
    two three four five seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
    twenty thirty forty fifty sixty seventy eighty ninety hundred thousand billion half third quarter dozen once
    twice""".split()
)
_MONTHS = frozenset(
    """janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre january february march april
    june july august september october november december""".split()
)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_CENTURY = re.compile(r"siècle|centur", re.IGNORECASE)
# A capital inside a sentence.
_NAME = re.compile(r"(?<=[\w,;:»’'\")] )[«\"(“]?[A-ZÀ-ÖØ-Þ][^\W\d_][\w’'-]*|\w['’][A-ZÀ-ÖØ-Þ]\w")


def asked_for(question: str, language: str) -> AnswerType | None:
    """The kind of thing a question asks for, None when that cannot be told."""
    folded = fold(question).replace("’", "'").strip(" \"'«»(¿")
    if language == "fr" and _WHERE.search(question):
        return "place"
    for kind, pattern in _ASKED.get(language, ()):
        if pattern.search(folded):
            return kind
    return None


def holds(kind: AnswerType, sentence: str) -> float:
    """How far a sentence holds something of a kind: 0, 0.5 (for a date: another number, a century) or 1."""
    if kind in ("place", "person"):
        return 1.0 if _NAME.search(sentence) else 0.0
    has_digit = any(c.isdigit() for c in sentence)
    if kind == "number":
        return 1.0 if has_digit or _NUMBER_WORDS.intersection(words(sentence)) else 0.0
    if _YEAR.search(sentence) or _MONTHS.intersection(words(sentence)):
        return 1.0
    return 0.5 if has_digit or _CENTURY.search(sentence) else 0.0
