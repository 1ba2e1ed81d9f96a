"""Real texts in both languages for benchmarks: the documents of the shared question sets, else those of samples/."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401 - the thread limits come first
from ert_core.analysis import analyse  # noqa: E402
from ert_core.languages import detect_language  # noqa: E402
from ert_core.loaders import load  # noqa: E402
from ert_core.passages import PageSpan, join_pages  # noqa: E402
from ert_core.sentences import sentence_spans  # noqa: E402

FILE_CHARACTERS = 9000  # a made file is as long as a document of the question sets
SENTENCES_OF_A_PARAGRAPH = 6
LONGEST_SENTENCE = 350  # a longer one may be a passage by itself, and come again


def documents() -> dict[str, list[str]]:
    """The texts of each language ("en", "fr")."""
    shared = Path(os.environ.get("ERT_SHARED") or REPOSITORY.parent / "shared") / "eval"
    found: dict[str, list[str]] = {"en": [], "fr": []}
    if shared.is_dir():
        for language, texts in found.items():
            texts += [path.read_text(encoding="utf-8") for path in sorted((shared / language / "docs").glob("*.txt"))]
        return found
    for path in sorted((REPOSITORY / "samples").glob("*.*")):
        if path.suffix != ".csv" and path.name != "README.md":
            text, _ = join_pages(load(path.name, path.read_bytes()).pages)
            found["fr" if detect_language(text) == "fr" else "en"].append(text)
    return found


def files(size: int) -> list[str]:
    """Texts of about `size` bytes together, no passage twice: the documents, then made ones.

    A made one has sentences of one language's documents in an order of its own, none of them twice.
    """
    found = documents()
    texts = [text for some in found.values() for text in some]
    pools = [sorted({s for t in some for s in sentences(t) if len(s) < LONGEST_SENTENCE}) for some in found.values()]
    chance, total, number = random.Random(0), sum(len(t.encode()) for t in texts), 0
    while total < size:
        pool = pools[number % len(pools)]
        chance.shuffle(pool)
        made, length = [f"{number}"], 0
        for n in range(0, len(pool), SENTENCES_OF_A_PARAGRAPH):
            if length < FILE_CHARACTERS:
                made.append(" ".join(pool[n : n + SENTENCES_OF_A_PARAGRAPH]))
                length += len(made[-1])
        texts.append("\n\n".join(made))
        total += len(texts[-1].encode())
        number += 1
    return texts


def sentences(text: str) -> list[str]:
    """The sentences of a text, each on one line."""
    return [" ".join(text[s:e].split()) for s, e in sentence_spans(text)]


def passages(count: int = 500) -> list[str]:
    """`count` different passages as ERT cuts them: those of the documents first, then of made files; shuffled."""
    texts: dict[str, None] = {}
    size = 0
    while len(texts) < count:
        size += 250_000
        for text in files(size):
            analysis = analyse(text, [PageSpan(None, 0, len(text))])
            texts.update(dict.fromkeys(text[p.start : p.end] for p in analysis.passages))
    # Shuffled: a part of them has the lengths and languages of the whole.
    chosen = list(texts)[:count]
    random.Random(0).shuffle(chosen)
    return chosen
