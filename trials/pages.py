"""Given texts in every place of the pages where a text can stand, in a real Chromium on a real server.

The texts stand in the database before the page is opened, are typed, given as files, or written by a language model
that does as it is told (`pages_server`); the pages, the parser and all that draws are ERT's own.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ert_core.types import Answer, Citation, Message, ScoredPassage, Source, Statement
from tests.browser import Visit, chromium, launched_chromium, running_server, visiting
from trials.pages_server import ANSWERS, SameEmbeddings
from trials.stub import stub_engine

PLACES = ("document body", "document name", "heading", "question", "model output", "history", "error message")
# Texts in one question, answer or conversation; misses that the quality page shows.
GROUP, MISSES = 10, 30
SHOWN_SECONDS, BROKEN_SECONDS, BROKEN_PAGE_MS = 30.0, 1.5, 6000
# White space, and what is not seen: neither says whether a text is shown as written.
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]")

# Unfolds what is folded. The text without the markers of citations, which ERT itself adds to a text.
_UNFOLDED_TEXT = """(() => {
  document.querySelectorAll('details:not([open]) > summary').forEach(summary => summary.click());
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT,
    node => node.parentElement.closest('.stMarkdownBadge') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const parts = [];
  while (walker.nextNode()) parts.push(walker.currentNode.data);
  return parts.join('');
})()"""


@dataclass(frozen=True)
class Try:
    """One text in one place. `text` holds `mark_of(number)`, by which it is known again."""

    number: int
    place: str
    text: str

    def told(self, what: str) -> str:
        """A sentence for a failure."""
        return f"{self.place}, try {self.number}, {self.text[:80]!r}: {what}"


def mark_of(number: int) -> str:
    """Seven digits: they read the same in a text, an address and a script."""
    return str(7_000_000 + number)


def told(tries: Iterable[Try], view: str, what: str) -> str:
    """A sentence for something seen in a view: which text it comes from, where its mark is in it."""
    return next((t.told(what) for t in tries if mark_of(t.number) in what), f"{view}: {what}")


def no_browser() -> str:
    """Why no page can be opened on this machine, "" when one can."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed"
    return "" if chromium() else "no Chromium"


class Stage:
    """A browser on a server that holds the texts."""

    def __init__(self, visit: Visit, tries: Sequence[Try], conversations: dict[str, list[Try]], broken: bool) -> None:
        self.visit = visit
        self.tries = tries
        self._conversations = conversations
        self._broken = broken
        if broken:  # a text may lead the page away for good
            visit.page.set_default_timeout(BROKEN_PAGE_MS)

    def views(self) -> Iterator[tuple[str, list[str]]]:
        """Each page in turn, open: its name, and a failure for each text that it does not show as written."""
        from playwright.sync_api import Error

        for view, show in self._views():
            try:
                failures = show()
            except Error as error:  # led away to another page, or never there
                failures = [f"{view}: {error.message.splitlines()[0]}"]
            yield view, [] if self._broken else failures

    def _views(self) -> Iterator[tuple[str, Callable[[], list[str]]]]:
        for conversation, held in self._conversations.items():
            yield "a conversation", partial(self._reopened, conversation, held)
        for questions, outputs in zip_longest(self._groups("question"), self._groups("model output"), fillvalue=[]):
            yield "an answer being written", partial(self._asked, questions, outputs)
        for headings in self._groups("heading", MISSES):
            yield "the quality page", partial(self._measured, headings)
        yield "the documents page", self._documents

    def _groups(self, place: str, size: int = GROUP) -> list[list[Try]]:
        held = [t for t in self.tries if t.place == place]
        return [held[first : first + size] for first in range(0, len(held), size)]

    def _not_shown(self, held: Sequence[Try]) -> list[str]:
        """Wait for the texts; a failure for each that does not come."""
        deadline = time.monotonic() + (BROKEN_SECONDS if self._broken else SHOWN_SECONDS)
        page = self.visit.page
        while True:
            text = squeezed(page.evaluate(_UNFOLDED_TEXT))
            left = [t for t in held if squeezed(t.text) not in text]
            if not left or time.monotonic() > deadline:
                return [t.told("not shown as written") for t in left]
            page.wait_for_timeout(100)

    def _reopened(self, conversation: str, held: Sequence[Try]) -> list[str]:
        page = self.visit.open(f"?c={conversation}")
        page.get_by_test_id("stChatMessage").first.wait_for()
        drawn = page.locator("[data-test-script-state=notRunning]")
        drawn.wait_for()
        page.get_by_test_id("stSkeleton").first.wait_for(state="detached")  # a button whose script is still to come
        while (earlier := page.locator(".st-key-earlier button")).count():
            shown = page.get_by_test_id("stChatMessage").count()
            earlier.click()
            page.get_by_test_id("stChatMessage").nth(shown).wait_for()
            drawn.wait_for()
        return self._not_shown(held)

    def _asked(self, questions: Sequence[Try], outputs: Sequence[Try]) -> list[str]:
        self.visit.open()
        self.visit.ask("\n".join(t.text for t in questions))
        failures = self._not_shown([*questions, *outputs])
        self.visit.page.get_by_test_id("stChatInputStopButton").wait_for(state="detached")
        return failures or self._not_shown([*questions, *outputs])

    def _measured(self, headings: Sequence[Try]) -> list[str]:
        lines = [json.dumps({"question": t.text, "answers": [f"not in a document: {t.text}"]}) for t in headings]
        file = {"name": "questions.jsonl", "mimeType": "application/jsonl", "buffer": "\n".join(lines).encode()}
        page = self.visit.open("quality")
        page.locator("input[type=file]").first.set_input_files(file)
        page.get_by_text("questions.jsonl").first.wait_for()
        page.locator(".st-key-evaluate button").click()
        return self._not_shown(headings)

    def _documents(self) -> list[str]:
        """Files of an unknown format are given, and the list of what is to be deleted is opened."""
        page = self.visit.open("documents")
        bad = [replace(t, text=_file_name(t.text)) for t in self.tries if t.place == "error message"]
        files = [{"name": f"{t.text}.xyz", "mimeType": "text/plain", "buffer": b"x"} for t in bad]
        page.locator("input[type=file]").set_input_files(files)
        failures = self._not_shown(bad)
        grid = page.get_by_test_id("stDataFrame").locator("canvas").first
        grid.wait_for()
        page.wait_for_timeout(500)
        grid.click(position={"x": 18, "y": 18}, force=True)  # the box in the head of the painted table selects all
        page.get_by_test_id("stPopover").locator("button:has-text('Supprimer (')").click()
        return failures + self._not_shown([t for t in self.tries if t.place == "document name"])


