"""Does a passage deny what a statement says, or say what it denies? Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ert_core.languages import fold
from ert_core.verification.exclusions import speaks_of
from ert_core.verification.opposites import opposite
from ert_core.verification.polarity import Clause, denies
from ert_core.verification.source_text import Reading, SourceText
from ert_core.verification.word_match import held

# The clauses of a sentence that hold this share of what the nearest one holds speak of the same thing.
ALIGNED_SHARE = 0.5
# So much of the other words of a clause must be theirs for opposites to be said of the same thing.
SAME_THING_SHARE = 0.5

_LASTED = re.compile(
    r"\b(?:until|till|last|jusqu|pendant|durant|derniere fois|for (?=\w+ (?:day|week|month|year)s?\b))"
)
_AFTERWARDS = re.compile(r"\b(?:no longer|since|after|depuis|apres|n(?:e |['’])\w+ plus\b(?! (?:de|d['’]|tard|tot)))")

_NOT_BEFORE = re.compile(r"\b(?:not|cannot|never|pas|n't)\s(?:\S+\s){0,4}?(?:until|till|before|avant)\b")


def contradicts(statement: Reading, source: SourceText, other: bool, best: int, near: Sequence[float]) -> bool:
    """Whether a clause of the statement says what its nearest sentence denies, or the reverse.

    `best` is the nearest sentence to the whole statement, `near` the cosine of each sentence to it.
    """
    if other:
        theirs = source.sentences[best].clauses
        return sum(c.negations for c in statement.clauses) % 2 != sum(c.negations for c in theirs) % 2
    said = frozenset(statement.words)
    # The denial of an exception may stand in another clause: "For jewels, the cover does not apply".
    denied = any(denies(statement.text[c.start : c.end]) for c in statement.clauses)
    for clause in statement.clauses:
        if not clause.words:
            continue
        rarity = {w: 1 / max(1, sum(held(w, words) for words in source.words)) for w in clause.words}
        weight = [sum(r for w, r in rarity.items() if held(w, x)) / len(rarity) for x in source.words]
        sentence = source.sentences[max(range(len(weight)), key=lambda i: weight[i] + near[i])]
        excepted = [] if statement.exclusions else [e for e in sentence.exclusions if speaks_of(said, e)]
        if excepted:
            if any(e.denied != denied for e in excepted):
                return True
        elif (
            _says_the_opposite(clause, sentence.clauses)
            or _denied(clause, sentence.clauses)
            and not (_bounded_in_other_words(statement, clause, sentence) or _same_time(statement.text, sentence.text))
        ):
            return True
    return False


def both_deny(statement: Reading, sentences: Sequence[Reading]) -> bool:
    """Whether a statement denies something, and so does one of the sentences nearest to it."""
    return _denies_something(statement) and any(_denies_something(sentence) for sentence in sentences)


def _denies_something(sentence: Reading) -> bool:
    return denies(sentence.text) or any(c.negations for c in sentence.clauses) or bool(sentence.exclusions)


def _bounded_in_other_words(statement: Reading, clause: Clause, sentence: Reading) -> bool:
    own = [slot for slot in statement.slots if clause.start <= slot.quantity.start < clause.end]
    return any(slot.bounded_in_other_words(other) for slot in own for other in sentence.slots)


def _same_time(statement: str, sentence: str) -> bool:
    """Whether a statement says that what lasted is so no longer, or both that something is not before a time."""
    said, found = fold(statement), fold(sentence)
    over = _AFTERWARDS.search(said) is not None and _LASTED.search(found) is not None
    return over or (_NOT_BEFORE.search(said) is not None and _NOT_BEFORE.search(found) is not None)


def _denied(clause: Clause, theirs: Sequence[Clause]) -> bool:
    """Whether what a clause says is denied by the clauses nearest to it, or the reverse."""
    if not theirs:
        return False
    overlap = [sum(held(w, c.words) for w in clause.words) for c in theirs]
    aligned = [c for c, n in zip(theirs, overlap, strict=True) if n >= ALIGNED_SHARE * max(overlap)]
    said = frozenset().union(*(c.said for c in aligned))
    denied = frozenset().union(*(c.denied for c in aligned))
    focus = frozenset().union(*(c.focus for c in aligned))
    if any(held(w, focus) and not held(w, said) for w in clause.said):
        return True
    if any(held(w, said) and not held(w, denied) for w in clause.focus):
        return True
    if max(c.negations for c in (*theirs, clause)) > 1:
        match = theirs[overlap.index(max(overlap))]
        return match.negations % 2 != clause.negations % 2 and any(held(w, match.open) for w in clause.words)
    return False


def _says_the_opposite(clause: Clause, theirs: Sequence[Clause]) -> bool:
    """Whether a clause has the opposite of a word of theirs, said of the same thing and no more denied."""
    everything = frozenset().union(*(c.words for c in theirs))
    for word in clause.words:
        if held(word, everything):
            continue
        rest = clause.words - {word}
        for c in theirs:
            facing = any(opposite(word, w) and not held(w, clause.words) for w in c.words)
            same_thing = sum(held(w, c.words) for w in rest) >= SAME_THING_SHARE * len(rest)
            if facing and same_thing and c.negations % 2 == clause.negations % 2:
                return True
    return False
