"""Zip formats (DOCX, PPTX, XLSX, EPUB): checked from their directory before anything is unpacked."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from ert_core.loaders.refusals import RefusedError

MAX_ENTRIES = 10_000
MAX_TOTAL_BYTES = 500_000_000
MAX_XML_BYTES = 300_000_000
# Deflate cannot pass 1032:1; office XML stays under 100:1 or is small.
MAX_RATIO = 150
RATIO_FROM_BYTES = 5_000_000
_DIRECTORY_ENTRY = b"PK\x01\x02"
_DOCTYPE = re.compile(rb"<!DOCTYPE|<\0!\0D\0O\0C\0T\0Y\0P\0E\0|\0<\0!\0D\0O\0C\0T\0Y\0P\0E", re.IGNORECASE)
# A document type that defines something itself: entities are what a bomb or a leak is made of.
_OWN_DEFINITIONS = re.compile(rb"<!DOCTYPE[^<>\[]{0,1000}\[|<!ENTITY", re.IGNORECASE)
_CHUNK = 1 << 20


def open_archive(content: bytes) -> zipfile.ZipFile:
    """The archive in `content`, nothing unpacked yet. Raises RefusedError."""
    if content.count(_DIRECTORY_ENTRY) > MAX_ENTRIES:
        # Before the directory is read, for each of its entries costs memory; the number that it tells may be untrue.
        raise RefusedError("archive_excessive")
    try:
        return zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError) as error:
        raise RefusedError("file_damaged") from error


def check_archive(content: bytes) -> str:
    """The family ("docx", "pptx", "xlsx", "epub") of an archive that is safe to unpack.

    Raises RefusedError: broken, encrypted, unpacking to too much, holding a DOCTYPE, or of no known family.
    """
    with open_archive(content) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or total > MAX_TOTAL_BYTES or any(_inflated(entry) for entry in entries):
            raise RefusedError("archive_excessive")
        if any(entry.flag_bits & 1 for entry in entries):
            raise RefusedError("encryption_unknown")
        family = _family({entry.filename for entry in entries})
        xml = [entry for entry in entries if entry.filename.lower().endswith((".xml", ".rels", ".opf", ".ncx"))]
        if sum(entry.file_size for entry in xml) > MAX_XML_BYTES:
            raise RefusedError("archive_excessive")
        for entry in xml:
            _refuse_doctype(archive, entry, family)
    return family


def _inflated(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * max(1, entry.compress_size)


def _family(names: set[str]) -> str:
    if "word/document.xml" in names:
        return "docx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "META-INF/container.xml" in names:
        return "epub"
    # Other producers name the main part as they like; the content types tell.
    for family, folder in (("docx", "word/"), ("pptx", "ppt/"), ("xlsx", "xl/")):
        if "[Content_Types].xml" in names and any(name.startswith(folder) for name in names):
            return family
    raise RefusedError("file_damaged")


def _refuse_doctype(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, family: str) -> None:
    # The table of contents of an EPUB 2 (.ncx) names its public document type by rule.
    pattern = _OWN_DEFINITIONS if family == "epub" and entry.filename.lower().endswith(".ncx") else _DOCTYPE
    tail = b""
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                if pattern.search(tail + chunk):
                    raise RefusedError("xml_doctype")
                tail = chunk[-1100:]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise RefusedError("file_damaged") from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma", "_lzma"):
            raise RefusedError("file_damaged") from error
        raise


def has_own_definitions(xml: bytes) -> bool:
    """Whether the head of an XHTML file defines a document type of its own, beyond naming a public one."""
    plain = xml.replace(b"\0", b"")  # UTF-16 reads the same without its zero bytes
    return _OWN_DEFINITIONS.search(plain) is not None
