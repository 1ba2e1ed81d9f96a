"""Do the numbers and the names of a statement agree with those of a passage? Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ert_core.languages import stem
from ert_core.verification.dates import WEEKDAY_UNIT, speaks_of_any_day
from ert_core.verification.slots import NumberSlot, Slot
from ert_core.verification.source_text import Reading, SourceText
from ert_core.verification.word_match import content_words, held, same_word

# With fewer words a clause does not tell what its number is about.
_FEW_WORDS = 3
_FIRST_WORDS = re.compile(r"\W*([A-ZÀ-ÖØ-Þ][\w-]+) ([\w'’-]+) ([\w'’-]+)")
_WORD_BEFORE = re.compile(r"\b([A-ZÀ-ÖØ-Þ][\w-]+) $")
# A number of the source that fits better by more than this is the one that should have been said.
OTHER_NUMBER_MARGIN = 0.4
# The same for a name.
OTHER_NAME_MARGIN = 0.6


def numbers_agree(statement: Reading, source: SourceText, other: bool) -> bool:
    """Every number stands in the source, and where the source speaks of the same thing."""
    slots = [(slot, i) for i, sentence in enumerate(source.sentences) for slot in sentence.slots]
    said = statement.quantities
    for own in statement.slots:
        quantity = own.quantity
        if quantity.unit == WEEKDAY_UNIT and speaks_of_any_day(source.text):
            continue
        equal = [(slot, i) for slot, i in slots if quantity.agrees_with(slot.quantity)]
        if all(own.bounded_otherwise(slot) for slot, _ in equal):
            return False
        places = [i for _, i in equal]
        if other or any(own.same_label(slot) for slot, _ in equal):
            continue
        if own.label and any(own.same_label(slot) for slot, _ in slots):
            return False
        start, end = statement.clause_at(quantity.start)
        clause = statement.words_between(start, end)
        if len(clause) < _FEW_WORDS:
            clause = list(statement.words)
        counts = [sum(held(w, words) for w in clause) for words in source.words]
        alike = [(slot, i) for slot, i in slots if own.could_stand_for(slot)]
        scores = [(own.likeness(slot) + counts[i] / max(1, len(clause)), slot) for slot, i in alike]
        ours = max((n for n, slot in scores if quantity.agrees_with(slot.quantity)), default=0.0)
        # A number that the statement gives as well has a place of its own.
        others = max((n for n, slot in scores if not any(q.agrees_with(slot.quantity) for q in said)), default=0.0)
        if others > ours + OTHER_NUMBER_MARGIN or _another_thing(own, [slot for slot, i in slots if i in places]):
            return False
        elsewhere = bool(clause) and 2 * max(counts[i] for i in places) <= max(counts)
        same = [slot for slot, _ in alike if quantity.agrees_with(slot.quantity)]
        if elsewhere and own.kind == "" and not any(own.attached(slot) for slot in same):
            return False
    return True


def _another_thing(own: NumberSlot, slots: Sequence[NumberSlot]) -> bool:
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


def names_agree(statement: Reading, source: SourceText, best: int, other: bool) -> bool:
    """Every name stands in the source, and not only after the sentence it is said of."""
    for name in statement.names:
        places = [
            i for i, sentence in enumerate(source.sentences) if all(_named(p, sentence, other) for p in name.parts)
        ]
        if not places:
            return False
        if other or min(places) <= best:
            continue
        start, end = statement.clause_at(name.start)
        titled = statement.text[: name.start].endswith(" ")
        title = statement.words_between(start, name.start)[-1:] if titled else []
        near = [w for w in statement.words_between(start, end) if w not in name.parts and w not in title]
        if near and not any(held(w, source.words[i]) for i in places for w in near):
            return False
    return True


def another_name_fits(statement: Reading, source: SourceText) -> bool:
    """Not "Bell built the mill" where the source has "Ames built the mill for Bell"."""
    said = frozenset().union(*(slot.parts for slot in statement.name_slots))
    places = [slot for sentence in source.sentences for slot in sentence.name_slots]
    for own in statement.name_slots:
        start, end = statement.clause_at(own.start)
        in_clause = Slot(own.start, own.end, [word for word in statement.placed if start <= word[1] < end])
        scores = [(in_clause.likeness(slot), slot.parts) for slot in places]
        ours = max((n for n, parts in scores if parts & own.parts), default=None)
        others = max((n for n, parts in scores if not parts & said), default=0.0)
        if ours is not None and others > ours + OTHER_NAME_MARGIN:
            return True
    return False


def takes_the_place_of_a_name(statement: Reading, source: SourceText) -> bool:
    """Whether the statement's first word is unknown to the source, which has a name before the same words."""
    first = _FIRST_WORDS.match(statement.text)
    if first is None or any(held(w, words) for w in content_words(first[1]) for words in source.words):
        return False
    following = first[2] if content_words(first[2]) else f"{first[2]} {first[3]}"
    if not content_words(first[1]):
        return False
    befores = (
        _WORD_BEFORE.search(source.text[: m.start()])
        for m in re.finditer(rf"(?<=\s){re.escape(following)}\b", source.text)
    )
    return any(before is not None and bool(content_words(before[1])) for before in befores)


def _named(part: str, sentence: Reading, other: bool) -> bool:
    if any(part in name.parts for name in sentence.names) or part in sentence.words:
        return True
    if any(c.isdigit() for c in part):
        return False
    if any(stem(part, code) == stem(w, code) for w in sentence.words for code in ("fr", "en")):
        return True
    return other and any(same_word(part, p) for name in sentence.names for p in name.parts)
