"""A conversation as a file for people (Markdown) or for programs (JSON), with what each answer cites.

What documents and models say is escaped in Markdown: opened in another program it loads no image, and makes
no link but of what a program takes for an address by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ert_core.locale import text
from ert_core.types import Citation, Message

# What Markdown gives a meaning (https://spec.commonmark.org/0.31.2, GitHub's bare links, strikethrough, formulas):
# anywhere in a line, and at its beginning (headings, lists, quotes, tables). The rest stays as people read it.
_ANYWHERE = re.compile(r"([\\`*_\[\]<~$]|&(?=[#\w])|:(?=//)|(?i:(?<=www))\.|@)")
_AT_START = re.compile(r"^(\d+(?=[.)])|(?=[#+=>|:-]))")


def to_markdown(title: str, messages: Sequence[Message], language: str) -> str:
    """The turns of a conversation in order, under each answer its quotes with document, page and characters."""
    parts = [f"# {_escaped(title)}"]
    for message in messages:
        parts.append(f"## {text(f'export.{message.role}', language)}")
        parts.append("\n\n".join(_escaped(line) for line in message.text.splitlines() if line.strip()))
        if message.answer is not None:
            answer = message.answer
            parts += [_cited(citation, language, moved=answer.was_moved(citation.n)) for citation in answer.citations]
        if message.rating is not None:
            word = text(f"export.rating_{'good' if message.rating > 0 else 'bad'}", language)
            parts.append(f"*{word}*" + (f" {_escaped(message.comment)}" if message.comment else ""))
    return "\n\n".join(part for part in parts if part) + "\n"


def to_json(title: str, messages: Sequence[Message]) -> str:
    """The same with every figure of each answer; its passages are left out, their quotes stand in the citations."""
    return json.dumps({"title": title, "messages": [_data(m) for m in messages]}, ensure_ascii=False, indent=2) + "\n"


def _cited(citation: Citation, language: str, *, moved: bool) -> str:
    where = text("export.place" if citation.page is None else "export.place_page", language, page=citation.page)
    place = text("export.characters", language, start=citation.start, end=citation.end)
    state = text(f"citation.{'unverified' if not citation.verified else 'moved' if moved else 'verified'}", language)
    quote = "\n".join(f"> {_escaped(line)}" for line in citation.quote.splitlines() or [""])
    return f"**\\[{citation.n}\\]** {_escaped(citation.document)}{where}, {place} ({state})\n\n{quote}"


def _escaped(line: str) -> str:
    return _AT_START.sub(r"\1\\", _ANYWHERE.sub(r"\\\1", " ".join(line.split())))


def _data(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = {"role": message.role, "text": message.text, "created_at": message.created_at or None}
    if message.scope is not None:
        data["scope"] = asdict(message.scope)
    if message.answer is not None:
        answer = asdict(message.answer)
        del answer["passages"], answer["earlier_passages"], answer["text"]
        data |= {"answer": answer, "rating": message.rating, "comment": message.comment}
    return data
