"""Repairs of the text that pdfium gives: hyphens at line ends, symbol fonts, stray accents. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# pdfium puts U+FFFE (or U+0002) where it took a hyphen and the line end after it away.
_HYPHEN_MARKS = "\ufffe\x02"
# The word before is bounded: a page can hold a million letters without a space.
_SPLIT_WORD = re.compile(
    rf"([^\W_][\w'’-]{{0,60}})(?:[{_HYPHEN_MARKS}]\s?|\xad[ \t]*\n|[-‐][ \t]*\n(?=[^\W\d_A-ZÀ-ÖØ-Þ])"
    r"|(?<=\d)[-‐–]\n(?=\d))([^\W_]+)"
)
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
# Compounds that keep their hyphen wherever the line ends.
_COMPOUND = re.compile(
    r"peut-être|vis-à-vis|(?:celui|celle|ceux|celles)-(?:ci|là)|(?:lui|elle|eux|elles|soi|moi|toi|nous|vous)-mêmes?"
    r"|(?:au|ci|là|par)-(?:dessus|dessous|delà|dedans|dehors|devant|après|contre|joint|bas|haut)|rendez-vous"
    r"|[^\W\d_]{2,}-(?:ils?|elles?)",
    re.IGNORECASE,
)
# Symbol fonts keep their own codes in the private area U+F020 to U+F0FF (Adobe's Symbol encoding).
SYMBOLS = dict(
    zip(
        range(0xF041, 0xF05B),
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ",
        strict=True,
    )
)
SYMBOLS |= dict(zip(range(0xF061, 0xF07B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
SYMBOLS |= {0xF020 + n: chr(0x20 + n) for n in range(0x20) if n not in (2, 4, 7, 13, 10)}
SYMBOLS |= {0xF02D: "−", 0xF0A3: "≤", 0xF0A5: "∞", 0xF0AB: "↔", 0xF0AC: "←", 0xF0AE: "→", 0xF0B0: "°", 0xF0B1: "±"}
SYMBOLS |= {0xF0B3: "≥", 0xF0B4: "×", 0xF0B5: "∝", 0xF0B6: "∂", 0xF0B7: "•", 0xF0B8: "÷", 0xF0B9: "≠", 0xF0BA: "≡"}
SYMBOLS |= {0xF0BB: "≈", 0xF0BC: "…", 0xF0C5: "⊕", 0xF0CE: "∈", 0xF0D1: "∇", 0xF0D6: "√", 0xF0D7: "·", 0xF0E5: "∑"}
# Ligatures, old-style figures and small capitals of older fonts (Apple's and Adobe's corporate use).
SYMBOLS |= {0xF001: "fi", 0xF002: "fl"}
SYMBOLS |= {0xF730 + n: str(n) for n in range(10)} | {0xF761 + n: chr(ord("A") + n) for n in range(26)}
# The parts that large brackets are built of (Adobe's corporate use area).
SYMBOLS |= dict(zip(range(0xF8EB, 0xF8F5), "⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪", strict=True))
SYMBOLS |= dict(zip(range(0xF8F6, 0xF8FF), "⎞⎟⎠⎤⎥⎦⎫⎬⎭", strict=True))
_BULLET = re.compile(r"^[ \t]*[\uf020-\uf0ff](?=[ \t])", re.MULTILINE)
# Control characters stand for glyphs without a known character.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ue000-\uf8ff]+")
# TeX's older fonts set an accent and its letter apart: "´e" for "é".
_ACCENTS = {"´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "¨": "\u0308", "¸": "\u0327", "˜": "\u0303"}
_APART = re.compile(r"([´`ˆ¨¸˜])([A-Za-zı])")


def repair_pages(texts: Sequence[str]) -> list[str]:
    """The pages of one document, repaired. Line ends inside paragraphs stay.

    A word split at a line end is joined; its hyphen stays where the document writes it elsewhere, where
    French always does, or where what follows is a capital or a digit.
    """
    pages = [_repair_characters(text.replace("\r\n", "\n").replace("\r", "\n")) for text in texts]
    known: set[str] = set()
    for page in pages:
        known.update(word.lower() for word in _WORD.findall(page))
    return [_tidy(_SPLIT_WORD.sub(lambda m: _joined(m, known), page)) for page in pages]


def _repair_characters(text: str) -> str:
    text = _BULLET.sub("•", text)
    text = text.translate(SYMBOLS)
    if "´" in text:  # a page in such a font: a lone "`" is an accent there and not a quotation mark
        text = _APART.sub(_with_accent, text)
    # The marks are needed until the words are joined.
    return _CONTROL.sub(lambda m: "".join(c for c in m.group() if c in _HYPHEN_MARKS), text)


def _with_accent(match: re.Match[str]) -> str:
    letter = match.group(2).replace("ı", "i")
    composed = unicodedata.normalize("NFC", letter + _ACCENTS[match.group(1)])
    return composed if len(composed) == 1 else match.group()


def _joined(match: re.Match[str], known: set[str]) -> str:
    before, after = match.groups()
    joined, compound = before + after, f"{before}-{after}"
    last = re.split("['’]", before)[-1].lower()  # l'auto-mobile: the article is no part of the word
    if "\xad" in match.group():
        return joined
    if after[0].isupper() and not before.isupper():
        return compound
    if after[0].isdigit() or before[-1].isdigit() or "-" in before:
        return f"{before}–{after}" if "–" in match.group() else compound
    if len(last) == 1:  # X-ray, e-mail: no word is split after one letter
        return compound
    if last + after.lower() in known:
        return joined
    if f"{last}-{after.lower()}" in known or _COMPOUND.fullmatch(f"{last}-{after}"):
        return compound
    return joined


def _tidy(text: str) -> str:
    text = text.translate(dict.fromkeys(map(ord, _HYPHEN_MARKS)))
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
