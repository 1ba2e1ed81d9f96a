"""The central types: frozen dataclasses, standard library only.

Character positions are indexes into a document's extracted text (Python string indexes, end
exclusive). Times are seconds, memory is megabytes (10**6 bytes), CPU is per cent of the whole
machine (100 = every core busy).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

AnswerMode = Literal["quotes", "written"]
AnswerStep = Literal["searching", "loading_model", "reading_sources", "writing"]
StatementStatus = Literal["verified", "moved", "unverified", "neutral"]
FinishReason = Literal["stop", "length", "cancelled", "refused", "error", "small_talk"]


@dataclass(frozen=True)
class Source:
    """A file to add: its name as shown, and either its bytes or the path they are read from."""

    name: str
    content: bytes | None = None
    path: Path | None = None
    password: str | None = None


@dataclass(frozen=True)
class Page:
    """One page of extracted text. `number` is 1-based, None where the format has no pages."""

    number: int | None
    text: str


@dataclass(frozen=True)
class LoadedDocument:
    """What a loader returns for one file."""

    media_type: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Document:
    """A document of the library. `id` is the SHA-256 (hex) of the file's bytes."""

    id: str
    name: str
    media_type: str
    pages: int
    language: str
    added_at: str
    size: int
    characters: int
    passages: int
    damaged: bool = False  # the disk has changed what was saved of it: nothing but the name is known


@dataclass(frozen=True)
class Passage:
    """A stretch of a document's text: `document.text[start:end] == text`."""

    id: int
    document_id: str
    text: str
    page: int | None
    start: int
    end: int


@dataclass(frozen=True)
class ScoredSentence:
    """Characters `start` to `end` of a passage's text; a sentence with a higher score answers better."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class ScoredPassage:
    """A passage found for a question, with its score and the two parts it was made of, in [0, 1].

    `sentences` are in the order of the text; a saved answer does not keep them.
    """

    passage: Passage
    document_name: str
    score: float
    lexical: float
    dense: float
    sentences: tuple[ScoredSentence, ...] = ()


@dataclass(frozen=True)
class Retrieved:
    """What retrieval found: passages, best first, and how far they hold an answer.

    `evidence` is in [0, 1]; `sufficient` says whether it reaches the floor of the question's language.
    """

    question: str
    language: str
    passages: tuple[ScoredPassage, ...]
    evidence: float
    sufficient: bool


@dataclass(frozen=True)
class Citation:
    """Marker [n] of an answer: the exact characters it points at, and whether they were checked."""

    n: int
    document_id: str
    document: str
    page: int | None
    start: int
    end: int
    quote: str
    verified: bool


@dataclass(frozen=True)
class Statement:
    """Characters start to end of a written answer's text, and what the passages say of them.

    "verified": the passages it cites support it. "moved": others than those it cited do, or it cited none;
    `markers` are those that do. "unverified": none does, and it has no markers. "neutral": it states
    nothing. `unsupported_numbers` are the (start, end) of its numbers that stand in no passage.
    """

    start: int
    end: int
    status: StatementStatus
    markers: tuple[int, ...] = ()
    unsupported_numbers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class GenerationOptions:
    """How a language model writes. `max_new_tokens` None means the cap of the device in use."""

    max_new_tokens: int | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """A finished answer.

    `verified_share`, in [0, 1], is the share of the quotes that were checked or, of a written answer, of
    its `statements` that passages support, neutral ones left out; `passages` are those
    the answer was drawn from, or, when `refused`, the nearest ones found; `earlier_passages` are those given
    with an earlier question of the conversation that a written answer cites. `timings` holds seconds under
    "search", "first_token" and "total". `warned` marks an answer given although the evidence was too
    weak, because the person asked for it. `notice` says why quotes were given instead of a written answer.
    `cpu_mean`, `cpu_peak` and the `cpu_budget` in use are per cent of the whole machine.
    The finish reason "small_talk" marks an answer that needed no document.
    """

    text: str
    mode: AnswerMode
    language: str
    citations: tuple[Citation, ...] = ()
    passages: tuple[ScoredPassage, ...] = ()
    evidence: float = 0.0
    verified_share: float = 0.0
    refused: bool = False
    finish_reason: FinishReason = "stop"
    timings: dict[str, float] = field(default_factory=dict)
    cpu_mean: float | None = None
    cpu_peak: float | None = None
    memory_mb: float | None = None
    cpu_budget: float | None = None
    prompt_tokens: int = 0
    new_tokens: int = 0
    warned: bool = False
    notice: str | None = None
    statements: tuple[Statement, ...] = ()
    earlier_passages: tuple[ScoredPassage, ...] = ()

    def was_moved(self, n: int) -> bool:
        """Whether ERT moved or added the marker `n` everywhere it stands."""
        return {s.status for s in self.statements if n in s.markers} == {"moved"}


@dataclass(frozen=True)
class AnswerEvent:
    """One streamed step: text to append, or what is being done; the last event holds the answer.

    `text`, where it is not None, replaces all that was streamed so far, and `statements` are those of its
    sentences that are finished and checked; they do not change any more. `progress` in [0, 1] is how far
    "reading_sources" has come. `new_tokens` counts the tokens that a language model has written so far.
    """

    delta: str = ""
    text: str | None = None
    statements: tuple[Statement, ...] = ()
    step: AnswerStep | None = None
    progress: float | None = None
    answer: Answer | None = None
    new_tokens: int = 0


@dataclass(frozen=True)
class Scope:
    """The documents a question is asked of: those of a collection, or chosen ones.

    With `only` false they are searched first, and all others where they hold no answer.
    """

    collection: int | None = None
    documents: tuple[str, ...] = ()
    only: bool = True

    @classmethod
    def from_saved(cls, saved: dict[str, Any]) -> Scope:
        """As `dataclasses.asdict` made it, by way of JSON."""
        return cls(**{**saved, "documents": tuple(saved["documents"])})


@dataclass(frozen=True)
class Message:
    """One turn of a conversation. `answer` holds the whole answer of an assistant turn.

    `scope` is that of a question, `rating` (1 or -1) and `comment` are a person's word on an answer. `parent` is
    the id of the turn before it, 0 for none and None, in a turn to be saved, for the last one shown.
    """

    role: Literal["user", "assistant"]
    text: str
    answer: Answer | None = None
    scope: Scope | None = None
    rating: int | None = None
    comment: str | None = None
    id: int = field(default=0, compare=False)
    parent: int | None = field(default=None, compare=False)
    created_at: str = field(default="", compare=False)
