"""Do the numbers, the names and the negations of a statement agree with those of a passage? Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ert_core.languages import stem
from ert_core.names import Name, names
from ert_core.polarity import Clause, clause_spans, clauses
from ert_core.quantities import MONTH_UNIT, Quantity, quantities
from ert_core.source_text import SourceText, content_words, held, same_word

CONTRADICTED_SHARE = 0.4
# With fewer words a clause does not tell what its number is about.
_FEW_WORDS = 3
_CLAUSE_MARK = re.compile(r"[,;:.()]")
_FIRST_WORDS = re.compile(r"\W*([A-ZÀ-ÖØ-Þ][\w-]+) ([\w'’-]+) ([\w'’-]+)")
_WORD_BEFORE = re.compile(r"\b([A-ZÀ-ÖØ-Þ][\w-]+) $")
_Neighbours = tuple[str | None, str | None]


def numbers_agree(statement: str, source: SourceText, other: bool) -> bool:
    """Every number stands in a sentence of the source that shares a word with the number's own clause."""
    spans = clause_spans(statement)
    for quantity in quantities(statement):
        places = [i for i, found in enumerate(source.quantities) if any(quantity.agrees_with(q) for q in found)]
        if not places:
            return False
        if other:
            continue
        own = _neighbours(statement, quantity)
        found = [(i, q, _neighbours(_sentence(source, i), q)) for i in places for q in source.quantities[i]]
        if _another_thing(quantity, own, found):
            return False
        if any(quantity.agrees_with(q) and _attached(own, near) for _, q, near in found) or _is_date(quantity):
            continue
        if not _spoken_of(statement, spans, quantity, source, places):
            return False
    return True


def _sentence(source: SourceText, i: int) -> str:
    start, end = source.spans[i]
    return source.text[start:end]


def _is_date(quantity: Quantity) -> bool:
    return quantity.unit == MONTH_UNIT or (not quantity.unit and any(1000 <= v <= 2100 for v in quantity.values))


def _neighbours(text: str, quantity: Quantity) -> _Neighbours:
    """The content words before and after a number: what it numbers ("version 4.2") or counts ("72 electrodes")."""
    before = content_words(_CLAUSE_MARK.split(text[max(0, quantity.start - 30) : quantity.start])[-1])
    after = content_words(_CLAUSE_MARK.split(text[quantity.end : quantity.end + 40])[0])
    return before[-1] if before else None, after[0] if after else None


def _attached(own: _Neighbours, near: _Neighbours) -> bool:
    return any(a is not None and b is not None and same_word(a, b) for a, b in zip(own, near, strict=True))


def _spoken_of(
    statement: str,
    spans: Sequence[tuple[int, int]],
    quantity: Quantity,
    source: SourceText,
    places: Sequence[int],
) -> bool:
    """Whether the sentence that holds the number holds most of what the number's own clause speaks of."""
    start, end = next((s, e) for s, e in spans if s <= quantity.start < e)
    near = content_words(statement[start:end])
    if len(near) < _FEW_WORDS:
        near = content_words(statement)
    counts = [sum(held(w, found) for w in near) for found in source.words]
    return not near or 2 * max(counts[i] for i in places) > max(counts)


def _another_thing(
    quantity: Quantity,
    own: _Neighbours,
    found: Sequence[tuple[int, Quantity, _Neighbours]],
) -> bool:
    """Not "12 mg of lead" where the source has "12 mg of arsenic and 85 mg of lead"."""
    thing = own[1]
    if thing is None:
        return False
    own_things = [near[1] for _, q, near in found if quantity.agrees_with(q)]
    if any(near is None or same_word(near, thing) for near in own_things):
        return False
    return any(q.unit == quantity.unit and near[1] is not None and same_word(near[1], thing) for _, q, near in found)


def names_agree(statement: str, source: SourceText, best: int, other: bool) -> bool:
    """Every name stands in the source, and not only after the sentence it is said of."""
    spans = clause_spans(statement)
    for name in names(statement):
        places = [
            i
            for i, found in enumerate(source.words)
            if all(_named(p, found, source.names[i], other) for p in name.parts)
        ]
        if not places:
            return False
        if other or min(places) <= best:
            continue
        start, end = next((s, e) for s, e in spans if s <= name.start < e)
        title = content_words(statement[start : name.start])[-1:] if statement[: name.start].endswith(" ") else []
        near = [w for w in content_words(statement[start:end]) if w not in name.parts and w not in title]
        if near and not any(held(w, source.words[i]) for i in places for w in near):
            return False
    return True


def takes_the_place_of_a_name(statement: str, source: SourceText) -> bool:
    """Whether the statement's first word is unknown to the source, which has a name before the same words."""
    first = _FIRST_WORDS.match(statement)
    if first is None or any(held(w, x) for w in content_words(first[1]) for x in source.words):
        return False
    following = first[2] if content_words(first[2]) else f"{first[2]} {first[3]}"
    if not content_words(first[1]):
        return False
    befores = (
        _WORD_BEFORE.search(source.text[: m.start()])
        for m in re.finditer(rf"(?<=\s){re.escape(following)}\b", source.text)
    )
    return any(before is not None and bool(content_words(before[1])) for before in befores)


def _named(part: str, sentence: frozenset[str], own: Sequence[Name], other: bool) -> bool:
    if any(part in name.parts for name in own) or part in sentence:
        return True
    if any(c.isdigit() for c in part):
        return False
    if any(stem(part, code) == stem(w, code) for w in sentence for code in ("fr", "en")):
        return True
    return other and any(same_word(part, p) for name in own for p in name.parts)


def contradicts(statement: str, source: SourceText, other: bool, best: int, near: Sequence[float]) -> bool:
    """Whether a clause of the statement says what its nearest sentence denies, or the reverse."""
    theirs = source.clauses[best]
    if other:
        return sum(c.negations for c in clauses(statement)) % 2 != sum(c.negations for c in theirs) % 2
    for clause in clauses(statement):
        own = clause.said | clause.denied | clause.open
        if not own:
            continue
        rarity = {w: 1 / max(1, sum(held(w, x) for x in source.words)) for w in own}
        weight = [sum(r for w, r in rarity.items() if held(w, found)) / len(own) for found in source.words]
        nearest = max(range(len(weight)), key=lambda i: weight[i] + near[i])
        if _clausecontradicts(clause, source.clauses[nearest]):
            return True
    return False


def _clausecontradicts(clause: Clause, theirs: Sequence[Clause]) -> bool:
    against, for_it = 0, 0
    for word in clause.said | clause.denied:
        said = any(held(word, c.said) for c in theirs)
        denied = any(held(word, c.denied) for c in theirs)
        if word in clause.said:
            against, for_it = against + (denied and not said), for_it + said
        else:
            against, for_it = against + (said and not denied), for_it + denied
    if against and against >= CONTRADICTED_SHARE * (against + for_it):
        return True
    own = clause.said | clause.denied | clause.open
    twice = [c for c in (*theirs, clause) if c.negations > 1]
    if twice:
        match = max(theirs, key=lambda c: sum(held(w, c.said | c.denied | c.open) for w in own))
        return match.negations % 2 != clause.negations % 2 and any(held(w, match.open) for w in own)
    return False
