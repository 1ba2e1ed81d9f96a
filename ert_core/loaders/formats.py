"""Which family of formats a file belongs to: by its suffix, or by its content where that is plain.

Only the first bytes are looked at: this runs in the parent.
"""

from __future__ import annotations

from ert_core.loaders.loader_errors import refusal

_SUFFIXES_OF_FAMILY = {
    "pdf": ".pdf",
    "docx": ".docx .docm",
    "pptx": ".pptx .pptm",
    "xlsx": ".xlsx .xlsm",
    "epub": ".epub",
    "delimited": ".csv .tsv .tab",
    "html": ".html .htm .xhtml",
    "json": ".json .jsonl .ndjson .geojson .ipynb",
    "text": ".txt .text .log .md .markdown .rst .adoc .org .tex .bib .srt .vtt",
    "code": """.py .pyi .js .mjs .cjs .ts .tsx .jsx .java .kt .scala .c .h .cc .cpp .cxx .hpp .cu .cs .go .rs .rb .php
        .pl .pm .lua .r .jl .m .f .f90 .f95 .for .swift .dart .sh .bash .zsh .ps1 .bat .sql .toml .yaml .yml .ini .cfg
        .conf .properties .xml .xsl .css .scss .vue .tf .gradle .cmake .mk .proto .graphql .vb .pas .asm .hs .ml .clj
        .ex .exs .erl .groovy .nim .zig""",
}
FAMILY_OF_SUFFIX: dict[str, str] = {
    suffix: family for family, suffixes in _SUFFIXES_OF_FAMILY.items() for suffix in suffixes.split()
}
SUPPORTED_SUFFIXES: frozenset[str] = frozenset(FAMILY_OF_SUFFIX)

# Formats a person can bring up to date by saving the file again.
LEGACY_SUFFIXES = frozenset(".doc .dot .xls .xlsb .ppt .pps .rtf .odt .ods .odp .pages .numbers .key .wpd .wps".split())
ARCHIVES = frozenset({"docx", "pptx", "xlsx", "epub"})
TEXTS = frozenset({"delimited", "html", "json", "text", "code"})

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "epub": "application/epub+zip",
    "delimited": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "text": "text/plain",
    "code": "text/plain",
}
_MEDIA_TYPE_OF_SUFFIX = {".md": "text/markdown", ".markdown": "text/markdown", ".tsv": "text/tab-separated-values"}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# First bytes of formats that are certainly not text.
_BINARY = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!"),
    *(b"SQLite format 3", b"\x00\x00\x01\x00", b"\xca\xfe\xba\xbe", b"OggS", b"ID3", b"RIFF", b"II*\x00", b"MM\x00*"),
    *(b"\x28\xb5\x2f\xfd", b"%!PS-Adobe", b"wOFF", b"\xfd7zXZ"),
)  # fmt: skip


def suffix_of(name: str) -> str:
    """The suffix of a file name, lower case with its dot ("" when it has none)."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, suffix = base.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def media_type(family: str, suffix: str) -> str:
    """The media type shown for a file of `family`."""
    return _MEDIA_TYPE_OF_SUFFIX.get(suffix, MEDIA_TYPES[family])


def recognise(name: str, content: bytes) -> str:
    """The family of a file. A PDF is one under any name; an archive must be named like one.

    Raises UnknownFormatError, EncryptedFileError (an office file under a password) or DamagedFileError
    (the content cannot be what the name says).
    """
    suffix = suffix_of(name)
    family = FAMILY_OF_SUFFIX.get(suffix, "")
    if content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(_OLE):
        # An office file under a password is an OLE container that holds this stream.
        if family in ARCHIVES and "EncryptedPackage".encode("utf-16-le") in content:
            raise refusal("encryption_unknown", name)
        raise refusal("format_legacy" if family in ARCHIVES or suffix in LEGACY_SUFFIXES else "content_mismatch", name)
    if content.startswith(_ZIP):
        # A .doc that Word wrote since 2007 is often a .docx: the archive tells.
        if family in ARCHIVES or suffix in (".doc", ".xls", ".ppt"):
            return family or "docx"
        if family:
            raise refusal("content_mismatch", name)
    if not family:
        raise refusal("format_legacy" if suffix in LEGACY_SUFFIXES else "format_unknown", name)
    if not content.strip(b"\x00 \t\r\n"):
        # Nothing in it: an empty text is empty, an empty archive or PDF is damaged.
        if family in TEXTS:
            return "text"
        raise refusal("file_damaged", name)
    if family in ARCHIVES or (family == "pdf" and b"%PDF-" not in content[:1024]):
        raise refusal("content_mismatch" if content.startswith(_BINARY) else "file_damaged", name)
    if family in TEXTS and content.startswith(_BINARY):
        raise refusal("file_binary", name)
    return family
