"""Whether a full stop, a question mark or their like ends a sentence, in French and in English. Pure.

Rules over the word before the mark and the words after it, in the manner of Kiss and Strunk (2006), with
closed lists instead of statistics: a document of one page has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A mark with the quotation marks and brackets that close behind it.
_MARK = re.compile(r"[.!?…]+|[。！？｡؟۔।]+")
_CLOSERS = re.compile("(?:[ \u00a0\u202f]?»|[\"'”’)\\]」』）】])*")
# After these no white space is needed.
_WIDE = frozenset("。！？｡؟۔।")
_SPACE = re.compile(r"\s*")
_OPENERS = "\"'“‘«([–—-¿¡•*「『（【 \u00a0\u202f\t\n"

# Never the last word of a sentence; the second ones with a capital only ("2.5 m.", "the col.").
_BOUND = frozenset(
    """mme mmes mlle mlles mgr mr mrs ms dr drs prof lt cpt capt cdt sgt vs cf ex e.g i.e c.-à-d c.à.d c-à-d p.ex viz
    env approx ca resp bd boul av apr n.b p.-s préf univ ets""".split()
)
_TITLES = frozenset("M MM Me Pr St Ste Sts Rev Hon Gen Col Maj Gov Sen Rep Pres Mt Ft".split())
# Not the last word before a number: "No. 5", "fig. 3", "Jan. 5".
_NUMBERED = frozenset(
    """no nos n° num art p pp fig figs tab vol ch chap sec sect eq eqs éq al app ann annexe § tél tel fax réf ref
    max min vers v t dépt dept jan feb mar apr jun jul aug sep sept oct nov dec janv févr avr juil déc
    """.split()
)
# The last word of a sentence only before a word that opens one: "in the U.S. The price", "Acme Inc. Europe".
_OPEN_ENDED = frozenset(
    """al j.-c jr sr inc ltd co corp cie bros plc dept éd éds ed eds trad coll cit op ibid id suiv sq univ ave blvd
    ph.d fig figs chap sect""".split()
)
_NUMBERING = re.compile(r"\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4}")
_ROMAN = re.compile(r"(?:(?:[IVXLC]{2,}|[IVX])(?![\w'’])|[A-Z]\.?[ -]?\d)")
_DOTTED = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]")
# Words that open sentences and are no names.
_STARTERS = frozenset(
    """le la les un une des du de il elle ils elles on ce cet cette ces nous vous je tu mais or donc car et ou où dans
    en sur sous par pour avec sans chez si que quand lorsque comme ainsi cependant toutefois enfin puis ensuite
    après avant depuis pendant à au aux aucun aucune chaque tous tout toute toutes certains certaines plusieurs son
    sa ses leur leurs notre nos votre vos mon ma mes cela ceci ça celui celle ceux quel quelle quels quelles
    pourquoi comment qui selon malgré parmi entre ni ne y lors the a an it he she they we you i this that these
    those there here his her their our my its in at by for from with without under over after before during since
    while when where what why who how if as but and so yet however then thus although because each every all some
    many most no not both such another nobody nothing one two""".split()
)
_ELIDED = re.compile(r"(?:[CDJLMNST]|Qu|Lorsqu|Puisqu|Quoiqu|Jusqu)['’](?=\w)")
_WORD = re.compile(r"[^\W\d_]+")
_SAID = re.compile(r"\s+[A-ZÀ-Þ][\w-]+ (?:said|asked|replied|answered|cried|shouted|whispered|wrote)\b")
_BEFORE = re.compile(r"[\w.°§'’-]+\Z")
_LONGEST_WORD = 40
# Labels that a full stop sets apart from their own text: "Table 4. Layered models".
_LABEL = re.compile(
    r"(?:tableau|table|tab\.|figure|fig\.|photo|carte|planche|annexe|appendix|encadré|box|graphique|chart|article|art\.)"
    r"\s+(?:[A-Z]?\d+(?:[.-]\d+)*|[IVXLC]+|[A-Z])\s*[.:]?",
    re.IGNORECASE,
)


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """The places in `text[start:end]` where a sentence ends and another one follows, in order. Linear time."""
    label = _LABEL.match(text, start, min(end, start + 60))
    opened = start
    position = label.end() if label else start
    while (mark := _MARK.search(text, position, end)) is not None:
        closed = _closed(text, mark.end(), end)
        position = mark.end()
        if closed < end and _ends(text, opened, mark.start(), mark.end(), closed, end):
            yield closed
            opened = position = closed


def label_end(text: str) -> int:
    """Where the label at the head of `text` ends ("Table 4.", "Figure 2 :"), 0 without one."""
    label = _LABEL.match(text[:60])
    return label.end() if label else 0


def _closed(text: str, position: int, end: int) -> int:
    closers = _CLOSERS.match(text, position, end)
    return closers.end() if closers else position


def _ends(text: str, opened: int, mark: int, mark_end: int, closed: int, end: int) -> bool:
    following = _SPACE.match(text, closed, end)
    after = following.end() if following else closed
    if after == closed and text[mark] not in _WIDE:
        return _glued(text, mark, closed, end)
    if after >= end or not (text[mark] in _WIDE or _opens(text, after, end)):
        return False
    sign = text[mark:mark_end]
    if not any(text[i].isalnum() for i in range(opened, mark)):  # "(…) The rest"
        return False
    if sign == ".":
        return _full_stop(text, opened, mark, closed > mark_end, after, end)
    # “Is it?” John asked: one sentence.
    return closed == mark_end or _SAID.match(text, closed, end) is None


def _opens(text: str, position: int, end: int) -> bool:
    """Whether what stands there can be the beginning of a sentence: no small letter, no mark."""
    while position < end and text[position] in _OPENERS:
        position += 1
    if position >= end:
        return True
    first = text[position]
    return first.isalnum() and not first.islower()


def _full_stop(text: str, opened: int, mark: int, is_closed: bool, after: int, end: int) -> bool:
    before = _BEFORE.search(text[max(opened, mark - _LONGEST_WORD) : mark])
    if before is None:
        return True
    word = before.group().lstrip("'’-")
    last = word.lower()
    last = last if last in _BOUND else re.split("['’]", last)[-1]
    if _NUMBERING.fullmatch(word) and mark - opened <= 2 * _LONGEST_WORD and text[opened:mark].strip() == word:
        return False  # "3." at the head of a numbered item
    if last in _BOUND or word in _TITLES:
        return False
    follows_number = text[after].isdigit() or _ROMAN.match(text, after) is not None
    if last in _NUMBERED and follows_number:
        return False
    starter, calm = _starter(text, after, end)
    if last == "etc":
        return starter or not is_closed
    if last in _OPEN_ENDED or _DOTTED.fullmatch(last):
        return starter
    apart = before.start() == 0 or before.string[before.start() - 1] not in "/=&?#@:"
    if len(last) == 1 and word[-1].isupper() and apart:  # an initial, or the B of "plan B."
        return starter and calm
    return True


def _starter(text: str, position: int, end: int) -> tuple[bool, bool]:
    """Whether a word that opens sentences stands there, and whether a word without a capital follows it."""
    while position < end and text[position] in _OPENERS:
        position += 1
    if _ELIDED.match(text, position, end):
        return True, True
    word = _WORD.match(text, position, min(end, position + _LONGEST_WORD))
    if word is None or word.group().lower() not in _STARTERS:
        return False, False
    rest = text[word.end() : word.end() + 2].lstrip()
    return True, not rest[:1].isupper()


def _glued(text: str, mark: int, closed: int, end: int) -> bool:
    """Whether a sentence ends without white space behind it: "la fin.La suite", but not "www.site.fr" or "v2.0"."""
    before = text[max(0, mark - _LONGEST_WORD) : mark]
    token = re.split(r"\s", before)[-1]
    if not text[closed].isupper() or re.search(r"[/@_\\.:]", token):
        return False
    word = _WORD.match(text, closed, min(end, closed + _LONGEST_WORD))
    if word is None:
        return False
    behind = text[word.end() : word.end() + 1] if word.end() < end else " "
    if text[mark] in "!?":
        return len(word.group()) > 1 and word.group()[1:].islower() and (behind.isspace() or behind in ",.;:!?")
    if text[mark] != "." or text[mark : mark + 2] == "..":
        return False
    last = _BEFORE.search(before)
    name = last.group().lower() if last else ""
    if len(name) < 2 or not name[-1].isalnum() or name in _BOUND or name[-1].isdigit():
        return False
    if _ELIDED.match(text, closed, end):
        return True
    return word.group().lower() in _STARTERS and behind.isspace() and token[-1:].islower()
