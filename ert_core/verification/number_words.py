"""Numbers in words, French and English: "quatre-vingt-dix-neuf", "three hundred and twelve", "une douzaine". Pure."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_SMALL = {
    word: value
    for value, words in enumerate(
        """zero|deux two|trois three|quatre four|cinq five|six|sept seven|huit eight|neuf nine|dix ten|onze eleven
        |douze twelve|treize thirteen|quatorze fourteen|quinze fifteen|seize sixteen|seventeen|eighteen
        |nineteen""".replace("\n", "").split("|")
    )
    for word in words.split()
}
_SMALL = {word: value + 1 if value else 0 for word, value in _SMALL.items()}
_TENS = {
    "vingt": 20, "vingts": 20, "twenty": 20, "trente": 30, "thirty": 30, "quarante": 40, "forty": 40,
    "cinquante": 50, "fifty": 50, "soixante": 60, "sixty": 60, "septante": 70, "seventy": 70, "huitante": 80,
    "eighty": 80, "nonante": 90, "ninety": 90,
}  # fmt: skip
_HUNDREDS = frozenset({"cent", "cents", "hundred", "hundreds"})
_LARGE = {"thousand": 1000, "mille": 1000}
_GROUPS = {"dizaine": 10, "douzaine": 12, "dozen": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30}
_GROUPS |= {"cinquantaine": 50, "centaine": 100, "twice": 2}


def word_numbers(folded: str) -> list[tuple[int, int, float]]:
    """(start, end, value) of the numbers in words of a folded text, up to 999,999; a lone "one" or "un" is none."""
    tokens = [(m.group(), m.start(), m.end()) for m in _WORD.finditer(folded)]
    found: list[tuple[int, int, float]] = []
    i = 0
    while i < len(tokens):
        word, start, _ = tokens[i]
        if word in _GROUPS:
            found.append((start, tokens[i][2], float(_GROUPS[word])))
            i += 1
            continue
        if word in _HUNDREDS and i and tokens[i - 1][0] in ("pour", "per"):
            i += 1
            continue
        if word not in _SMALL and word not in _TENS and word not in _HUNDREDS and word not in _LARGE:
            i += 1
            continue
        total, part, last = 0, 0, i
        while last < len(tokens):
            word = tokens[last][0]
            gap = folded[tokens[last - 1][2] : tokens[last][1]] if last > i else ""
            if last > i and gap not in (" ", "-"):
                break
            if word in _SMALL or (last > i and word in ("un", "une", "one")):
                part += _SMALL.get(word, 1)
            elif word in ("vingt", "vingts") and part % 100 == 4:
                part += 76
            elif word in _TENS:
                part += _TENS[word]
            elif word in _HUNDREDS:
                part = max(part, 1) * 100
            elif word in _LARGE:
                total, part = total + max(part, 1) * _LARGE[word], 0
            elif not (word in ("et", "and") and last + 1 < len(tokens) and _continues(tokens[last + 1][0], part)):
                break
            last += 1
        end = tokens[last - 1][2]
        found.append((start, end, float(total + part)))
        i = last
    return found


def _continues(word: str, part: int) -> bool:
    """Whether "et"/"and" before `word` goes on with the number ("vingt et un", "three hundred and twelve")."""
    if part and part % 100 == 0:
        return word in _SMALL or word in _TENS
    return part >= 20 and part % 10 == 0 and word in ("un", "une", "onze")
