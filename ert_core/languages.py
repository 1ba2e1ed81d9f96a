"""What ERT knows of French and English: detection, folding, words, stems, stop words. Pure functions.

Stems are those of Snowball (M. F. Porter, snowballstem.org); language detection of long texts is
langid's (Lui and Baldwin 2012) through py3langid.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import Any

STEMMED_LANGUAGES = {"fr": "french", "en": "english"}

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'"})
# French elisions and the English genitive: glued to a word, they are none of it.
GLUED = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)['’](?=\w)|['’]s\b", re.IGNORECASE)

# Function words and the words of asking; folded (no accents).
_STOP_WORDS = {
    "fr": frozenset(
        """a afin ai ainsi alors apres as au aucun aucune aujourd aupres auquel aura aussi autre autres aux avaient
        avait avant avec avez avoir avons ayant beaucoup bien c car ce ceci cela celle celles celui cependant
        certain certaine certaines certains ces cet cette ceux chaque chez ci combien comme comment d dans de dela
        depuis des desquels donc dont du duquel durant elle elles en encore entre es est et etaient etait etant ete
        etes etre eu eux fait faire fois font furent fut hors il ils j je jusque l la laquelle le lequel les
        lesquelles lesquels leur leurs lors lorsque lui m ma mais me meme memes mes mon n ne ni nos notre nous on
        ont ou par parce parmi pas pendant peu peut peuvent plus plusieurs pour pourquoi puis qu quand que quel
        quelle quelles quels quelque quelques qui quoi s sa sans se selon sera seront ses seul seulement si soit son
        sont sous suis sur t ta tandis te tel telle telles tels tes toi ton tous tout toute toutes tres tu un une
        vers veut voici voila vos votre vous vu y doit doivent permet existe existait quelqu est-ce""".split()
    ),
    "en": frozenset(
        """a about after all also am an and any are as at be because been before being between both but by can could
        did do does doing done down during each either else for from further had has have having he her here hers
        him his how i if in into is it its itself just may me might more most much must my no nor not of off on once
        only or other our out over own per same shall she should so some such than that the their them then there
        these they this those through to too under until up upon us very was we were what when where which while who
        whom whose why will with would you your""".split()
    ),
}
# Words that tell the two languages apart in a short question.
_MARKS = {
    "fr": _STOP_WORDS["fr"] - _STOP_WORDS["en"] - {"non", "c", "d", "j", "l", "m", "n", "s", "t", "y"},
    "en": _STOP_WORDS["en"] - _STOP_WORDS["fr"] - {"i"},
}
# Those of languages that share words and letters with the two; in a short question they tell it is none of them.
_NEIGHBOUR_MARKS = {
    "de": frozenset(
        """aber als am auch auf aus bei bis das dem den der des die doch durch ein eine einem einen einer es fur hat
        hatte ich im ist kann man mit nach nicht noch nur oder sich sie sind uber um und vom von war warum was
        welche welchem welchen welcher welches wenn wer werden wie wieviel wird wo zu zum zur""".split()
    ),
    "es": frozenset(
        """al como con cual cuales cuando cuanta cuantas cuanto cuantos de del desde donde e el ella en entre es esta
        este esto fue ha hay la las lo los mas no o para pero por porque que quien quienes se segun ser si sin
        sobre son su sus tiene un una y""".split()
    ),
    "it": frozenset(
        """a al alla anche che chi come con cosa da dal dalla de dei del della delle di dove e ed era gli ha hanno i il
        in la le lo ma nel nella non o per perche piu quale quali quando quanta quante quanti quanto questa
        questo se si sono su sul tra un una uno""".split()
    ),
    "pt": frozenset(
        """a ao aos as com como da das de do dos e ela ele em entre era esta foi ha isso mais mas na nao nas no nos o
        onde os ou para pela pelo por porque qual quais quando quanta quantas quanto quantos que quem se sem
        ser seu sua sao tem um uma""".split()
    ),
}
_FRENCH_LETTERS = re.compile(r"[àâçèéêëîïôùûüœ]|\b[cdjlmnst]['’]\w|\bqu['’]\w", re.IGNORECASE)

_lock = threading.Lock()


def fold(text: str) -> str:
    """Lower case without accents or ligatures: "Œuvre à l'Été" gives "oeuvre a l'ete"."""
    # Decomposed first: letters of mathematical alphabets have a lower case only then.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower().translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words and numbers of `text`, in order, elisions and English genitives taken off.

    A decimal comma and a decimal point read alike: "12,5" and "12.5" both give "12.5".
    """
    return [w.replace(",", ".") for w in _WORD.findall(fold(GLUED.sub("", text)))]


def is_stop_word(word: str, language: str) -> bool:
    """Whether a folded word carries no subject in `language`."""
    return word in _STOP_WORDS.get(language, ())


def is_any_stop_word(word: str) -> bool:
    """Whether a folded word carries no subject in French or in English."""
    return any(is_stop_word(word, language) for language in STEMMED_LANGUAGES)


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a folded word; the word itself in a language without a stemmer here."""
    if language not in STEMMED_LANGUAGES or not word.isalpha():
        return word
    with _lock:  # a Snowball stemmer keeps its word in itself while it works
        stemmed: str = _stemmer(language).stemWord(word)
    return stemmed


def stems_of(word: str) -> frozenset[str]:
    """The stems of a folded word, in French and in English."""
    return frozenset(stem(word, language) for language in STEMMED_LANGUAGES)


def stems(text: str, language: str) -> list[str]:
    """The stems of all words of `text`, stop words left out."""
    return [stem(w, language) for w in words(text) if not is_stop_word(w, language)]


def detect_language(text: str, default: str = "en") -> str:
    """ISO 639-1 code of the language of `text`.

    Short texts are told apart between French and English by their function words and letters;
    longer ones go to langid. Without a clue, `default`.
    """
    found = words(text[:5000])
    counts = {language: sum(w in marks for w in found) for language, marks in _MARKS.items()}
    counts["fr"] += len(_FRENCH_LETTERS.findall(text[:5000]))
    foreign = {language: sum(w in marks for w in found) for language, marks in _NEIGHBOUR_MARKS.items()}
    likeliest = max(foreign, key=lambda language: foreign[language])
    if foreign[likeliest] > max(1, *counts.values()):
        return likeliest
    best, other = sorted(counts, key=lambda language: counts[language], reverse=True)
    clear = counts[best] > 1.5 * counts[other] + (1 if len(found) > 30 else 0)
    if clear and counts[best] >= 0.15 * len(found):
        return best
    if len(text.strip()) < 40:
        return best if counts[best] > counts[other] else default
    with _lock:
        code: str = _identifier().classify(text[:5000])[0]
    return code


def reply_language(question: str, interface: str) -> str:
    """ "fr" or "en": what a person who asks `question` is answered in, else the language of the interface."""
    language = detect_language(question, interface)
    return language if language in STEMMED_LANGUAGES else interface


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(STEMMED_LANGUAGES[language])


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
