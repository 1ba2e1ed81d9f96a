"""Which numbers of a sentence are bounds: "au plus 8 bars", "no later than 17:00", "n'excède pas 8 bars". Pure."""

from __future__ import annotations

import re

from ert_core.languages import fold

UPPER, LOWER = "upper", "lower"
_OTHER = {UPPER: LOWER, LOWER: UPPER}
# Before a number with only small words between; a negation before them turns the bound around.
_WORDS = {
    UPPER: r"au plus|au maximum|moins d|inferieure?s? a|en dessous d|avant|jusqu|dans un delai d"
    r"|at most|up to|(?:less|fewer|earlier|lower) than|under|below|before|within",
    LOWER: r"au moins|au minimum|plus d|plus tard qu|superieure?s? a|au[- ]dessus d|au-dela d|apres|depass\w+|exced\w+"
    r"|exceed\w*|at least|(?:more|later|higher|greater) than|over|above|beyond|after",
}
_SMALL = r"(?:['’ ](?:a|au|aux|la|le|les|l|de|du|des|d|of|the|tard|pas|jamais)){0,3}['’ ]*$"
_BEFORE = {way: re.compile(rf"\b(?:{words})[aesu]{{0,2}}{_SMALL}") for way, words in _WORDS.items()}
_AFTER = {
    UPPER: re.compile(
        r"(?: [^\W\d_]+)?,? (?:au (?:plus|maximum)|maximum|max|ou moins|or (?:less|fewer)|at (?:most|the latest))\b"
    ),
    LOWER: re.compile(
        r"(?: [^\W\d_]+)?,? (?:au (?:moins|minimum)|minimum|min|(?:ou|et) plus|(?:or|and) (?:more|over)|at least)\b"
    ),
}
# "La dose maximale est de 4 comprimés".
_NAMED = {UPPER: re.compile(r"\b(?:maxim|plafonn)\w*"), LOWER: re.compile(r"\bminim\w*")}
# With a word between at most: in "do not load cars over 2 tonnes" the negation is the verb's.
_NEGATION = re.compile(
    r"(?:\b(?:ne|pas|jamais|no|not|never|cannot|sans|without)|\bn'|n't) ?(?:\S+ )?(?:to |be |etre |a |at )?$"
)
_CLAUSE = re.compile(r"[,;:()]|\b(?:et|and|mais|but)\b")
_REACH = 30


def bound(text: str, start: int, end: int) -> tuple[str, bool]:
    """UPPER where the number at characters start to end of a sentence is at most reached, LOWER at least, else "".

    The second value tells whether a negation makes it so: "not after 5 pm".
    """
    before = _CLAUSE.split(fold(text[:start]).replace("’", "'"))[-1]
    after = fold(text[end : end + _REACH])
    for way, words in _AFTER.items():
        if words.match(after):
            return way, False
    for way, words in _BEFORE.items():
        if found := words.search(before):
            turned = _NEGATION.search(before[: found.start()]) is not None
            return _OTHER[way] if turned else way, turned
    return next((way for way, words in _NAMED.items() if words.search(before)), ""), False
