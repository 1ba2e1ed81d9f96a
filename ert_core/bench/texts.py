"""Texts and whole libraries made for measuring: words drawn from a Zipf law, no document twice."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ert_core.assistant import Assistant
    from ert_core.sentence_vectors import PassageVector

PASSAGES_PER_DOCUMENT = 200
SENTENCES, WORDS = 6, 20
VOCABULARY = 200_000
WORDS_OF_REPORTS = (
    "forage argile calcaire nappe résistivité électrode profil mesure profondeur débit sonde terrain couche "
    "aquifère gravier campagne injection courant potentiel inversion section relevé niveau pompage marne"
).split()


def report_text(number: int, characters: int = 3000) -> str:
    """A text of paragraphs that no other number has."""
    chance = random.Random(number)
    paragraphs: list[str] = [f"# Rapport {number}"]
    while sum(map(len, paragraphs)) < characters:
        sentences = (
            f"Le {chance.choice(WORDS_OF_REPORTS)} {chance.randrange(1000)} a un "
            f"{' '.join(chance.choices(WORDS_OF_REPORTS, k=9))} de {chance.randrange(9999) / 10} m."
            for _ in range(5)
        )
        paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


class MadeLibrary:
    """Adds passages with random vectors to a library, as ingestion saves them, and makes questions of their words."""

    def __init__(self, assistant: Assistant) -> None:
        import numpy as np

        self._assistant = assistant
        self._random = random.Random(0)
        self._vectors = np.random.default_rng(0)
        letters = "abcdefghijlmnoprstuv"
        self._words = list(
            {"".join(self._random.choices(letters, k=self._random.randint(4, 11))) for _ in range(VOCABULARY)}
        )
        # Summed once: random.choices would sum plain weights at every call.
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(len(self._words))))
        self.passages = 0

    def question(self) -> str:
        """Eight words and a question mark."""
        return " ".join(self._draw(8)) + " ?"

    def add(self) -> None:
        """One document of PASSAGES_PER_DOCUMENT passages. Raises RuntimeError when it was not saved."""
        from ert_core.analysis import Analysis, Sentence
        from ert_core.languages import stem
        from ert_core.new_document import NewDocument
        from ert_core.passages import PageSpan, PassageSpan

        parts, spans, sentences, position = [], [], [], 0
        made: list[PassageVector] = []
        for _ in range(PASSAGES_PER_DOCUMENT):
            lines, inside, end = [], [], 0
            for _ in range(SENTENCES):
                words = self._draw(WORDS)
                line = " ".join(words) + "."
                inside.append(Sentence(end, end + len(line), tuple(stem(w, "fr") for w in words)))
                lines.append(line)
                end += len(line) + 1
            text = " ".join(lines)
            parts.append(text)
            spans.append(PassageSpan(None, position, position + len(text)))
            position += len(text) + 1
            sentences.append(inside)
            made.append(self._vector())
        text = "\n".join(parts)
        document = NewDocument(
            id=f"{self.passages:064x}",
            name=f"document-{self.passages}.txt",
            media_type="text/plain",
            content=b"",
            text=text,
            pages=[PageSpan(None, 0, len(text))],
            analysis=Analysis("fr", spans, sentences, [""] * len(spans)),
            vectors={self._assistant.embedders.wanted_name(): made},
        )
        if self._assistant.library.store.add(document) != "saved":
            raise RuntimeError("a document was not saved")
        self.passages += PASSAGES_PER_DOCUMENT

    def _vector(self) -> PassageVector:
        import numpy as np

        from ert_core.sentence_vectors import SCALE, PassageVector

        own: np.ndarray = self._vectors.normal(size=(SENTENCES, 384)).astype(np.float32)
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        mean = own.sum(0)
        return PassageVector(mean / np.linalg.norm(mean), np.round(own * SCALE).astype(np.int8))

    def _draw(self, count: int) -> list[str]:
        return self._random.choices(self._words, cum_weights=self._weights, k=count)
