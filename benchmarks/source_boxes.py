"""How often the marks on a PDF page lie over the right words: every sentence of real files, as Markdown.

    python benchmarks/source_boxes.py [FOLDER ...] [--misses]

FOLDERs hold PDF files; without one, the shared corpus and samples/. A sentence is *right* when the letters that
pdfium has under its boxes are its own: 95 of 100 of the one among the other, both ways; *exact* when they are the same
letters in the same order. A line of another document's words is the negative: nothing may be marked for it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401 - the thread limits come first
from ert_core.errors import LoaderError  # noqa: E402
from ert_core.loaders import load  # noqa: E402
from ert_core.loaders.pdf_boxes import Box, quote_boxes, read_characters  # noqa: E402
from ert_core.loaders.pdf_quotes import QuoteFinder, fold  # noqa: E402
from ert_core.sentences import sentence_spans  # noqa: E402

RIGHT = 0.95
NEGATIVE = "The lighthouse keeper of Dunvarra painted eleven wooden boats before the autumn gales of 1893."


@dataclass
class Counts:
    """Of some pages: their sentences, those found, with the right letters, with exactly them; false marks."""

    pages: int = 0
    sentences: int = 0
    found: int = 0
    right: int = 0
    exact: int = 0
    false: int = 0


def letters_under(text_page, boxes: Sequence[Box]) -> str:  # type: ignore[no-untyped-def]
    """The folded letters of the characters whose middle lies in one of the boxes, in pdfium's order."""
    from pypdfium2 import raw

    characters = read_characters(text_page)
    under = []
    for n, character in enumerate(characters):
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        if not character.isspace() and raw.FPDFText_GetCharBox(text_page, n, left, right, bottom, top):
            x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
            if any(a <= x <= c and b <= y <= d for a, b, c, d in boxes):
                under.append(character)
    return fold("".join(under)).letters


def is_right(quote: str, under: str) -> bool:
    """Whether the letters under the boxes are the quote's, but for one in twenty."""
    common = (Counter(quote) & Counter(under)).total()
    return common >= RIGHT * len(quote) and common >= RIGHT * len(under)


def measured(content: bytes, texts: Sequence[str], misses: list[str]) -> Counts:
    """All sentences of one PDF, whose pages have these `texts`."""
    import pypdfium2

    counts = Counts()
    document = pypdfium2.PdfDocument(content)
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        counts.pages += 1
        text_page = document[number - 1].get_textpage()
        characters = read_characters(text_page)
        finder = QuoteFinder(text, characters)
        for start, end in sentence_spans(text):
            quote = fold(text[start:end]).letters
            if not quote:
                continue
            counts.sentences += 1
            boxes = quote_boxes(text_page, finder.find(start, end))
            under = letters_under(text_page, boxes) if boxes else ""
            counts.found += bool(boxes)
            counts.exact += under == quote
            if is_right(quote, under):
                counts.right += 1
            else:
                misses.append(f"p. {number}: {text[start:end]!r}\n    under the boxes: {under!r}")
        counts.false += bool(QuoteFinder(f"{text}\n{NEGATIVE}", characters).find(len(text) + 1, len(text) + 95))
    return counts


def files(folders: Sequence[Path]) -> Iterator[Path]:
    """The PDF files of the folders."""
    for folder in folders:
        yield from sorted(folder.glob("*.pdf"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--misses", action="store_true", help="list the sentences that are not right")
    options = parser.parse_args()
    shared = Path(os.environ.get("ERT_SHARED") or REPOSITORY.parent / "shared")
    total = Counts()
    print("| file | pages | sentences | found | right | exact | false marks |\n|---|---|---|---|---|---|---|")
    listed: list[str] = []
    for path in files(options.folders or [shared / "corpus" / "pdf", REPOSITORY / "samples"]):
        content = path.read_bytes()
        try:
            texts = [page.text for page in load(path.name, content).pages]
        except LoaderError:
            continue
        misses: list[str] = []
        counts = measured(content, texts, misses)
        if counts.sentences:
            print(_row(path.name, counts))
        listed += [f"{path.name}, {miss}" for miss in misses]
        for field in fields(Counts):
            setattr(total, field.name, getattr(total, field.name) + getattr(counts, field.name))
    print(_row("**all**", total))
    if options.misses:
        print("\n" + "\n".join(listed))


def _row(name: str, counts: Counts) -> str:
    shares = [f"{100 * n / max(1, counts.sentences):.1f} %" for n in (counts.found, counts.right, counts.exact)]
    return f"| {name} | {counts.pages} | {counts.sentences} | {' | '.join(shares)} | {counts.false} |"


if __name__ == "__main__":
    main()
