"""Adds French words to the vocabulary of a BERT model, each started from the English words it stands beside.

MiniLM's vocabulary is English: it reads "résistivité" as five pieces. A word that is added gets the
average of the embeddings of the English words that it is aligned with in parallel text (IBM Model 1,
Brown et al. 1993), as in trans-tokenization (Remy et al. 2024, arXiv:2408.04303); a word that aligns
with nothing gets the average of its own pieces. Rows of "[unused…]" entries are used first.

usage: python -m training.extend_vocabulary --base FOLDER --data FOLDER --out FOLDER [--words 13000]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from training.parallel_text import pairs_by_source

# Law counts for little: there is so much of it.
SOURCE_WEIGHT = {"laws": 0.15}
ALIGNED_TAKE = {"laws": 60_000}
ROUNDS = 6
MAX_ALIGNED_WORDS = 24
MIN_SHARE = 0.05
_WORD = re.compile(r"[a-z]+")


def stripped(text: str) -> str:
    """Lower case without accents, as BERT's normalizer has it."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def french_words(sources: dict[str, list[tuple[str, str]]], known: set[str], count: int) -> list[str]:
    """The `count` most frequent French words that are no entry of the vocabulary."""
    totals: Counter[str] = Counter()
    for source, rows in sources.items():
        counts: Counter[str] = Counter()
        for _, french in rows:
            counts.update(_WORD.findall(stripped(french)))
        for word, n in counts.items():
            if len(word) > 2 and word not in known:
                totals[word] += min(n, 1000) * SOURCE_WEIGHT.get(source, 1.0)
    return [word for word, _ in sorted(totals.items(), key=lambda x: (-x[1], x[0]))[:count]]


def aligned(sources: dict[str, list[tuple[str, str]]], wanted: set[str]) -> dict[str, list[tuple[str, float]]]:
    """For each wanted French word, English words with the share of its occurrences they explain (IBM Model 1)."""
    french_ids: dict[str, int] = {}
    english_ids: dict[str, int] = {"": 0}  # the empty word explains what has no counterpart
    positions, f_parts, e_parts = 0, [], []
    for source, rows in sources.items():
        for english, french in rows[: ALIGNED_TAKE.get(source)]:
            e = [english_ids.setdefault(w, len(english_ids)) for w in dict.fromkeys(_WORD.findall(stripped(english)))]
            f = [french_ids.setdefault(w, len(french_ids)) for w in dict.fromkeys(_WORD.findall(stripped(french)))]
            if not f or len(e) > MAX_ALIGNED_WORDS or len(f) > MAX_ALIGNED_WORDS:
                continue
            e = [0, *e]
            f_parts.append(np.stack([np.repeat(f, len(e)), np.repeat(np.arange(len(f)) + positions, len(e))]))
            e_parts.append(np.tile(e, len(f)))
            positions += len(f)
    f_ids, place = np.concatenate(f_parts, axis=1)
    e_ids = np.concatenate(e_parts)
    keys, cell = np.unique(f_ids.astype(np.int64) * len(english_ids) + e_ids, return_inverse=True)
    cell_e = keys % len(english_ids)
    cell_f = keys // len(english_ids)
    probability = np.ones(len(keys))
    for _ in range(ROUNDS):
        weight = probability[cell]
        weight /= np.bincount(place, weight, minlength=positions)[place]
        expected = np.bincount(cell, weight, minlength=len(keys))
        probability = expected / np.bincount(cell_e, expected, minlength=len(english_ids))[cell_e]
    share = expected / np.bincount(cell_f, expected, minlength=len(french_ids))[cell_f]
    english_words = list(english_ids)
    names = list(french_ids)
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for f, e, s in zip(cell_f, cell_e, share, strict=True):
        if s >= MIN_SHARE and e and names[f] in wanted:
            found[names[f]].append((english_words[e], float(s)))
    return found


def main() -> None:
    """Write the extended model to --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--words", type=int, default=13_000)
    options = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(options.base)
    model = AutoModel.from_pretrained(options.base, dtype=torch.float32)
    description = json.loads((options.base / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = description["model"]["vocab"]
    sources = pairs_by_source(options.data)
    words = french_words(sources, set(vocabulary), options.words)
    translations = aligned(sources, set(words))

    old = model.get_input_embeddings().weight.detach().clone()

    def pieces(word: str) -> torch.Tensor:
        return old[tokenizer(word, add_special_tokens=False)["input_ids"]].mean(0)

    free = sorted(i for entry, i in vocabulary.items() if entry.startswith("[unused"))
    for entry in [entry for entry in vocabulary if entry.startswith("[unused")]:
        del vocabulary[entry]
    rows = free[: len(words)] + list(range(len(old), len(old) + max(0, len(words) - len(free))))
    new = torch.cat([old, torch.zeros(max(0, len(words) - len(free)), old.shape[1])])
    used = 0
    for word, row in zip(words, rows, strict=True):
        found = translations.get(word, [])
        mass = sum(share for _, share in found)
        if mass >= 0.3:
            new[row] = sum(share * pieces(english) for english, share in found) / mass
            used += 1
        else:
            new[row] = pieces(word)
        vocabulary[word] = row
    print(f"{len(words)} words added, {used} started from aligned English words")
    for word in words[:: max(1, len(words) // 40)]:
        print(" ", word, [(e, round(s, 2)) for e, s in translations.get(word, [])])

    for entry in list(vocabulary):  # entries must have every id once
        assert vocabulary[entry] < len(new)
    model.resize_token_embeddings(len(new), mean_resizing=False)
    model.get_input_embeddings().weight.data.copy_(new)
    options.out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(options.out)
    for name in ("tokenizer_config.json",):
        shutil.copy(options.base / name, options.out / name)
    description["truncation"] = description["padding"] = None
    (options.out / "tokenizer.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
