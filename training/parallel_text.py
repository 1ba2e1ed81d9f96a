"""Reads the parallel text that the bilingual model is taught with, and makes longer texts of it."""

from __future__ import annotations

import lzma
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# How many pairs of a source are taken at most (laws would drown the rest), and how often a small one is seen a pass.
TAKE = {"laws": 110_000}
REPEAT = {"tatoeba": 2, "osm": 2, "cldr": 2, "gnome": 2}
# Sources whose pairs read on as running text, and how many texts of several pairs are made of each.
LONG_TEXTS = {"laws": 6_000, "pydocs": 2_500, "gnome": 500, "tatoeba": 1_500}
LONG_TEXT_CHARACTERS = (250, 800)
LONG_ENGLISH_TEXTS = 4_000


@dataclass(frozen=True)
class ParallelText:
    """`english[i]` and `french[i]` say the same; `repeats[i]` is how often a pass sees them."""

    english: list[str]
    french: list[str]
    repeats: list[int]
    held_out: list[tuple[str, str]]
    anchors: list[str]


def pairs_by_source(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """All (English, French) pairs of `pairs.tsv.xz`, by source."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with lzma.open(folder / "pairs.tsv.xz", "rt", encoding="utf-8") as file:
        for line in file:
            source, english, french = line.rstrip("\n").split("\t")
            found[source].append((english, french))
    return dict(found)


def read_parallel_text(folder: Path, *, seed: int = 0, held_out: int = 1000) -> ParallelText:
    """The pairs of one pass, longer texts made of neighbours, and `held_out` pairs that are never trained on."""
    rng = random.Random(seed)
    english: list[str] = []
    french: list[str] = []
    repeats: list[int] = []
    unseen: list[tuple[str, str]] = []
    sources = pairs_by_source(folder)
    total = sum(len(rows) for rows in sources.values())
    for source, rows in sorted(sources.items()):
        chosen = set(rng.sample(range(len(rows)), round(held_out * len(rows) / total)))
        hidden = {rows[i][1] for i in chosen} | {rows[i][0] for i in chosen}
        unseen += [rows[i] for i in sorted(chosen)]
        kept = [row for row in rows if row[0] not in hidden and row[1] not in hidden]
        long = list(_joined(kept, LONG_TEXTS.get(source, 0), rng))
        rng.shuffle(kept)
        taken = kept[: TAKE.get(source)]
        english += [row[0] for row in taken + long]
        french += [row[1] for row in taken + long]
        repeats += [REPEAT.get(source, 1)] * len(taken) + [1] * len(long)
    with lzma.open(folder / "english.txt.xz", "rt", encoding="utf-8") as file:
        anchors = file.read().splitlines()
    anchors += [row[0] for row in _joined([(line, line) for line in anchors], LONG_ENGLISH_TEXTS, rng)]
    return ParallelText(english, french, repeats, unseen, anchors)


def _joined(rows: list[tuple[str, str]], count: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """`count` texts of consecutive rows: passages are longer than sentences."""
    for _ in range(count):
        first = rng.randrange(len(rows))
        wanted = rng.randint(*LONG_TEXT_CHARACTERS)
        last, length = first, 0
        while last < len(rows) and length < wanted:
            length += len(rows[last][0])
            last += 1
        yield " ".join(row[0] for row in rows[first:last]), " ".join(row[1] for row in rows[first:last])
