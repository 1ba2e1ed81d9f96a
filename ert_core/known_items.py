"""Known-item questions: made from sentences of the documents themselves, without a language model.

The oldest way to test a search engine on one's own collection (Azzopardi, de Rijke and Balog 2007,
"Building simulated queries for known-item topics"): take a sentence whose place is known, ask about some of
its rarer words, and see whether the place comes back. The words are some of the sentence's, in another
order, in a question of the sentence's language.
"""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ert_core.cpu_budget import pause
from ert_core.document_store import DocumentStore
from ert_core.languages import detect_language, is_stop_word, words
from ert_core.locale import LANGUAGES, text
from ert_core.sentences import is_heading, sentence_spans
from ert_core.types import Document, Passage

SENTENCE_CHARACTERS = (40, 400)
# Words with a subject that a sentence must hold, and that a question keeps of them.
FEWEST_WORDS, MOST_ASKED = 4, 5
SENTENCES_A_PASSAGE = 3
# Passages read for each question that a document is to give: not every passage holds a usable sentence.
PASSAGES_A_QUESTION = 5

# "aujourd'hui" is one word; any other one before an apostrophe is elided and says nothing ("jusqu'à").
_TOKEN = re.compile(r"aujourd['’]hui|[^\W_]+(?:[-.,][^\W_]+)*(?![^\W_]|['’](?!s\b|t\b)\w)", re.IGNORECASE)
# What may stand between two words of one nominal group.
_LINK = re.compile(r"\s+(?:(?:de|du|des|of)\s+)?(?:(?:la|the)\s+)?(?:[dl]['’])?", re.IGNORECASE)


@dataclass(frozen=True)
class KnownItem:
    """A question and the place of the sentence that it was made from: `text[start:end]` of the document."""

    question: str
    language: str
    document_id: str
    document: str
    start: int
    end: int
    sentence: str


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    folded: str


