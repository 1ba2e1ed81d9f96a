"""Citation markers of a written answer: [1], the forms models give them, and how they leave a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_BLANKS = " \t\u00a0\u202f"
_BLANK = f"[{_BLANKS}]"
# Glued to a letter it is none: "tab[3]" is code.
_OPEN = rf"(?:{_BLANK}+|(?<![^\W\d_]))"
MARKER = re.compile(rf"{_OPEN}\[(\d{{1,3}})\]")
MARKER_GROUP = re.compile(rf"{_OPEN}\[\d{{1,3}}\](?:{_BLANK}*\[\d{{1,3}}\])*")
_KIND = r"(?:sources?|passages?|documents?|docs?\.?|extraits?|excerpts?|r[ée]f\.?)"
_JOINT = rf"{_BLANK}*(?:[,;&–-]|\b(?:et|and|à|to)\b){_BLANK}*"
# [1-3], [1 et 2], [ 1 ], [Source 1], [^1], 【1†source】, [1234].
_FORMS = re.compile(
    rf"(?<![^\W\d_])[\[【]{_BLANK}*(?:\^|{_KIND}{_BLANK}*(?:n[o°]{_BLANK}*)?)?"
    rf"(?P<numbers>\d{{1,4}}(?:{_JOINT}(?:{_KIND}{_BLANK}*)?\d{{1,4}}){{0,9}})"
    rf"{_BLANK}*(?:†[^\]】\n]{{0,30}})?[\]】]",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"(\d+){_BLANK}*(?:[–-]|\b(?:à|to)\b){_BLANK}*(\d+)")
_LONGEST_RANGE = 20
_LAST = 999  # a larger number is no passage's, as 0 is none
_GLUED = re.compile(rf"(?<=[^\W\d_])(?=(?:\[\d{{1,3}}\])+(?:{_BLANK}*[.,;:!?…)»]|\n))")
_GLUED_AT_END = re.compile(r"(?<=[^\W\d_])(?=(?:\[\d{1,3}\])+\s*$)")
_LISTED = rf"(?<=\]){_BLANK}*(?:,|;|&|\b(?:et|and|ou|or)\b){_BLANK}*(?=\[\d{{1,3}}\]"
_AND = re.compile(_LISTED + rf"{_BLANK}*(?:[.,;:!?…)»\[\n]|(?:et|and|ou|or)\b{_BLANK}*\[))")
_AND_AT_END = re.compile(_LISTED + r"\s*$)")
_AFTER_STOP = re.compile(rf"(?P<stop>[.!?…]+(?:[ \u00a0\u202f]?[»”\"'’)])*)(?P<markers>(?:{_BLANK}*\[\d{{1,3}}\])+)")
_LABEL = re.compile(r"(?:^|\n)\s*(?:[-*•]\s*)?(?:\d{1,3}|[a-z])$")
# What may still become a marker, and the markers after which more may come.
_HELD_BACK = re.compile(
    rf"(?:{_BLANK}*\(?{_BLANK}*\[\d{{1,3}}\](?:[\s,;&)]*(?:\b(?:et|and|ou|or)\b)?\s*(?=[\[【(]|$)))*"
    rf"(?:{_BLANK}*\(?{_BLANK}*(?<![^\W\d_])[\[【][^\]】\n.!?]{{0,40}})?$"
)
_LEAD = r"\b(?:d['’]apr[èe]s|selon|according to|based on|see|voir|cf\.?)"
_IN_CONTEXT = re.compile(
    rf"(?P<open>{_BLANK}*\({_BLANK}*(?=\[|{_LEAD}))?(?P<lead>(?:,?{_BLANK}*){_LEAD}(?={_BLANK}*\[))?"
    rf"(?P<markers>{MARKER_GROUP.pattern})(?P<close>{_BLANK}*\))?(?P<comma>,?{_BLANK}*)(?P<next>\w)?",
    re.IGNORECASE,
)
_SAYS = (
    r"(?:(?:indique|pr[ée]cise|mentionne|explique|montre|rapporte|affirme|signale)(?:nt)?|disent|dit"
    r"|(?:state|say|indicate|mention|show|explain|note|report)s?|specif(?:y|ies))"
)
_THE_PASSAGE = rf"(?:(?:le|la|les|l['’]|the)\s*)?{_KIND}\s+(?:n[o°]\s*)?\d{{1,3}}(?:{_JOINT}\d{{1,3}})*"
_ATTRIBUTION = re.compile(
    rf"\b(?:(?:d['’]apr[èe]s|selon|according to|based on|dans|in|as stated in)\s+{_THE_PASSAGE}\s*,?"
    rf"|{_THE_PASSAGE}\s+{_SAYS}(?:\s+(?:que\b|qu['’]|that\b))?)",
    re.IGNORECASE,
)


def normalised(text: str, *, final: bool) -> str:
    """`text` with every form of a marker as [n], several side by side, and before the full stop.

    What depends on the characters that follow waits for them unless the text is `final`.
    """
    text = _FORMS.sub(lambda m: "".join(f"[{n}]" for n in _numbers(m["numbers"])), text)
    for pattern in (_GLUED, _GLUED_AT_END) if final else (_GLUED,):
        text = pattern.sub(" ", text)
    for pattern in (_AND, _AND_AT_END) if final else (_AND,):
        text = pattern.sub("", text)
    return _AFTER_STOP.sub(lambda m: m.group() if _labels(text, m.start()) else m["markers"] + m["stop"], text)


def shown_so_far(text: str) -> str:
    """A text that goes on, without what may become a marker or belongs to markers at its end."""
    return _HELD_BACK.sub("", text, count=1)


def only(text: str, keep: Callable[[int], bool], *, final: bool = True) -> str:
    """`text` without the markers that `keep` refuses, nor the words and brackets that only led to them.

    Markers at the end of a text that is not `final` stay: what follows tells how they leave it.
    """

    def choose(found: re.Match[str]) -> str:
        numbers = [int(n) for n in re.findall(r"\d+", found["markers"])]
        kept = [n for n in numbers if keep(n)]
        following = found["next"] or ""
        at_end = not final and not following and not text[found.end() :].strip()
        if len(kept) == len(numbers) or at_end:
            return found.group()
        lead, opened, closed, comma = (found[name] or "" for name in ("lead", "open", "close", "comma"))
        if kept:
            before = found["markers"][: found["markers"].index("[")]
            return opened + lead + before + "".join(f"[{n}]" for n in kept) + closed + comma + following
        if opened and closed:
            return comma + following
        if not lead:
            return opened + closed + comma + following
        word = lead.lstrip(_BLANKS + ",")
        between = lead[: len(lead) - len(word)] if following else ""
        return opened + between + (following.upper() if word[0].isupper() else following) + closed

    return _IN_CONTEXT.sub(choose, text)


def without_attribution(text: str) -> str:
    """`text` with blanks for what only tells where it stands: "Le passage 1 indique que", "According to [2],"."""
    return _ATTRIBUTION.sub(lambda m: " " * len(m.group()), text)


def without_markers(text: str) -> str:
    """`text` with blanks in the place of its markers."""
    return MARKER.sub(lambda m: " " * len(m.group()), text)


def cited(text: str) -> list[int]:
    """The numbers of the markers of `text`, in order, once each."""
    return list(dict.fromkeys(int(n) for n in MARKER.findall(text)))


def _numbers(written: str) -> Sequence[int]:
    def spread(found: re.Match[str]) -> str:
        first, last = int(found[1]), int(found[2])
        return " ".join(map(str, range(first, last + 1))) if first < last <= first + _LONGEST_RANGE else found.group()

    numbers = (int(n) for n in re.findall(r"\d+", _RANGE.sub(spread, written)))
    return [n if n <= _LAST else 0 for n in numbers]


def _labels(text: str, stop: int) -> bool:
    """Whether the stop at a place ends the label of a list item: "1. [2] The mill"."""
    return _LABEL.search(text[:stop][-12:] if "\n" in text[max(0, stop - 12) : stop] else text[:stop]) is not None