def _file_name(text: str) -> str:
    """`text` without what a browser writes in another way in the name of a file that it sends."""
    return re.sub(r"[\r\n]+", " ", text).replace('"', "'")


def squeezed(text: str) -> str:
    """`text` without white space and what is not seen."""
    return _UNSEEN.sub("", text)


@contextmanager
def stage(folder: Path, tries: Sequence[Try], rng: random.Random, broken: bool) -> Iterator[Stage]:
    """A server whose database holds the texts, and a browser that has not opened it yet."""
    home = folder / "home"
    conversations = _prepared(home, tries, rng)
    command = ("-c", f"from trials.pages_server import serve; serve({broken})")
    variables = {"ERT_LLM": "told", "ERT_ANSWER_MODE": "written", "ERT_CPU_BUDGET": "100"}
    with (
        running_server(home, command=command, **variables) as server,
        launched_chromium() as browser,
        visiting(browser, server) as visit,
    ):
        yield Stage(visit, tries, conversations, broken)
        if broken:  # what is let through breaks the page, and its console says so
            visit.errors.clear()


def _prepared(home: Path, tries: Sequence[Try], rng: random.Random) -> dict[str, list[Try]]:
    """Fill a data directory. Conversations by their id, with the texts each of them shows."""
    by_place = {place: [t for t in tries if t.place == place] for place in PLACES}
    engine = stub_engine(home, parse=True)
    engine.embedders.share(SameEmbeddings(engine.embedders.wanted_name()))  # type: ignore[arg-type]
    conversations = {}
    bodies, names, history = (by_place[place] for place in ("document body", "document name", "history"))
    for first in range(0, len(bodies), GROUP):
        held, named, turns = (texts[first : first + GROUP] for texts in (bodies, names, history))
        contents = [f"{t.text}\n\nThe borehole is deep.\n".encode() for t in held]
        sources = [Source(f"{named[n].text if n < len(named) else n}_.txt", c) for n, c in enumerate(contents)]
        for _ in engine.ingest(sources):
            pass
        conversation = engine.conversations.start(held[0].text)
        engine.conversations.add(conversation, Message("user", "What do they hold?"))
        engine.conversations.add(conversation, Message("assistant", "", _quoting(engine, sources)))
        for t in turns:
            engine.conversations.add(conversation, Message("user", t.text))
            engine.conversations.add(conversation, Message("assistant", t.text, _written(t.text, rng)))
        conversations[conversation] = [*held, *named, *turns]
    engine.close()
    outputs = by_place["model output"]
    answers = ["\n\n".join(t.text for t in outputs[n : n + GROUP]) for n in range(0, len(outputs), GROUP)]
    (home / ANSWERS).write_text(json.dumps([_in_steps(answer, rng) for answer in answers]))
    return conversations


def _quoting(engine: Any, sources: Sequence[Source]) -> Answer:
    """An answer that quotes each of the documents whole."""
    citations, found = [], []
    for source in sources:
        document = hashlib.sha256(source.content or b"").hexdigest()
        for passage in engine.library.store.passages(engine.library.store.passage_ids_of(document)).values():
            found.append(ScoredPassage(passage, source.name, 1.0, 1.0, 1.0))
            place = (document, source.name, None, passage.start, passage.end, passage.text)
            citations.append(Citation(len(found), *place, True))
    text = "\n\n".join(f"{c.quote} [{c.n}]" for c in citations)
    return Answer(text, "quotes", "en", tuple(citations), tuple(found), timings={"total": 1.0})


def _written(text: str, rng: random.Random) -> Answer:
    """A written answer with marks on its statements, or on none, and a notice."""
    cut = rng.randint(0, len(text))
    number = ((cut, min(cut + 3, len(text))),) if cut < len(text) else ()
    marked = Statement(0, cut, "verified", (1,)), Statement(cut, len(text), "unverified", (), number)
    statements = marked if rng.random() < 0.5 else ()
    return Answer(text, "written", "en", statements=statements, notice=text, timings={"total": 1.0})


def _in_steps(text: str, rng: random.Random) -> list[str]:
    """`text` cut in pieces of 1 to 8 characters."""
    pieces = []
    while text:
        size = rng.randint(1, 8)
        pieces.append(text[:size])
        text = text[size:]
    return pieces