class _Sampled:
    """The words of the passages that questions are made from."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._told = {p.id: told(p.text) for p in passages}
        self._words = {i: frozenset(found.split()) for i, found in self._told.items()}
        self._counts = Counter(w for found in self._words.values() for w in found)
        self._asked: set[str] = set()

    def frequency(self, folded: str) -> int:
        """In how many passages the rarest part of a word stands ("aide-mémoire" has two)."""
        return min(self._counts[part] for part in folded.split())

    def identifies(self, groups: Sequence[str], sentence: str, passage: Passage) -> bool:
        """Whether the words asked about stand together in no other passage, but for copies of the sentence.

        A running title or a line of a form has no place of its own, and no search could find it. False too
        when the same sentence was asked about before.
        """
        asked, sentence = set(words(" ".join(groups))), told(sentence)
        if sentence in self._asked:
            return False
        others = (i for i, found in self._words.items() if i != passage.id and asked <= found)
        if any(sentence not in self._told[i] for i in others):
            return False
        self._asked.add(sentence)
        return True


def told(text: str) -> str:
    """The words of `text`, folded: the same for a sentence in a PDF and in a web page."""
    return " ".join(words(text))


def make_items(
    store: DocumentStore, *, limit: int, seed: int, cancelled: threading.Event | None = None
) -> list[KnownItem]:
    """At most `limit` questions, as many from each document as it can give, the documents taking turns.

    With more documents than `limit`, a random `limit` of them. The same library and seed give the same questions.
    """
    chance = random.Random(seed)
    documents = sorted(store.documents(), key=lambda d: d.id)
    if len(documents) > limit:
        documents = chance.sample(documents, limit)
    most = PASSAGES_A_QUESTION * -(-limit // max(1, len(documents)))
    samples: list[tuple[Document, list[Passage]]] = []
    for document in documents:
        if cancelled is not None and cancelled.is_set():
            return []
        ids = store.passage_ids_of(document.id)
        found = store.passages(chance.sample(ids, min(most, len(ids))))
        samples.append((document, chance.sample(list(found.values()), len(found))))
    sampled = _Sampled([p for _, passages in samples for p in passages])
    turns = [_items(document, passages, sampled, chance) for document, passages in samples]
    items: list[KnownItem] = []
    while turns and len(items) < limit:
        waiting = []
        for turn in turns:
            pause(cancelled)
            item = next(turn, None)
            if item is None:
                continue
            waiting.append(turn)
            items.append(item)
            if len(items) == limit:
                break
        turns = waiting
    return items


def _items(
    document: Document, passages: Sequence[Passage], sampled: _Sampled, chance: random.Random
) -> Iterator[KnownItem]:
    """The questions of one document, a sentence of each passage before a second one of any."""
    left: dict[int, tuple[str, list[tuple[int, int]]]] = {}
    for _ in range(SENTENCES_A_PASSAGE):
        for passage in passages:
            if passage.id not in left:
                language = detect_language(passage.text, document.language)
                spans = _usable(passage.text, language)
                left[passage.id] = language, chance.sample(spans, len(spans))
            item = _next_item(document, passage, *left[passage.id], sampled, chance)
            if item is not None:
                yield item


def _next_item(
    document: Document,
    passage: Passage,
    language: str,
    spans: list[tuple[int, int]],
    sampled: _Sampled,
    chance: random.Random,
) -> KnownItem | None:
    """A question on the next sentence of a passage that has a place of its own; `spans` loses those tried."""
    while spans:
        start, end = spans.pop()
        sentence = passage.text[start:end]
        groups = _asked(sentence, language, sampled, chance)
        if sampled.identifies(groups, sentence, passage):
            place = passage.start + start, passage.start + end
            return KnownItem(_question(groups, language), language, document.id, document.name, *place, sentence)
    return None


def _usable(text: str, language: str) -> list[tuple[int, int]]:
    """The sentences that say enough to be asked about."""
    shortest, longest = SENTENCE_CHARACTERS
    return [
        (start, end)
        for start, end in sentence_spans(text)
        if shortest <= end - start <= longest
        and not is_heading(text[start:end])
        and len({w.folded for w in _content(text[start:end], language)}) >= FEWEST_WORDS
    ]


def _content(sentence: str, language: str) -> list[_Word]:
    """The words of a sentence that carry a subject: no stop words, no single letters, no bare numbers."""
    found = []
    for match in _TOKEN.finditer(sentence):
        folded = " ".join(words(match.group()))
        if len(folded) > 1 and any(c.isalpha() for c in folded) and not is_stop_word(folded, language):
            found.append(_Word(match.start(), match.end(), folded))
    return found


def _asked(sentence: str, language: str, sampled: _Sampled, chance: random.Random) -> list[str]:
    """About half of the content words, the rarer ones, in their nominal groups; the groups in another order."""
    first_of_each = {w.folded: w for w in reversed(_content(sentence, language))}
    rarest = sorted(first_of_each.values(), key=lambda w: (sampled.frequency(w.folded), chance.random()))
    count = max(FEWEST_WORDS - 1, min(MOST_ASKED, len(rarest) // 2))
    kept = sorted(chance.sample(rarest[: count + 2], count), key=lambda w: w.start)
    groups = [(w.start, w.end) for w in kept]
    for i in range(len(groups) - 1, 0, -1):
        if _LINK.fullmatch(sentence, groups[i - 1][1], groups[i][0]):
            groups[i - 1 : i + 1] = [(groups[i - 1][0], groups[i][1])]
    chance.shuffle(groups)
    return [" ".join(sentence[start:end].split()) for start, end in groups]


def _question(groups: Sequence[str], language: str) -> str:
    if language not in LANGUAGES:
        return f"{', '.join(groups)} ?"
    *first, last = groups
    subject = f"{', '.join(first)} {text('self_test.and', language)} {last}" if first else last
    return text("self_test.question", language, subject=subject)
