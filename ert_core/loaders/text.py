"""Clean text: what every loader's text goes through, and how bytes become text. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata

from ert_core.loaders.refusals import RefusedError

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Control characters, soft hyphens, zero-width spaces, bidirectional controls, lone surrogates,
# non-characters, and the invisible "tag" letters that can hide text. Joiners stay: scripts need them.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LIGATURES = re.compile("[\ufb00-\ufb06]")
# More marks on one letter than any script sets (UAX #15, Stream-Safe Text Format): ordering them takes the square of
# their number. The pattern finds where they could be; three marks say of themselves that they are none.
_MOST_MARKS = 30
_MARKS = re.compile(r"[^\w\x00-\u02ff]{31,}")
_COMPOSED_MARKS = frozenset("\u0f73\u0f75\u0f81")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL_BYTES = bytes({*range(32)} - {*b"\t\n\r\f\v\x1b\b"}) + b"\x7f"
# Beyond ASCII, what Western European text is made of.
_WESTERN = frozenset(
    "àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜŸ«»‹›“”„‘’‚–—…•·°º²³¹µ×÷±½¼¾€£§©®™¡¿\xa0¨"
)
_SAMPLE_BYTES = 200_000


def clean(text: str) -> str:
    """`text` in NFC with "\\n" line ends, ligatures expanded, without what cannot be seen and endless accents.

    Done once, before any offset is taken. `clean(clean(t)) == clean(t)`.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _REMOVED.sub("", text)
    text = _LIGATURES.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text)
    text = unicodedata.normalize("NFC", _MARKS.sub(_fewer_marks, text))
    return _MARKS.sub(_fewer_marks, text)  # NFC takes some letters apart


def _fewer_marks(match: re.Match[str]) -> str:
    kept = []
    marks = 0
    for character in match.group():
        marks = marks + 1 if unicodedata.combining(character) or character in _COMPOSED_MARKS else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def decode(content: bytes, declared: str | None = None) -> str:
    """The text of a text file: byte order mark, UTF-8, `declared`, detection, Windows-1252, in that order.

    Raises RefusedError when it is not text.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    wide = _utf_16_without_mark(content)
    if wide:
        return content.decode(wide, "replace")
    controls = len(content) - len(content.translate(None, _CONTROL_BYTES))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        if controls > max(2, len(content) // 100):
            raise RefusedError("file_binary") from None
        return _decode_8_bit(content, declared)
    if controls > max(8, len(content) // 10):
        raise RefusedError("file_binary")
    return text


def _utf_16_without_mark(content: bytes) -> str | None:
    """UTF-16 of Latin letters has a zero byte in every second place, and hardly any in the others."""
    sample = content[:4000]
    half = len(sample) // 2
    if half < 4 or len(content) % 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _decode_8_bit(content: bytes, declared: str | None) -> str:
    if declared:
        try:
            return content.decode(declared)
        except (LookupError, UnicodeDecodeError, ValueError):  # a wrong or unknown label: it is only a hint
            pass
    encoding = _looks_western(content) or _detected(content) or "cp1252"
    return content.decode(encoding, "replace")


def _looks_western(content: bytes) -> str | None:
    """ "cp1252" when decoding so gives only Western letters and signs, few among plain ones.

    Detection by statistics mistakes short French texts for Central European ones; this does not.
    """
    try:
        text = content[:_SAMPLE_BYTES].decode("cp1252")
    except UnicodeDecodeError:
        return None
    beyond = [c for c in text if ord(c) > 127]
    known = sum(c in _WESTERN for c in beyond)
    # Upper-case accents amid lower-case letters betray another code page (Cyrillic, Mac Roman, DOS).
    misplaced = len(re.findall(r"[a-zà-ÿ][À-ÖØ-ÞŒŸ]", text))
    letters = sum(c.isalpha() for c in beyond)
    plausible = known >= 0.98 * len(beyond) and letters <= 0.25 * len(text) + 2
    return "cp1252" if plausible and misplaced <= 0.05 * len(beyond) else None


def _detected(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:_SAMPLE_BYTES]).best()
    return best.encoding if best is not None else None
