"""Follow-up questions: what "et sa profondeur ?" or "what about clay?" is searched with. Pure functions.

A question that leans on the conversation is searched twice, as it stands and with words of the subject,
and the scores are added: its own words count both times. No model is called. A question that stands by itself
takes nothing along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ert_core.anaphora import content_words, depends_on_conversation
from ert_core.languages import detect_language
from ert_core.subject import Subject, carried_words, followed, subject_of
from ert_core.types import Answer, Message, Retrieved

# How many earlier questions are read.
MAX_TURNS = 12
# What the search with the subject adds to the search for the question itself, and what a passage gains that
# stands in the document quoted first in the last answer. Between 0.3 and 1, and 0.1 and 0.2, the set of
# benchmarks/follow_ups.py (tune) hardly changes.
SUBJECT_WEIGHT, DOCUMENT_WEIGHT = 0.5, 0.2
# The subject is always found: an answer needs at least this evidence for the question's own words.
OWN_EVIDENCE = 0.35


@dataclass(frozen=True)
class SearchQuery:
    """What is searched for a question.

    `text` is the question, followed by the `carried` words of the conversation when it leans on it; these are
    folded, the most important first, none of them a word of the question. `own` are the question's own words,
    `document_id` the document that the last answer quoted first. `language` is that of the question.
    """

    text: str
    question: str
    language: str
    own: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    document_id: str | None = None

    @property
    def leans(self) -> bool:
        """Whether the question is searched with the conversation's subject."""
        return bool(self.carried or self.document_id)


def search_query(question: str, history: Sequence[Message]) -> SearchQuery:
    """The query for `question`, asked after the turns of `history`, the oldest first."""
    subject: Subject | None = None
    asked, language = earlier_questions(history), "en"
    for earlier, _ in asked:
        language = detect_language(earlier, language)
        leans = subject is not None and depends_on_conversation(earlier, language)
        subject = followed(subject, earlier, language) if subject and leans else subject_of(earlier, language)
    if subject is None:
        return SearchQuery(question, question, detect_language(question))
    language = detect_language(question, language)
    own = tuple(w.folded for w in content_words(question, language))
    if not depends_on_conversation(question, language):
        return SearchQuery(question, question, language, own)
    carried = carried_words(subject, question, language)
    answer = asked[-1][1]
    quoted = answer.citations[0].document_id if answer is not None and answer.citations else None
    return SearchQuery(" ".join([question, *carried]), question, language, own, carried, quoted)


def earlier_questions(history: Sequence[Message]) -> list[tuple[str, Answer | None]]:
    """The questions of `history` with the last answer to each; at most the last twelve."""
    found: list[tuple[str, Answer | None]] = []
    for message in history:
        if message.role == "user":
            found.append((message.text, None))
        elif found:
            found[-1] = (found[-1][0], message.answer or found[-1][1])
    return found[-MAX_TURNS:]


def fused(query: SearchQuery, alone: Retrieved, with_subject: Retrieved, k: int) -> Retrieved:
    """The best `k` passages of both searches, under the person's own question and its language.

    `alone` was searched with the question, `with_subject` with `query.text`. Scores stay in [0, 1].
    """
    passages = {p.passage.id: p for found in (with_subject, alone) for p in found.passages}
    scores = dict.fromkeys(passages, 0.0)
    for found, weight in ((alone, 1.0), (with_subject, SUBJECT_WEIGHT)):
        for p in found.passages:
            scores[p.passage.id] += weight * p.score / (1 + SUBJECT_WEIGHT)
    for i, p in passages.items():
        scores[i] = (scores[i] + DOCUMENT_WEIGHT * (p.passage.document_id == query.document_id)) / (1 + DOCUMENT_WEIGHT)
    best = sorted(passages, key=lambda i: (-scores[i], i))[:k]
    own_found = not query.own or alone.evidence >= OWN_EVIDENCE
    return Retrieved(
        query.question,
        query.language,
        tuple(replace(passages[i], score=scores[i]) for i in best),
        max(alone.evidence, with_subject.evidence),
        alone.sufficient or (with_subject.sufficient and own_found),
    )
