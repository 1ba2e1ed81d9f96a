"""Milliseconds of a script run of the chat page, and from a click to what it shows in Chromium.

    python benchmarks/chat_page.py [--documents 1000] [--turns 100] [--runs 20] [--clicks 160]

A library of so many made documents and the PDFs of the samples; a conversation of so many turns whose answers quote
three of the former and one of the latter, with their passages, beside forty short ones. Clicks are timed in the page,
from the browser's event to the frame in which what was asked for is there: of a marker the name of its document and
the quote marked in its text, of one of a PDF its name and the picture of the page, and of a conversation its last
question and an answer. Prints Markdown.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from documents_page import fill, milliseconds
from shared_sets import REPOSITORY

from ert_core.assistant import Assistant
from ert_core.settings import Settings
from ert_core.types import Answer, Citation, Document, Message, ScoredPassage, Source
from ert_core.ui.chat_messages import SHOWN
from tests.browser import launched_chromium, running_server, visiting

OTHER, LONG = "Another conversation", "The long conversation"
SHORT = 40
ASKED, RUN = 200, 100  # ms
# What a browser draws after a click is not part of the next one.
SETTLED_MS = 500


def add_pdfs(home: Path) -> list[Document]:
    """The PDFs of the samples, read as always."""
    engine = Assistant(Settings.load(home=home))
    files = sorted((REPOSITORY / "samples").glob("*.pdf"))
    for _ in engine.ingest([Source(file.name, path=file) for file in files]):
        pass
    added = [d for d in engine.library.store.documents() if d.media_type == "application/pdf"]
    engine.close()
    return added


def converse(home: Path, documents: int, turns: int, pdfs: list[Document]) -> str:
    """A conversation of so many turns, and short ones beside it; the id of the first."""
    engine = Assistant(Settings.load(home=home))
    store, conversations = engine.library.store, engine.conversations
    ids = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(documents)]
    titles = [(f"A conversation, number {n}", 1) for n in range(SHORT)]
    for title, length in (*titles, (OTHER, 1), (LONG, turns)):
        conversation = conversations.start(title)
        for turn in range(length):
            conversations.add(conversation, Message("user", f"{title}, question {turn}?"))
            pdf = pdfs[turn % len(pdfs)]
            cited = [*(ids[(turn * 3 + n) % documents] for n in range(3)), pdf.id]
            found = []
            for document in cited:
                held = list(store.passages(store.passage_ids_of(document)).values())
                found.append(ScoredPassage(held[turn % len(held)], document[:8], 1.0, 1.0, 1.0))
            citations = tuple(
                Citation(n, p.document_id, f"{p.document_id[:8]}.pdf", p.page, p.start, p.end, p.text, True)
                for n, p in enumerate((f.passage for f in found), start=1)
            )
            text = "\n\n".join(f"{c.quote} [{c.n}]" for c in citations)
            answer = Answer(text, "quotes", "en", citations, tuple(found), timings={"search": 0.1, "total": 0.2})
            conversations.add(conversation, Message("assistant", text, answer))
    engine.close()
    return conversation


def script_run(conversation: str, runs: int) -> str:
    """The median of some runs of the page, in this process."""
    from streamlit.testing.v1 import AppTest

    from ert_core.ui.session import assistant

    assistant.clear()
    page = AppTest.from_file(str(REPOSITORY / "pages" / "main.py"), default_timeout=120)
    page.query_params["c"] = conversation
    page.run()
    assert not page.exception, page.exception
    shown = milliseconds(page.run, runs)
    assistant().close()
    return shown


# Resolves to the milliseconds from the next click to the first frame for which `shown(argument)` holds.
TIMED = """
([shown, argument]) => {
  const panelShown = () => [...document.querySelectorAll("[data-testid=stColumn]")].at(-1);
  const isShown = {
    quote: ([name, quote]) => {
      const panel = panelShown();
      const marked = [...panel.querySelectorAll(".stMarkdownColoredBackground")].map((e) => e.innerText).join(" ");
      return panel.innerText.includes(name) && marked.replace(/\\s+/g, " ").includes(quote);
    },
    picture: ([name, before]) => {
      const panel = panelShown();
      const picture = panel.querySelector("[data-testid=stImage] img");
      return panel.innerText.includes(name) && picture?.complete && picture.src !== before;
    },
    conversation: (question) =>
      [...document.querySelectorAll("[data-testid=stChatMessage] p")].some((e) => e.innerText.trim() === question) &&
      document.querySelector(".ert-answer") !== null,
  }[shown];
  window.ertTimed = new Promise((resolve) => {
    const wait = (began) => {
      if (isShown(argument)) resolve(performance.now() - began);
      else if (performance.now() - began > 20000) resolve(null);
      else requestAnimationFrame(() => wait(began));
    };
    addEventListener("click", (event) => wait(event.timeStamp), { capture: true, once: true });
  });
}
"""
PICTURE = """() => document.querySelector("[data-testid=stImage] img")?.src ?? null"""


def clicks(home: Path, conversation: str, number: int, turns: int) -> dict[str, list[float]]:
    """Milliseconds of the clicks of each kind, in turns."""
    taken: dict[str, list[float]] = {"a marker": [], "a marker of a PDF": [], "a conversation": []}
    cited = cited_at_the_end(home, conversation)

    with launched_chromium() as browser, running_server(home) as server, visiting(browser, server, "en-GB") as visit:
        page = visit.open(f"?c={conversation}")

        def timed(kind: str, target: Any, shown: str, argument: object) -> None:
            page.wait_for_timeout(SETTLED_MS)
            target.scroll_into_view_if_needed()
            page.evaluate(TIMED, [shown, argument])
            target.click()
            milliseconds_taken = page.evaluate("window.ertTimed")
            assert milliseconds_taken is not None, f"{argument} is not shown"
            taken[kind].append(milliseconds_taken)

        for n in range(number):
            if n % 2 == 0:
                back, place = n // 2 % len(cited), (n // 2 + 1) % 3  # not the first, which is shown already
                page.locator(".ert-answer").nth(len(cited) - 1).wait_for()
                markers = page.locator(".ert-answer").nth(len(cited) - 1 - back).locator(".ert-marker")
                quoted, pdf = cited[-1 - back][place], cited[-1 - back][3]
                quote = " ".join(quoted.quote.split())[:40]
                timed("a marker", markers.nth(place), "quote", [quoted.document, quote])
                timed("a marker of a PDF", markers.nth(3), "picture", [pdf.document, page.evaluate(PICTURE)])
            to, last = (OTHER, 0) if n % 2 == 0 else (LONG, turns - 1)
            button = page.get_by_test_id("stSidebar").get_by_role("button").get_by_text(to).first
            timed("a conversation", button, "conversation", f"{to}, question {last}?")
    return taken


def cited_at_the_end(home: Path, conversation: str) -> list[tuple[Citation, ...]]:
    """The citations of each of the answers that the page draws at first."""
    engine = Assistant(Settings.load(home=home))
    messages = engine.conversations.messages(conversation, latest=2 * SHOWN)
    engine.close()
    return [message.answer.citations for message in messages if message.answer is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--clicks", type=int, default=160)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        home = Path(base, "home")
        os.environ["ERT_HOME"] = str(home)
        fill(home, options.documents)
        conversation = converse(home, options.documents, options.turns, add_pdfs(home))
        print(f"| {options.documents} documents, {options.turns} turns | median, ms | 95 %, ms | asked |")
        print("|---|---|---|---|")
        print(f"| a script run of the chat page | {script_run(conversation, options.runs)} | | < {RUN} |")
        for kind, taken in clicks(home, conversation, options.clicks, options.turns).items():
            late = statistics.quantiles(taken, n=20)[-1]
            print(f"| a click on {kind} | {statistics.median(taken):.0f} | {late:.0f} | {ASKED}, 95 %: 500 |")
    print(f"\nLoad average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
