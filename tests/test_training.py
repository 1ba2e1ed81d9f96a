"""The recipe of the bilingual model: what is held out, how words are aligned."""

import lzma
from pathlib import Path

from training.extend_vocabulary import aligned, french_words, stripped
from training.parallel_text import pairs_by_source, read_parallel_text

PAIRS = [
    ("tatoeba", "the well is deep", "le puits est profond"),
    ("tatoeba", "the well is dry", "le puits est sec"),
    ("tatoeba", "the clay is dry", "l'argile est sèche"),
    ("tatoeba", "the clay is grey", "l'argile est grise"),
    ("lex", "well", "puits"),
    ("lex", "clay", "argile"),
]


def write(folder: Path) -> Path:
    with lzma.open(folder / "pairs.tsv.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"{source}\t{en} {n}\t{fr} {n}\n" for n in range(20) for source, en, fr in PAIRS)
    with lzma.open(folder / "english.txt.xz", "wt", encoding="utf-8") as file:
        file.write("a layer of soil\nan old river bed\n" * 30)
    return folder


def test_held_out_texts_are_nowhere_in_what_is_trained_on(tmp_path: Path) -> None:
    text = read_parallel_text(write(tmp_path), held_out=10)
    assert text.held_out and len(text.english) == len(text.french) == len(text.repeats)
    hidden = {french for _, french in text.held_out} | {english for english, _ in text.held_out}
    assert not hidden & (set(text.english) | set(text.french))
    assert any(len(french) > 250 for french in text.french), "longer texts are made of neighbours"


def test_words_are_aligned_with_what_they_mean(tmp_path: Path) -> None:
    found = aligned(pairs_by_source(write(tmp_path)), {"puits", "argile"})
    best = {word: max(candidates, key=lambda c: c[1])[0] for word, candidates in found.items()}
    assert best == {"puits": "well", "argile": "clay"}


def test_the_most_frequent_unknown_words_are_added(tmp_path: Path) -> None:
    sources = pairs_by_source(write(tmp_path))
    words = french_words(sources, known={"est", "puits"}, count=2)
    assert words == ["argile", "grise"]
    assert stripped("Résistivité") == "resistivite"
