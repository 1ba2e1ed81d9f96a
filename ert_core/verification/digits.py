"""Numbers in digits: "1 500", "1,500", "12.5", "£9", "4–6", "½"; none inside identifiers ("BH-14"). Pure."""

from __future__ import annotations

import re
import unicodedata

from ert_core.languages import fold

# No tabulator: what it parts are cells.
_SPACE = "[ \u00a0\u2009\u202f]"
_DIGITS = re.compile(
    rf"(?<![\w.,/])(?P<currency>[€£$]{_SPACE}?)?(?P<sign>(?<!\w)[-−](?=\d))?"
    rf"(?P<number>\d{{1,3}}(?:(?:{_SPACE}|['’,.])\d{{3}})+(?![\d])(?:[.,]\d+(?!\d*[.,]\d))?|\d+(?:[.,]\d+)?)"
    r"(?P<ordinal>(?:ers?|res?|es?|eres?|emes?|st|nd|rd|th|ndes?)\b)?"
)
_AFTER_HYPHEN = re.compile(r"(?<=\d)[-–—/](?=\d)")
_SECOND = re.compile(r"\d+(?:[.,]\d+)?")
_AS_WRITTEN = {"²": "2", "³": "3", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-", " ": " ", "\n": "\n"}

# Where a number stands in a folded text, its readings, its currency.
DigitNumber = tuple[int, int, list[float], str]


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """`text` folded, "½" as 0.5, and for each of its characters the place in `text` it comes from."""
    parts: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        part = _AS_WRITTEN.get(character)
        if part is None:
            part = character.lower() if character.isascii() else fold(character)
        if "⁄" in part and part[-1].isdigit():
            part = f"{unicodedata.numeric(character):.4f}"[1:]
            if len(parts) > 1 and parts[-1] == " " and parts[-2].isdigit():  # "2 ½"
                del parts[-1], places[-1]
            if not (parts and parts[-1].isdigit()):
                part = f"0{part}"
        parts.append(part)
        places += [place] * len(part)
    return "".join(parts), places


def digit_numbers(folded: str) -> list[DigitNumber]:
    """The numbers in digits of a folded text, in order."""
    found = []
    position = 0
    while match := _DIGITS.search(folded, position):
        start, end = match.span("number")
        position = end
        before = folded[max(0, match.start() - 3) : match.start()]
        if re.search(r"[^\W\d_][-–]?$", before) and not re.search(r"\d[-–]$", before):
            continue  # F3, BH-14: a name
        written = re.sub(r"[ '’]", "", match["number"])
        sign = -1.0 if match["sign"] and not re.search(r"\d\s?$", before) else 1.0
        currency = (match["currency"] or "").strip()
        begin = match.start("currency") if currency else start
        end = match.end("ordinal") if match["ordinal"] else end
        found.append((begin, end, [sign * value for value in _readings(written)], currency))
        gap = _AFTER_HYPHEN.match(folded, end)
        if gap and (second := _SECOND.match(folded, gap.end())):
            found.append((second.start(), second.end(), _readings(second.group()), currency))
            position = second.end()
    return found


def _readings(written: str) -> list[float]:
    """The values a number in digits may have: a lone mark before three digits is a thousand or a decimal."""
    marks = re.findall(r"[.,]", written)
    if not marks:
        return [float(written)]
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:  # 1.234,5 or 1,234.5: the last mark is the decimal one
        return [float(written.replace(marks[0], "").replace(",", "."))]
    joined = float(re.sub(r"[.,]", "", written))
    if len(marks) > 1:
        return [joined]
    decimal = float(written.replace(",", "."))
    whole, _, rest = written.replace(",", ".").partition(".")
    return [decimal, joined] if len(rest) == 3 and whole != "0" else [decimal]
