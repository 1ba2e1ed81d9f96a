"""Vectors alone, as local chats usually ship them: chunks of 1,000 characters, cosine, no words.

    python benchmarks/dense_search.py [--pairs N]

For all-MiniLM-L6-v2, the model of the shared folder (57 minutes of training) and the bilingual model that
comes with ERT: hit@1 / @3 / @5 on the sets of `../shared/eval`, the chunks cut by LangChain's recursive
splitter; and how often a French sentence finds its English among the pairs kept out of the last stage of
the training. Prints Markdown.
"""

from __future__ import annotations

import argparse

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter
from shared_sets import SETS, folder, questions

from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.measures import rank_of
from training.parallel_text import read_parallel_text

CHUNK = 1000
RANKS = (1, 3, 5)
NAMES = {
    "fr-on-en": "French questions, English documents",
    "en-on-fr": "English questions, French documents",
    "fr": "French on French",
    "en": "English on English",
}


def chunks(language: str) -> list[tuple[str, str]]:
    """(document name, text) of the chunks of the documents in one language."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=0)
    paths = sorted((folder() / language / "docs").iterdir())
    return [(path.name, chunk) for path in paths for chunk in splitter.split_text(path.read_text(encoding="utf-8"))]


def encoded(embeddings: SentenceTransformerEmbeddings, texts: list[str]) -> np.ndarray:
    """Unit vectors, one row a text; those of like length are embedded together."""
    rows: dict[int, np.ndarray] = {}
    for positions, batch in embeddings.encode_in_batches(texts):
        rows.update(zip(positions, batch, strict=True))
    return np.stack([rows[i] for i in range(len(texts))])


def measure(embeddings: SentenceTransformerEmbeddings, pairs: list[tuple[str, str]]) -> dict[str, str]:
    """One column of the table."""
    column = {}
    documents = {language: chunks(language) for language in ("fr", "en")}
    vectors = {language: encoded(embeddings, [text for _, text in found]) for language, found in documents.items()}
    for name, (language, _) in SETS.items():
        asked = questions(name)
        scores = encoded(embeddings, [q.question for q in asked]) @ vectors[language].T
        ranks = []
        for question, row in zip(asked, scores, strict=True):
            best = [documents[language][i] for i in np.argsort(-row)[: max(RANKS)]]
            ranks.append(rank_of(best, lambda chunk, q=question: q.answered_by(*chunk)))
        hits = [sum(rank is not None and rank <= k for rank in ranks) / len(ranks) for k in RANKS]
        column[NAMES[name]] = " / ".join(f"{hit:.3f}" for hit in hits)
    english, french = (encoded(embeddings, [pair[i] for pair in pairs]) for i in (0, 1))
    found = (french @ english.T).argmax(1) == np.arange(len(pairs))
    column[f"French finds its English among {len(pairs):,} pairs"] = f"{found.mean():.3f}"
    return column


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1000)
    options = parser.parse_args()
    bilingual = folder().parent / "bilingual"
    pairs = read_parallel_text(bilingual, held_out=options.pairs).held_out
    models = {
        "all-MiniLM-L6-v2": "all-MiniLM-L6-v2",
        "first stage (57 minutes)": str(bilingual / "minilm-l6-fr-en"),
        "minilm-l6-fr-en, the default": "",
    }
    columns = {name: measure(SentenceTransformerEmbeddings(model), pairs) for name, model in models.items()}
    print(f"| | {' | '.join(columns)} |\n|{'---|' * (1 + len(columns))}")
    for row in next(iter(columns.values())):
        print(f"| {row} | {' | '.join(column[row] for column in columns.values())} |")


if __name__ == "__main__":
    main()
