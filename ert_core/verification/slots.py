"""The places of the numbers and of the names of a sentence: what each of them is about. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ert_core.verification.bounds import bound
from ert_core.verification.dates import MONTH_UNIT, WEEKDAY_UNIT
from ert_core.verification.names import Name
from ert_core.verification.quantities import Quantity
from ert_core.verification.word_match import same_word

# The words on each side that tell what it is about.
_NEAR_WORDS = 5
_CLAUSE_MARK = re.compile(r"[,;:.()]")
# Two maxima, or two minima, are alike by as much.
SAME_BOUND = 0.5
# A word and the number it takes: "version 4", but not "hausse de 4".
_BESIDE = re.compile(r"[^\W\d_]+\.?[ \u00a0\u202f-]?")
# "Nineteen chicks, of which fourteen were ringed": the second number counts chicks as well.
_PART_OF = re.compile(r"\b(?:dont|parmi lesquel(?:le)?s|of (?:which|whom|these|them)|including)\s+(?:\w+\s)?$")
# A day stands so close to its month.
_DAY_TO_MONTH = 4


class Slot:
    """The place of a number or a name in a sentence: the content words before and after it, nearest first."""

    def __init__(self, start: int, end: int, words: Sequence[tuple[str, int]]) -> None:
        self.before = _first([word for word, place in words if place < start][::-1])
        self.after = _first([word for word, place in words if place >= end])

    def likeness(self, other: Slot) -> float:
        """How much two places have the same words around them: more for the nearest, and for the same side."""
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


class NameSlot(Slot):
    """The place of a name; `parts` are the folded words of the whole name."""

    def __init__(self, names: Sequence[Name], words: Sequence[tuple[str, int]]) -> None:
        super().__init__(names[0].start, names[-1].end, words)
        self.start, self.end = names[0].start, names[-1].end
        self.parts = frozenset(part for name in names for part in name.parts)


class NumberSlot(Slot):
    """The place of a number: its kind, its bound, and the words that it numbers or counts, if any."""

    def __init__(
        self, text: str, quantity: Quantity, words: Sequence[tuple[str, int]], numbers: Sequence[Quantity]
    ) -> None:
        super().__init__(quantity.start, quantity.end, words)
        self.quantity = quantity
        before = [(w, place) for w, place in words if place < quantity.start]
        after = [(w, place) for w, place in words if place >= quantity.end]
        stop = _CLAUSE_MARK.search(text, quantity.end)
        right = stop.start() if stop else len(text)
        beside = bool(before) and _BESIDE.fullmatch(text, before[-1][1], quantity.start) is not None
        self.numbered = before[-1][0] if beside else None
        self.counted = after[0][0] if after and after[0][1] < right else None
        self.kind = _kind(quantity, numbers)
        counts = bool(after) and not text[quantity.end : after[0][1]].strip()
        # "Section 18 of the wood": the number is part of what the thing is called.
        self.label = self.numbered is not None and not counts and not quantity.unit and self.kind == ""
        # What lasted until a year may be otherwise after it: a year bounds nothing that can be compared.
        self.bound, self.by_negation = ("", False) if self.kind == "year" else bound(text, quantity.start, quantity.end)

    def likeness(self, other: Slot) -> float:
        """That of the words around them, and more for two bounds of one direction."""
        same = isinstance(other, NumberSlot) and self.bound != "" and self.bound == other.bound
        return super().likeness(other) + (SAME_BOUND if same else 0.0)

    def take_part_of(self, whole: NumberSlot, words_of_whole: Sequence[str]) -> None:
        """Count a part of what `whole` counts; the words that come after are about this part."""
        whole.after = [word for word in whole.after if word in words_of_whole]
        self.before = [word for word in self.before if word not in words_of_whole]
        self.after = [*([whole.counted] if whole.counted else []), *self.after][:_NEAR_WORDS]
        self.counted = None  # what follows may be a verb

    def attached(self, other: NumberSlot) -> bool:
        """Whether both number or count the same thing: "version 4.2", "72 electrodes"."""
        pairs = ((self.numbered, other.numbered), (self.counted, other.counted))
        return any(a is not None and b is not None and same_word(a, b) for a, b in pairs)

    def same_label(self, other: NumberSlot) -> bool:
        """Whether both number a thing of one name, one of them as its label: "section 18"."""
        one, two = self.numbered, other.numbered
        return (self.label or other.label) and one is not None and two is not None and same_word(one, two)

    def bounded_otherwise(self, other: NumberSlot) -> bool:
        """Whether one is at most what the other is at least."""
        return bool(self.bound and other.bound) and self.bound != other.bound

    def bounded_in_other_words(self, other: NumberSlot) -> bool:
        """Whether both are one bound of one number, one of them by a negation: "not after 17:00", "17:00 at most"."""
        same = self.bound != "" and self.bound == other.bound and self.quantity.agrees_with(other.quantity)
        return same and self.by_negation != other.by_negation

    def could_stand_for(self, other: NumberSlot) -> bool:
        """Whether the two numbers are of one kind, and their units do not contradict each other."""
        one, two = self.quantity.unit, other.quantity.unit
        open_unit = "%" not in (one, two) and not (one and two)  # a share is never written without its sign
        return self.kind == other.kind and (open_unit or one == two)


def number_slots(text: str, numbers: Sequence[Quantity], words: Sequence[tuple[str, int]]) -> tuple[NumberSlot, ...]:
    """The places of the numbers of a sentence, whose content words are `words` with their places."""
    found: list[NumberSlot] = []
    for quantity in numbers:
        slot = NumberSlot(text, quantity, words, numbers)
        if found and (part := _PART_OF.search(text, found[-1].quantity.end, quantity.start)):
            slot.take_part_of(found[-1], [word for word, place in words if place < part.start()])
        found.append(slot)
    return tuple(found)


def name_slots(text: str, names: Sequence[Name], words: Sequence[tuple[str, int]]) -> tuple[NameSlot, ...]:
    """The places of the names of a sentence, those with nothing between them taken as one: "Mary Anning"."""
    whole: list[list[Name]] = []
    for name in names:
        if whole and not text[whole[-1][-1].end : name.start].strip(" ."):
            whole[-1].append(name)
        else:
            whole.append([name])
    return tuple(NameSlot(parts, words) for parts in whole)


def _first(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(words))[:_NEAR_WORDS]


def _kind(quantity: Quantity, numbers: Sequence[Quantity]) -> str:
    if quantity.unit in (MONTH_UNIT, WEEKDAY_UNIT):
        return "month" if quantity.unit == MONTH_UNIT else "weekday"
    if not quantity.unit and any(1000 <= v <= 2100 and v == int(v) for v in quantity.values):
        return "year"
    is_day = not quantity.unit and any(
        q.unit == MONTH_UNIT and 0 <= max(q.start - quantity.end, quantity.start - q.end) <= _DAY_TO_MONTH
        for q in numbers
    )
    return "day" if is_day else ""
