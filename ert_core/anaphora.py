"""Whether a question leans on what was said before it, and the words it has of its own. Pure functions.

A question leans on the conversation when it points back (a pronoun, a possessive, "this", "the other one"), opens
as a continuation ("et", "what about"), or says too little to be understood alone. Words of the two languages and
their order decide; a wrong decision costs little, because the question's own words weigh most in the search.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ert_core.languages import GLUED, fold, is_stop_word

# A question without a name and with at most so many words of its own leans on the conversation.
FEW_WORDS = 3

TOKEN = re.compile(r"[^\W_]+(?:[.,]\d+)*")
CODE = re.compile(r"[A-Za-z]{1,4}-?\d+[A-Za-z]?$")
_SENTENCE_START = re.compile(r"(?:^|[.?!…:;]\s)[\s\"'«“(—–-]*$")

CONTINUES = re.compile(
    r"^(?:et|mais|alors|donc|sinon|puis|ensuite|and|but|so|then|otherwise)\b"
    r"|^(?:what|how) about\b|^(?:qu['’]en est[- ]il|meme (?:question|chose)|same (?:question|for|with))\b"
)
# Words that point back wherever they stand; then those that point back unless the question holds what they mean.
_POINTS_BACK = {
    "fr": re.compile(
        r"\b(?:celui|celle|ceux|celles)(?:[- ](?:ci|la))?\b|\b(?:cela|ca|ceci)\b|\b(?:le|la|les) (?:meme|precedent)\b"
        r"|\b(?:lequel|laquelle|lesquels|lesquelles)\b|\bl['’]autre\b|\bles autres\b|\bd['’]autres?\b"
        r"|\bqu['’]en\b|\bj['’]en\b|\b(?:lui|eux)\b|\bl['’](?:a|ont|avait|est)\b|\by (?!a\b|avait\b|aura\b|avoir\b)\w"
        r"|(?<!est-)\b(?:ce|cet|cette|ces) (?!que\b|qui\b|qu['’]|sont\b|est\b|n['’]|soit\b|jour\b)\w"
        r"|\ben (?:fait|contient|a|existe)[- ]?t?[- ]?(?:il|elle|on)?\b|\baussi ?\?*$"
    ),
    "en": re.compile(
        r"\b(?:this|these|those)\b|\b(?:is|was|does|did|do|about|of|for|in|with|to|why|and|are|can|at|than) that\b"
        r"|\bthat ?\?*$"
        r"|\b(?:which|the other|another|that|this|the first|the second|the last) ones?\b|\bones?\b ?\?*$"
        r"|\b(?:the )?(?:former|latter|same|others?)\b|\belse\b|\b(?:too|as well) ?\?*$|\b(?:both|either|neither) of\b"
    ),
}
_PRONOUN = {
    "fr": re.compile(
        r"(?<![\w'’-])(?:son|sa|ses|leur|leurs)\b|-(?:t-)?(?:il|elle|ils|elles|le|la|les)\b"
        r"|(?<![\w'’-])(?:il|elle|ils|elles|qu['’]il|qu['’]elle|qu['’]ils|qu['’]elles)(?![\w'’])"
    ),
    "en": re.compile(r"\b(?:it|its|he|she|him|his|her|hers|they|them|their|theirs)\b"),
}
# "Il faut", "is it possible": a pronoun that stands for nothing.
_IMPERSONAL = {
    "fr": re.compile(
        r"\b(?:faut|fallait|faudra|faudrait|y a|s['’]agit|convient|suffit|existe|reste|arrive|vaut|se peut)-(?:t-)?il\b"
        r"|\b(?:qu['’])?il (?:ne )?(?:faut|fallait|faudra|faudrait|y a|s['’]agit|convient|suffit|existe)\b"
        r"|\bil (?:pleut|neige|gele)\b"
        r"|\b(?:est|etait|sera|serait)[- ]il (?:\w+ ){0,2}(?:possible|interdit|permis|necessaire|obligatoire|utile|"
        r"prevu|recommande|conseille|question|prudent|dangereux|vrai|normal|important)\b"
        r"|\b(?:qu['’])?il (?:n['’])?est (?:\w+ ){0,2}(?:possible|interdit|permis|necessaire|obligatoire|utile|prevu|"
        r"recommande|conseille|prudent|dangereux|vrai|normal|important)\b|\bquelle heure est-il\b|\bpleut-il\b"
    ),
    "en": re.compile(
        r"\b(?:is|was|will|would|does|did|can|could|may|if|when|that) it (?:be )?(?:\w+ ){0,2}?(?:possible|allowed|"
        r"forbidden|permitted|necessary|required|safe|legal|true|normal|recommended|advisable|dangerous|important|mean"
        r" that|matter|rains?|snows?|take to|make sense)\b"
        r"|\bit is (?:\w+ )?(?:possible|allowed|forbidden|necessary|safe)\b"
    ),
}
# A subject inside the question, which a later pronoun may stand for: a determined noun that is not what is asked.
_ASKED_HEAD = {
    "fr": re.compile(
        r"^.*?\bquel(?:le)?s? (?:est|sont|etait|etaient|fut|furent|sera|seront|a ete) "
        r"(?:le |la |les |l['’]|un |une )?(?:\w+ )?\w+"
        r"|^.*?\b(?:quel(?:le)?s?|combien d[e'’]) ?\w+"
    ),
    "en": re.compile(
        r"^.*?\b(?:what|which|who) (?:is|are|was|were|will be) (?:the |an? )?(?:\w+ )?\w+"
        r"(?= (?:of|for|in|on|to|did|do|does|is|was)\b)"
        r"|^.*?\b(?:what|which|how many|how much) \w+"
    ),
}
_DETERMINED = {
    "fr": re.compile(r"(?<![\w-])(?:le|la|les|un|une|du|des|au|aux|chaque|mon|ma|mes|notre|votre|vos) \w|\b[ld]['’]\w"),
    "en": re.compile(r"\b(?:the|an?|each|every|my|our|your|some|any|all) \w"),
}
# A sentence of a text whose first words hold one of these goes on from the sentence before it.
_GOES_ON = re.compile(
    r"^\W*(?:[\w'’-]+\s){0,3}?(?:il|elle|ils|elles|lui|celui|celle|ceux|celles|cela|ceci|ce|cet|cette|ces|c['’]|son|sa|ses"
    r"|leurs?|it|its|he|she|they|them|his|her|their|this|that|these|those|there|such)(?![\w'’])"
    # "en" is a pronoun after a subject or before a verb, else a preposition: "En 1962".
    r"|^\W*(?:[\w'’-]+\s){0,3}?(?:(?:on|qui|nous|vous|je)\s(?:n['’])?(?:y|en)\b"
    r"|(?:n['’])?(?:y|en)\s(?:a|avait|aura|ont|avaient|est|sont|etait|etaient|sera|fut|resulte\w*|decoule\w*)\b)"
)
_DEFINES = re.compile(
    r"^(?:qu['’]est[- ]ce qu(?:e|['’])|c['’]est quoi|que (?:signifie|veut dire|designe)|definition|definis|"
    r"what (?:is|are)(?! the\b| his\b| her\b| its\b| their\b)|what does \w+ mean"
    r"|define|explain|explique|resume|summari[sz]e)"
)
# Verbs of asking that say nothing of the subject.
_EMPTY = frozenset("happen happens happened passe passent arrive arrivent".split())


@dataclass(frozen=True)
class Word:
    """A folded word that carries a subject; `name` marks proper names and codes ("F7")."""

    folded: str
    name: bool


def depends_on_conversation(question: str, language: str) -> bool:
    """Whether `question`, in "fr" or "en", needs what was said before it to be understood."""
    rules = language if language in _PRONOUN else "en"
    plain = fold(question).strip()
    found = content_words(question, language)
    content = [w for w in found if not w.name]
    names = [w for w in found if w.name]
    opening = CONTINUES.search(plain)
    if opening and (not names or len(content) <= 1):
        return True
    if opening and re.search(r"about|qu['’]en est|question|chose|same", opening[0]):
        return True
    plain = _IMPERSONAL[rules].sub(" ", plain)
    if _POINTS_BACK[rules].search(plain):
        return True
    pronoun = _PRONOUN[rules].search(plain)
    if pronoun and not _antecedent(plain[: pronoun.start()], question, language, names):
        return True
    if names:
        return False
    if _DEFINES.search(plain):
        return not content
    return len(content) <= FEW_WORDS


def goes_on(sentence: str) -> bool:
    """Whether the first words of a sentence of a text, in French or English, point to the sentence before it."""
    plain = fold(sentence)
    for rules in _IMPERSONAL.values():
        plain = rules.sub(" ", plain)
    return _GOES_ON.match(plain) is not None


def _antecedent(before: str, question: str, language: str, names: Sequence[Word]) -> bool:
    """Whether the text before a pronoun holds what it may stand for: a name, or a noun that is not what is asked."""
    rules = language if language in _PRONOUN else "en"
    if any(re.search(rf"\b{re.escape(w.folded)}\b", before) for w in names):
        return True
    rest = _ASKED_HEAD[rules].sub(" ", before, count=1)
    return bool(_DETERMINED[rules].search(rest))


def unglued(text: str) -> str:
    """`text` with its elisions and genitives blanked: each word keeps its place."""
    return GLUED.sub(lambda m: " " * len(m[0]), text)


def content_words(question: str, language: str) -> list[Word]:
    """The words of a question that carry its subject, in order; those that read as a name are marked."""
    text = unglued(question)
    tokens = [(m.group(), m.start()) for m in TOKEN.finditer(text)]
    found = []
    for i, (surface, start) in enumerate(tokens):
        folded = fold(surface)
        if CODE.match(surface) and surface[0].isupper():
            found.append(Word(folded, True))
            continue
        if is_stop_word(folded, language) or folded in _EMPTY or (len(folded) < 2 and not folded.isdigit()):
            continue
        capital = surface[0].isupper()
        if capital and _SENTENCE_START.search(text[:start]):
            following = tokens[i + 1][0] if i + 1 < len(tokens) else ""
            capital = surface.isupper() or (following[:1].isupper() and not is_stop_word(fold(following), language))
        found.append(Word(folded, capital))
    return found
