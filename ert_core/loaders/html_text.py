"""A tree of HTML -> readable text: headings "# ", items "- ", a table row a line (`rows.py`).

Nothing is fetched and nothing runs; a link or an image is its text. The tree is walked without
recursion: a hostile page can nest as deep as it likes.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from ert_core.loaders.rows import TableGrid, document_rows

_SKIPPED = frozenset(
    """script style head nav template noscript iframe object embed applet svg canvas button select textarea input
    datalist audio video annotation annotation-xml rp rt""".split()
)
_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure
    footer form header hgroup hr html legend main ol p section summary tbody tfoot thead ul h1 h2 h3 h4 h5 h6 pre li
    table tr td th""".split()
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LARGEST_SPAN = 50
_RAISED = re.compile(r"[0-9+\-−=()n]{1,6}")


def html_to_text(root: Any) -> str:
    """The text of `root` and what is in it."""
    writer = _Writer()
    skipped: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        name = tag.rsplit("}", 1)[-1].lower()
        if event == "start" and skipped is None:
            if name in _SKIPPED or _is_hidden(element):
                skipped = element
            else:
                writer.start(name, element)
                writer.write(element.text)
            continue
        if event == "end" and skipped is None:
            writer.end(name)
        if skipped is element and event == "end":
            skipped = None
        if skipped is None and event != "start" and element is not root:
            writer.write(element.tail)
    return writer.text()


def _is_hidden(element: Any) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") == "navigation"
        or _HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


class _Writer:
    """Collects inline text into lines and lines into blocks."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._inline: list[str] = []
        self._prefix = ""
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._tables: list[TableGrid] = []  # each open table that is not within a cell
        self._rows: list[list[str]] = []  # the cells of each open table row
        self._cells: list[list[str]] = []  # what came before each open cell
        self._spans: list[tuple[bool, int, int]] = []  # heading, columns and rows of each open cell
        self._preformatted = 0
        self._raised: int | None = None

    def start(self, name: str, element: Any) -> None:
        if name == "br":
            self._inline.append("\n")
        elif name == "img":
            self.write(element.get("alt"))
        elif name == "sup":
            self._raised = len(self._inline)
        elif name in _BLOCKS:
            self._start_block(name, element)

    def _start_block(self, name: str, element: Any) -> None:
        if name in ("td", "th"):
            self._flush()
            self._cells.append(self._inline)
            self._spans.append((name == "th", _span(element, "colspan"), _span(element, "rowspan")))
            self._inline = []
            return
        if self._cells:
            # Within a cell every block is a part of one line.
            self._inline.append("\n" if name == "pre" else " ")
        else:
            # A paragraph right inside an item belongs to its line.
            if not (name in ("p", "div") and self._prefix and not self._has_inline()):
                self._flush()
            if name in ("p", "pre", "table", "blockquote", "figure", *_HEADINGS) and not self._prefix:
                self._gap()
        if name in ("ul", "ol"):
            if not self._lists and not self._cells:
                self._gap()
            number = element.get("start") or "1"
            self._lists.append((int(number) if number.isdigit() else 1) if name == "ol" else None)
        elif name == "li":
            self._prefix = self._item_mark()
        elif name in _HEADINGS and not self._cells:
            self._prefix = _HEADINGS[name]
        elif name == "pre":
            self._preformatted += 1
        elif name == "table" and not self._cells:
            self._tables.append(TableGrid())
        elif name == "tr":
            self._rows.append([])
            if self._tables and not self._cells:
                self._tables[-1].start_row()

    def end(self, name: str) -> None:
        if name == "sup" and self._raised is not None:
            raised = "".join(self._inline[self._raised :]).strip()
            if _RAISED.fullmatch(raised):
                self._inline[self._raised :] = [raised.translate(_SUPERSCRIPTS)]
            self._raised = None
        elif name in ("td", "th"):
            if self._cells:
                cell = _one_line("".join(self._inline))
                self._inline = self._cells.pop()
                span = self._spans.pop()
                if self._rows:
                    self._rows[-1].append(cell)
                    if self._tables and not self._cells:
                        self._tables[-1].add(cell, *span)
                else:
                    self._inline.append(f" {cell} ")
        elif name == "tr":
            self._end_row()
        elif name in _BLOCKS:
            self._end_block(name)

    def _end_row(self) -> None:
        cells = self._rows.pop() if self._rows else []
        if not any(cells):
            return
        if self._cells:  # a table within a table is a part of the outer cell
            self._inline.append(" " + " ; ".join(filter(None, cells)) + " ")
        elif not self._tables:  # rows that stand in no table
            self._lines.append(" | ".join(filter(None, cells)))

    def _end_table(self) -> None:
        self._lines += document_rows(self._tables.pop().rows)

    def _end_block(self, name: str) -> None:
        if name == "table" and not self._cells and self._tables:
            self._flush()
            self._end_table()
        if name in ("ul", "ol") and self._lists:
            self._lists.pop()
        if not self._cells:
            self._flush()
            if name in ("p", "pre", "table", "blockquote", "figure", "dl", *_HEADINGS) and not self._lists:
                self._gap()
            if name in ("ul", "ol") and not self._lists:
                self._gap()
        else:
            self._inline.append(" ")
        if name == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if name in ("li", *_HEADINGS):
            self._prefix = ""

    def write(self, text: str | None) -> None:
        if text:
            self._inline.append(text if self._preformatted else _SPACE.sub(" ", text))

    def text(self) -> str:
        self._flush()
        while self._tables:
            self._end_table()
        joined = "\n".join(line.rstrip() for line in self._lines)
        return re.sub(r"\n{3,}", "\n\n", joined).strip("\n")

    def _has_inline(self) -> bool:
        return any(not part.isspace() for part in self._inline)

    def _item_mark(self) -> str:
        if not self._lists:
            return "- "
        number = self._lists[-1]
        indent = "  " * (len(self._lists) - 1)
        if number is None:
            return indent + "- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _gap(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def _flush(self) -> None:
        if self._cells:
            return
        raw = "".join(self._inline)
        self._inline = []
        if not raw.strip():
            return
        if self._preformatted:
            self._lines += raw.strip("\n").split("\n")
            return
        lines = [line for line in (re.sub(" +", " ", part).strip() for part in raw.split("\n")) if line]
        prefix = self._prefix
        if prefix.startswith("#"):
            lines = [" ".join(lines)]
        self._lines += [(prefix if n == 0 else " " * len(prefix)) + line for n, line in enumerate(lines)]
        if prefix and not prefix.startswith("#"):
            # Further paragraphs of the same item stand under it.
            self._prefix = ""


def _span(element: Any, attribute: str) -> int:
    """A span as a browser reads it; a hostile one is kept small."""
    value = (element.get(attribute) or "1").strip()
    return min(int(value), _LARGEST_SPAN) if value.isdecimal() and len(value) < 5 and int(value) > 0 else 1


def _one_line(text: str) -> str:
    return _SPACE.sub(" ", text).strip().replace("|", "/")
