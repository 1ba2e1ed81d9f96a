"""Many threads on one embedder, and on one library."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ert_core.embeddings import SentenceTransformerEmbeddings
from trials.stub import add, document_id, stub_engine, text_of
from trials.trial import Trial

THREADS = 16
LIBRARY_THREADS = 4


def _in_threads(works: list[Callable[[], None]]) -> list[str]:
    errors: list[str] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


class _NoLock:
    """In place of the lock: the broken step."""

    def __enter__(self) -> None: ...
    def __exit__(self, *_: Any) -> None: ...


def embedder(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """`count` calls from 16 threads against the same calls one after the other."""
    import numpy as np

    embeddings = SentenceTransformerEmbeddings()
    embeddings.load()
    texts = [text_of(rng, rng.randint(1, 2)) for _ in range(50)]
    alone = [embeddings.encode_question(t) for t in texts]
    tokenizer = embeddings._load().tokenizer
    lengths = [len(tokenizer(t)["input_ids"]) for t in texts]
    if broken:
        embeddings._lock = _NoLock()  # type: ignore[assignment]
    wrong: list[str] = []

    def calls(seed: float) -> Callable[[], None]:
        chosen = random.Random(seed)

        def work() -> None:
            for _ in range(count // THREADS):
                number = chosen.randrange(len(texts))
                for length in (8, 16, 32):
                    with embeddings._lock:  # it keeps apart what sets another length in the one tokenizer
                        tokenizer(texts[number], truncation=True, max_length=length)
                made = embeddings.encode_question(texts[number])
                if not np.allclose(made, alone[number], atol=2e-3):
                    wrong.append(f"text {number} got another vector")

        return work

    errors = _in_threads([calls(rng.random()) for _ in range(THREADS)])
    if [len(tokenizer(t)["input_ids"]) for t in texts] != lengths:
        wrong.append("texts have other tokens afterwards")
    return errors + wrong


def library(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Searches, additions and deletions side by side for `count` seconds."""
    engine = stub_engine(folder / "home")
    for number in range(20):
        add(engine, f"{number}.txt", text_of(rng))
    deleted: dict[str, float] = {}  # document id -> when its deletion was acknowledged
    end = time.monotonic() + count
    wrong: list[str] = []
    if broken:
        engine.library.store.remove = lambda document_id: True  # type: ignore[method-assign]

    def searching(seed: float) -> Callable[[], None]:
        chosen = random.Random(seed)

        def work() -> None:
            while time.monotonic() < end:
                began = time.monotonic()
                cited = {p.passage.document_id for p in engine.search(text_of(chosen, 1)).passages}
                wrong.extend(f"{i[:8]} is cited after its deletion" for i in cited if deleted.get(i, end) < began)

        return work

    def changing(seed: float) -> Callable[[], None]:
        chosen = random.Random(seed)

        def work() -> None:
            own: list[str] = []
            while time.monotonic() < end:
                if len(own) < 5 or chosen.random() < 0.5:
                    text = text_of(chosen)
                    add(engine, "one.txt", text)
                    own.append(document_id(text))
                else:
                    one = own.pop(chosen.randrange(len(own)))
                    engine.library.remove(one)
                    deleted[one] = time.monotonic()

        return work

    seeds = [rng.random() for _ in range(LIBRARY_THREADS)]
    errors = _in_threads([(searching if n < LIBRARY_THREADS // 2 else changing)(s) for n, s in enumerate(seeds)])
    if engine.database.value("PRAGMA integrity_check") != "ok":
        errors.append("integrity_check")
    engine.close()
    return errors + wrong


TRIALS = [
    Trial(
        "embedder-threads",
        f"{THREADS} threads on the embedding model and its tokenizer, calls",
        4000,
        "equal to serial, no `Already borrowed`",
        embedder,
        "no lock",
        640,
    ),
    Trial(
        "library-threads",
        f"search, addition and deletion in {LIBRARY_THREADS} threads, seconds",
        300,
        "no error, no deleted document cited",
        library,
        "deletions are said and not done",
        2,
        short=5,
    ),
]
