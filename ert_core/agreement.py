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
# The words on each side of a number that tell what it is about.
_NEAR_WORDS = 5
# A number of the source that fits better by more than this is the one that should have been said.
OTHER_NUMBER_MARGIN = 0.4


def numbers_agree(statement: str, source: SourceText, other: bool) -> bool:
    """Every number stands in the source, and where the source speaks of the same thing."""
    spans = clause_spans(statement)
    slots = [
        (_Slot(_sentence(source, i), quantity), i) for i, found in enumerate(source.quantities) for quantity in found
    ]
    said = quantities(statement)
    for quantity in said:
        places = [i for slot, i in slots if quantity.agrees_with(slot.quantity)]
        if not places:
            return False
        if other:
            continue
        own = _Slot(statement, quantity)
        start, end = next((s, e) for s, e in spans if s <= quantity.start < e)
        clause = content_words(statement[start:end])
        if len(clause) < _FEW_WORDS:
            clause = content_words(statement)
        alike = [(slot, i) for slot, i in slots if slot.kind == own.kind and _could_be(quantity, slot.quantity)]
        scores = [(own.likeness(slot) + _share(clause, source.words[i]), slot) for slot, i in alike]
        ours = max((n for n, slot in scores if quantity.agrees_with(slot.quantity)), default=0.0)
        # A number that the statement gives as well has a place of its own.
        others = max((n for n, slot in scores if not any(q.agrees_with(slot.quantity) for q in said)), default=0.0)
        if others > ours + OTHER_NUMBER_MARGIN or _another_thing(own, [slot for slot, i in slots if i in places]):
            return False
        if own.kind == "" and not any(own.attached(slot) for slot, _ in alike if quantity.agrees_with(slot.quantity)):
            counts = [sum(held(w, found) for w in clause) for found in source.words]
            if clause and 2 * max(counts[i] for i in places) <= max(counts):
                return False
    return True


class _Slot:
    """The place of a number in a sentence: its kind, and the content words before and after it, nearest first."""

    def __init__(self, text: str, quantity: Quantity) -> None:
        self.quantity = quantity
        self.before = content_words(text[: quantity.start])[::-1][:_NEAR_WORDS]
        self.after = content_words(text[quantity.end :])[:_NEAR_WORDS]
        beside = _CLAUSE_MARK.split(text[: quantity.start])[-1], _CLAUSE_MARK.split(text[quantity.end :])[0]
        before, after = content_words(beside[0])[-1:], content_words(beside[1])[:1]
        self.numbered: str | None = before[0] if before else None
        self.counted: str | None = after[0] if after else None
        self.kind = _kind(text, quantity)

    def likeness(self, other: _Slot) -> float:
        """How much two numbers have the same words around them: more for the nearest, and for the same side."""
        total = 0.0
        for words, same_side, far_side in (
            (self.before, other.before, other.after),
            (self.after, other.after, other.before),
        ):
            for i, word in enumerate(words):
                same = next((j for j, w in enumerate(same_side) if same_word(word, w)), None)
                far = next((j for j, w in enumerate(far_side) if same_word(word, w)), None)
                total += max(
                    0.0 if same is None else 1 / (1 + max(i, same)), 0.0 if far is None else 0.5 / (1 + max(i, far))
                )
        return total

    def attached(self, other: _Slot) -> bool:
        """Whether both number or count the same thing: "version 4.2", "72 electrodes"."""
        pairs = ((self.numbered, other.numbered), (self.counted, other.counted))
        return any(a is not None and b is not None and same_word(a, b) for a, b in pairs)


def _kind(text: str, quantity: Quantity) -> str:
    if quantity.unit == MONTH_UNIT:
        return "month"
    if not quantity.unit and any(1000 <= v <= 2100 and v == int(v) for v in quantity.values):
        return "year"
    is_day = not quantity.unit and any(
        q.unit == MONTH_UNIT and 0 <= max(q.start - quantity.end, quantity.start - q.end) <= 4 for q in quantities(text)
    )
    return "day" if is_day else ""


def _could_be(one: Quantity, other: Quantity) -> bool:
    return not one.unit or not other.unit or one.unit == other.unit


def _sentence(source: SourceText, i: int) -> str:
    start, end = source.spans[i]
    return source.text[start:end]


def _share(said: Sequence[str], found: frozenset[str]) -> float:
    return sum(held(w, found) for w in said) / len(said) if said else 0.0


def _another_thing(own: _Slot, slots: Sequence[_Slot]) -> bool:
    """Not "12 mg of lead" where the source has "12 mg of arsenic and 85 mg of lead"."""
    thing = own.counted
    if thing is None:
        return False
    own_things = [slot.counted for slot in slots if own.quantity.agrees_with(slot.quantity)]
    if any(near is None or same_word(near, thing) for near in own_things):
        return False
    return any(
        slot.quantity.unit == own.quantity.unit and slot.counted is not None and same_word(slot.counted, thing)
        for slot in slots
    )


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
