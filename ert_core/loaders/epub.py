"""EPUB books: a page per chapter, in the order of the spine (EPUB 3.3, https://www.w3.org/TR/epub-33/)."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lxml import etree

from ert_core.loaders.archive import has_own_definitions, open_archive
from ert_core.loaders.html import text_of
from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.text import decode

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """Chapters numbered from 1. The table of contents of the book itself is left out."""
    with open_archive(content) as archive:
        for number, path in enumerate(_chapters(archive), start=1):
            source = archive.read(path)
            if has_own_definitions(source):
                raise RefusedError("xml_doctype")
            yield number, text_of(decode(source))


def _chapters(archive: zipfile.ZipFile) -> list[str]:
    """Paths of the spine's chapters within the archive, each once as the standard wants it. Raises RefusedError."""
    names = set(archive.namelist())
    package_path = next((e.get("full-path", "") for e in _elements(_xml(archive, _CONTAINER), "rootfile")), "")
    if package_path not in names:
        raise RefusedError("file_damaged")
    package = _xml(archive, package_path)
    folder = posixpath.dirname(package_path)
    items = {item.get("id"): item for item in _elements(package, "item")}
    locked = _locked(archive) if _ENCRYPTION in names else set()
    chapters: dict[str, None] = {}
    for reference in _elements(package, "itemref"):
        item = items.get(reference.get("idref"))
        if (
            item is None
            or item.get("media-type") not in _CHAPTER_TYPES
            or "nav" in (item.get("properties") or "").split()
        ):
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "").split("#")[0]))
        if path in locked:
            raise RefusedError("encryption_unknown")
        if path in names:
            chapters[path] = None
    return list(chapters)


def _locked(archive: zipfile.ZipFile) -> set[str]:
    """What a shop has encrypted (fonts often are, chapters only under rights management)."""
    return {unquote(e.get("URI") or "") for e in _elements(_xml(archive, _ENCRYPTION), "CipherReference")}


def _xml(archive: zipfile.ZipFile, path: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(archive.read(path), parser)
    except (KeyError, etree.XMLSyntaxError) as error:
        raise RefusedError("file_damaged") from error


def _elements(root: Any, name: str) -> list[Any]:
    return [e for e in root.iter() if isinstance(e.tag, str) and e.tag.rsplit("}", 1)[-1] == name]
