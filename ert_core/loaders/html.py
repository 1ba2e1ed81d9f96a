"""HTML pages and their fragments (lxml's parser, no network, no entities of the page's own)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from ert_core.loaders.html_text import html_to_text
from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.text import decode

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,30})""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9_.-]{2,30})""")
# What would end the parser's text early or claim an encoding that was dealt with already.
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """One page without a number."""
    found = _CHARSET.search(content[:4096]) or _XML_ENCODING.search(content[:200])
    yield None, text_of(decode(content, found.group(1).decode("ascii") if found else None))


def text_of(source: str) -> str:
    """The text of an HTML source; its title comes first when no heading does."""
    source = _DECLARATION.sub("", source.replace("\0", ""))
    if not source.strip():
        return ""
    # Given as UTF-8 bytes: lxml refuses some texts that declare an encoding.
    data = source.encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(data, parser)
    if root is None:
        return ""
    text = html_to_text(root)
    title = " ".join((root.findtext(".//title") or "").split())
    first = text.split("\n", 1)[0]
    if title and not re.search(r"^# ", text, re.MULTILINE) and first.lstrip("# ") != title:
        return f"# {title}\n\n{text}".rstrip()
    return text
