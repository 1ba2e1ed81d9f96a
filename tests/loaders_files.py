"""Small files of every format, made in memory: no binary is committed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="'
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
DOCX_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def zipped(entries: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def docx(body: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    """A Word document whose body is WordprocessingML."""
    document = f"{head}<w:document {WORD}><w:body>{body}</w:body></w:document>"
    return zipped({"[Content_Types].xml": CONTENT_TYPES, "_rels/.rels": DOCX_RELATIONS, "word/document.xml": document})


def paragraph(text: str, style: str = "") -> str:
    """One paragraph of WordprocessingML."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx_table(rows: Sequence[Sequence[str]]) -> str:
    """A table of WordprocessingML."""
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def epub(chapters: Mapping[str, str], **more: str | bytes) -> bytes:
    """A book whose spine is `chapters` (file name -> XHTML), in order."""
    manifest = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{manifest}</manifest><spine>{spine}</spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    entries: dict[str, str | bytes] = {"mimetype": "application/epub+zip", "META-INF/container.xml": container}
    entries["OEBPS/book.opf"] = package
    entries |= {f"OEBPS/{name}": text for name, text in chapters.items()}
    return zipped(entries | {key.replace("__", "/"): value for key, value in more.items()})


def pdf(pages: Sequence[str | bytes], *, user_password: str | None = None, owner_password: str = "owner") -> bytes:
    """A PDF with one text per page (Helvetica, Windows-1252), its lines below one another;
    bytes are a page's content stream.

    With `user_password` ("" for none to be asked) it is encrypted: RC4, 40 bits (ISO 32000-1, 7.6.3, revision 2).
    """
    streams = [page if isinstance(page, bytes) else _page_stream(page) for page in pages]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(), font]
    file_id = hashlib.md5(b"".join(streams)).digest()
    key, encryption = b"", b""
    if user_password is not None:
        key, encryption = _encryption(user_password, owner_password, file_id)
    for n, stream in enumerate(streams):
        number = 5 + 2 * n
        data = _rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], stream) if key else stream
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents {number} 0 R>>"
        objects += [page.encode(), b"<</Length %d>>stream\n%s\nendstream" % (len(data), data)]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    hex_id = file_id.hex().encode()
    out += b"trailer<</Size %d/Root 1 0 R/ID[<%s><%s>]%s>>\n" % (len(objects) + 1, hex_id, hex_id, encryption)
    return bytes(out + b"startxref\n%d\n%%%%EOF" % start)


def _page_stream(text: str) -> bytes:
    lines = []
    for line in text.split("\n"):
        escaped = line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        lines.append(b"(" + escaped + b")Tj T*")
    return b"BT /F 12 Tf 14 TL 60 780 Td " + b" ".join(lines) + b" ET"


_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _encryption(user_password: str, owner_password: str, file_id: bytes) -> tuple[bytes, bytes]:
    user = (user_password.encode("latin-1") + _PADDING)[:32]
    owner = _rc4(hashlib.md5((owner_password.encode("latin-1") + _PADDING)[:32]).digest()[:5], user)
    permissions = -4
    key = hashlib.md5(user + owner + permissions.to_bytes(4, "little", signed=True) + file_id).digest()[:5]
    values = (permissions, owner.hex().encode(), _rc4(key, _PADDING).hex().encode())
    return key, b"/Encrypt<</Filter/Standard/V 1/R 2/P %d/O<%s>/U<%s>>>" % values


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
