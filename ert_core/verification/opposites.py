"""Common words that say the opposite of each other, in French and in English. Pure.

Everyday antonyms only, one pair of meanings a line: what a passage says of one, a statement must not
say of the other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ert_core.languages import stem
from ert_core.verification.synonyms import forms

_DENYING_PREFIX = re.compile(
    r"(?:un|in|im|il|ir|non)(\w{3,}(?:bles?|[ae]nte?s?|al(?:es?)?|aux|el(?:le)?s?|aires?|iers?|ieres?|ful))$|un(\w{4,}ed)$"
)
_PAIRS = """
open opened ouvrir ouvert ouverte ouverture | close closed shut fermer ferme fermee fermeture
allow permit authorise autoriser permettre permis droit admettre | forbid forbidden prohibit ban interdire interdit
rise rose risen increase grow grew augmenter croitre hausse | fall fell fallen drop decrease decline diminuer baisser
raise raised lift relever | lower lowered abaisser
high higher haut haute eleve elevee superieur superieure upper | low lower bas basse faible inferieur inferieure
above | below beneath
north northern nord | south southern sud
east eastern orient oriental | west western ouest occident occidental
left gauche | right droite
inside indoor indoors interieur interne internal | outside outdoor outdoors exterieur externe external
include included inclure inclut inclus comprendre compris | exclude excluded exclure exclut exclu exclue
accept approve adopt accepter approuver adopter | refuse reject decline refuser rejeter
possible | impossible
able capable | unable incapable
start begin began begun commence debuter commencer demarrer | end finish stop finir terminer cesser arreter
maximum maximal maximale | minimum minimal minimale
public publique | private prive privee
summer ete | winter hiver
morning matin matinee | evening soir soiree
hot warm chaud chaude | cold froid froide
keep kept retain remain conserver garder rester maintenir | delete remove destroy lose lost supprimer perdre perd
add added ajouter | remove removed retirer enlever
compulsory mandatory obligatoire | optional facultatif facultative
free gratuit gratuite | paid payant payante
big large larger great grand grande | small smaller little petit petite
long longer longue | short shorter court courte bref
fast faster quick rapid rapide vite | slow slower lent lente lentement
deep deeper profond profonde | shallow
wet damp humide mouille | dry sec seche
full plein pleine | empty vide
new nouveau nouvelle neuf neuve | old ancien ancienne vieux vieille
profit benefice | loss perte deficit
success succeed reussir reussite | failure fail failed echouer echec
majority majorite | minority minorite
rich riche | poor pauvre
hard difficult difficile | easy facile
heavy lourd lourde | light leger legere
strong fort forte | weak faible
positive positif | negative negatif
upstream amont | downstream aval
urban urbain urbaine | rural rurale
same meme identique identical | different distinct
"""


@lru_cache(maxsize=1)
def _sides() -> dict[str, frozenset[tuple[int, int]]]:
    sides: dict[str, set[tuple[int, int]]] = {}
    for number, line in enumerate(_PAIRS.strip().splitlines()):
        for side, half in enumerate(line.split("|")):
            for word in half.split():
                for code in ("fr", "en"):
                    sides.setdefault(f"{code} {stem(word, code)}", set()).add((number, side))
    return {key: frozenset(found) for key, found in sides.items()}


@lru_cache(maxsize=50_000)
def _sides_of(word: str) -> frozenset[tuple[int, int]]:
    sides = _sides()
    return frozenset().union(*(sides.get(f"{c} {stem(w, c)}", frozenset()) for w in forms(word) for c in ("fr", "en")))


@lru_cache(maxsize=100_000)
def opposite(one: str, other: str) -> bool:
    """Whether two folded words are opposites, and not on the same side of another pair."""
    if _unmade(one, other) or _unmade(other, one):
        return True
    ours, theirs = _sides_of(one), _sides_of(other)
    return not ours & theirs and any((number, 1 - side) in theirs for number, side in ours)


def _unmade(one: str, other: str) -> bool:
    """Whether `one` is the adjective `other` with a prefix that denies it: "incompatible"."""
    made = _DENYING_PREFIX.match(one)
    return made is not None and any(stem(made[1] or made[2], code) == stem(other, code) for code in ("fr", "en"))
