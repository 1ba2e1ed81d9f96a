"""What a sentence says and what it denies, word by word, in French and in English. Pure.

A negation covers the words that follow it in its clause; those before it (most often the subject) are
neither said nor denied by it. Words that deny by their meaning leave their clause open; antonyms are
those of `opposites`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ert_core.languages import fold
from ert_core.verification.word_match import is_function_word

_TOKEN = re.compile(r"[^\W\d_]+['’]?")
_CLAUSE_END = re.compile(
    r"[;:,()–—]|(?<=\s)(?:-\s|(?:mais|but|whereas|while|tandis que|alors que|bien que|although|though|because|puis"
    r"|car|comme|lorsque|quand|when|if|si|as|and|et|so)\s)"
)
# A clause of fewer words is joined to the next one: "Cash, tickets and jewellery are not covered".
_SHORTEST_CLAUSE = 3
_NE = frozenset({"ne", "n'"})
_WITH_NE = frozenset(
    "pas plus jamais aucun aucune aucuns aucunes rien personne ni guere point nul nulle nullement".split()
)
_NE_ALONE = frozenset(
    "peut peuvent pouvait pouvaient pourra pourront put purent puisse cesse cessent saurait doit".split()
)
_ALONE = frozenset(
    """pas aucun aucune jamais sans nul nulle ni not cannot never no none neither nor without nobody nothing
    unless""".split()
)
# They bear on a noun, which may have an adjective before it.
_DETERMINERS = frozenset("aucun aucune nul nulle no none neither ni nor".split())
_BEFORE_NOUN = frozenset({"sans", "without"})
# "no more than", "pas plus de": a bound, not a denial.
_NO_DENIAL = re.compile(
    r"\b(?:no|not|pas|non)\s(?:(?:more|less|fewer|later|earlier)(?=\s(?:\w+\s)?than)|only|seulement|plus\sde|plus\sd['’]|moins\sde|moins\sd['’])"
    r"|\bpas\ssous\sforme"
)
_FOR_LACK_OF = re.compile(r"(?<!\bla\s)(?<!\bune\s)\bfaute\s(?:de\s|d')|\bfor\s(?:lack|want)\sof\b")
_NOT_UNTIL = re.compile(r"(?:\bnot|n't)(?=\s(?:\S+\s){0,4}?(?:until|till)\b)")
_EXCEED = re.compile(r"^(?:depass|exced|exceed|surpass)")
EXCEED = "exceed"
# Words that deny by their meaning: what their clause says or denies of its other words is left open.
_OPEN = re.compile(
    r"^(?:interdi|defendu|prohib|forbid|banned|impossib|refus|rejet|reject|exclu|absent|absence|depourv|lack|fail|unable"
    r"|avoid|evit|ferme|closed|unless|sauf|except)"
)


@dataclass(frozen=True)
class Clause:
    """The words of a clause: said, denied, and those that its negations leave open. `negations` counts them.

    `focus` holds what its negation bears on, the first of the denied words: "does not *open* on Monday".
    """

    said: frozenset[str]
    denied: frozenset[str]
    focus: frozenset[str]
    open: frozenset[str]
    negations: int
    start: int
    end: int

    @property
    def words(self) -> frozenset[str]:
        """All its words."""
        return self.said | self.denied | self.open


def clauses(text: str) -> list[Clause]:
    """The clauses of one sentence, in order; words folded, stop words left out; positions index `text`."""
    return [_clause(text[start:end], start, end) for start, end in clause_spans(text)]


def clause_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of the clauses of one sentence; an enumeration is not cut up."""
    cuts = [m.start() for m in _CLAUSE_END.finditer(text)]
    spans = []
    start = 0
    for cut, following in zip([*cuts, len(text)], [*cuts[1:], len(text), len(text)], strict=False):
        long_enough = len(_TOKEN.findall(text, start, cut)) >= _SHORTEST_CLAUSE
        rest_long_enough = cut == len(text) or len(_TOKEN.findall(text, cut, following)) >= _SHORTEST_CLAUSE
        if cut == len(text) or (long_enough and rest_long_enough):
            spans.append((start, cut))
            start = cut
    return [(s, e) for s, e in spans if text[s:e].strip()]


def denies(text: str) -> bool:
    """Whether a text, taken as one clause, denies: "closed", "does not open", but not "is never closed"."""
    tokens = _tokens(text)
    return (sum(1 for _ in _negations(tokens)) + any(_OPEN.match(word) for word in tokens)) % 2 == 1


def _clause(text: str, start: int, end: int) -> Clause:
    flat = _tokens(text)
    places = list(_negations(flat))
    # What stands before "sans" or "without" is said all the same.
    first_of_verb = min((p for p in places if flat[p] not in _BEFORE_NOUN), default=None)
    said: set[str] = set()
    denied: set[str] = set()
    focus: set[str] = set()
    open_words: set[str] = set()
    meaning = any(_OPEN.match(word) for word in flat)
    bound = any(_EXCEED.match(word) for word in flat)
    for place, word in enumerate(flat):
        if not _carries_meaning(word):
            continue
        before = sum(p < place for p in places)
        exceeds = bool(_EXCEED.match(word))
        name = EXCEED if exceeds else word
        if len(places) > 1 or (meaning and not _OPEN.match(word)) or (places and bound and not exceeds):
            open_words.add(name)
        elif not places:
            said.add(name)
        elif before:
            denied.add(name)
            if len(focus) < (2 if flat[places[0]] in _DETERMINERS else 1) or flat[place - 1] in ("ni", "nor"):
                focus.add(name)
        else:
            (said if first_of_verb is None else open_words).add(name)
    return Clause(frozenset(said), frozenset(denied), frozenset(focus), frozenset(open_words), len(places), start, end)


def _tokens(text: str) -> list[str]:
    folded = _FOR_LACK_OF.sub(" sans ", fold(text).replace("’", "'"))
    folded = _NOT_UNTIL.sub(" ", _NO_DENIAL.sub(" ", folded))
    return [word for token in _TOKEN.findall(re.sub(r"n't\b", " not", folded)) for word in _split(token)]


def _negations(tokens: list[str]) -> Iterator[int]:
    """The places of the negations; "ne ... pas" counts once, "ne ... que" not at all."""
    taken = -1
    for place, word in enumerate(tokens):
        if place <= taken:
            continue
        rest = tokens[place + 1 : place + 7]
        if word in _NE:
            second = next((i for i, w in enumerate(rest) if w in _WITH_NE), None)
            only = next((i for i, w in enumerate(rest) if w in ("que", "qu'")), None)
            if second is not None and (only is None or second < only):
                taken = place + 1 + second
                yield place
            elif (
                only is None
                and rest
                and (rest[0] in _NE_ALONE or tokens[max(0, place - 1)] in ("ni", "nul", "nulle", "personne", "rien"))
            ):
                yield place
        elif word in _ALONE:
            if word in ("ni", "nor") and taken >= 0:
                continue  # goes on with the same denial
            with_ne = next((i for i, w in enumerate(rest) if w in _NE), None)
            if word in _WITH_NE and with_ne is not None:
                taken = place + 1 + with_ne  # "aucune mesure n'a été faite"
            elif taken < place:
                taken = max(taken, place)
            yield place


def _split(token: str) -> list[str]:
    """ "n'" and "qu'" stay, other elisions go."""
    if token.endswith(("'", "’")):
        token = token[:-1] + "'"
        return [token] if token in ("n'", "qu'") else []
    return [token]


def _carries_meaning(word: str) -> bool:
    return word not in _NE and word not in _ALONE and word != "qu'" and not is_function_word(word)
