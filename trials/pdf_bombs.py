"""Small PDF files that would cost much memory or time: each maker gives (name, content), its sizes drawn."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from random import Random

_MEGABYTE = 1 << 20
_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<%b>>/Contents 4 0 R>>"


def flate_chain(rng: Random) -> tuple[str, bytes]:
    """A page's content, deflated again and again."""
    if rng.random() < 0.3:
        depth, data = 1000, b"x"
    else:
        depth = rng.randint(1, 4)
        packer = zlib.compressobj()
        data = b"".join(packer.compress(b" " * _MEGABYTE) for _ in range(rng.randint(100, 900))) + packer.flush()
    for _ in range(min(depth, 10) - 1):
        data = zlib.compress(data)
    stream = b"<</Length %d/Filter[%b]>>stream\n%b\nendstream" % (len(data), b"/FlateDecode" * depth, data)
    return "a.pdf", _pdf(_CATALOG, _ONE_PAGE, _PAGE % b"", stream)


def page_tree(rng: Random) -> tuple[str, bytes]:
    """A million pages: listed, told, or as a tree whose branches are all the same."""
    kind = rng.randrange(3)
    if kind == 0:
        return "a.pdf", _pdf(_CATALOG, b"<</Type/Pages/Count 1000000/Kids[%b]>>" % (b"3 0 R " * 10**6), _PAGE % b"")
    told = rng.choice((b"", b"/Count 1000000", b"/Count 5000", b"/Count 2147483647", b"/Count -1"))
    if kind == 1:
        return "a.pdf", _pdf(_CATALOG, b"<</Type/Pages/Kids[3 0 R]%b>>" % told, _PAGE % b"")
    levels = [b"<</Type/Pages%b/Kids[%b]>>" % (told, b"%d 0 R " % (n + 1) * 10) for n in range(2, 9)]
    return "a.pdf", _pdf(_CATALOG, *levels, _PAGE % b"")


def circles(rng: Random) -> tuple[str, bytes]:
    """A PDF whose tables, pages, lengths or streams lead back to themselves."""
    page, stream = _PAGE % b"", b"<</Length 2>>stream\nq \nendstream"
    one, other = b"<</Type/Pages/Parent 3 0 R/Kids[3 0 R]>>", b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R>>"
    pages, page, stream, trailer = rng.choice(
        (
            (_ONE_PAGE, page, stream, b"/Prev %d"),
            (_ONE_PAGE, page, stream, b"/XRefStm %d"),
            (b"<</Type/Pages/Kids[2 0 R 2 0 R]>>", page, stream, b""),
            (one, other, stream, b""),
            (_ONE_PAGE, page, b"<</Length 4 0 R/Filter 4 0 R>>stream\nq \nendstream", b""),
            (_ONE_PAGE, page, b"<</Type/ObjStm/Extends 4 0 R/N 99999/First 5/Length 4>>stream\n4 0 \nendstream", b""),
        )
    )
    return "a.pdf", _pdf(_CATALOG, pages, page, stream, trailer=trailer)


def forms_in_forms(rng: Random) -> tuple[str, bytes]:
    """Drawings that draw the next one many times."""
    depth, many = rng.randint(6, 12), rng.randint(5, 10)
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
    form = head + b"/Length %d>>stream\n%b\nendstream"
    drawn = b"/X Do " * many
    forms = [form % (n + 1, len(drawn), drawn) for n in range(5, 5 + depth)]
    start = b"<</Length 6>>stream\n/X Do \nendstream"
    return "a.pdf", _pdf(_CATALOG, _ONE_PAGE, _PAGE % b"/XObject<</X 5 0 R>>", start, *forms, form % (5, 2, b"q "))


def huge_image(rng: Random) -> tuple[str, bytes]:
    """A picture of up to 4 thousand million columns, a few bytes long."""
    size = rng.choice((100_000, 2**31 - 1, 2**32 - 1))
    filter_name = rng.choice(
        (b"FlateDecode", b"CCITTFaxDecode", b"JPXDecode", b"JBIG2Decode", b"DCTDecode", b"LZWDecode")
    )
    image = (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 16/ColorSpace/DeviceRGB/Filter/%b"
        b"/DecodeParms<</Columns %d/Colors 99/Predictor 15/K -1>>/Length 8>>stream\nx\x9c\x03\0\0\0\0\1\nendstream"
    ) % (size, size, filter_name, size)
    start = b"<</Length 6>>stream\n/X Do \nendstream"
    return "a.pdf", _pdf(_CATALOG, _ONE_PAGE, _PAGE % b"/XObject<</X 5 0 R>>", start, image)


def _pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, the first its catalogue; a number in `trailer` is where its table stands."""
    out = bytearray(b"%PDF-1.7\n")
    table = b"0000000000 65535 f \n"
    for number, body in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj%b endobj\n" % (number, body)
    start = len(out)
    more = trailer % start if trailer else b""
    out += b"xref\n0 %d\n%btrailer<</Size %d/Root 1 0 R%b>>\n" % (len(objects) + 1, table, len(objects) + 1, more)
    return bytes(out + b"startxref\n%d\n%%%%EOF" % start)


PDF_BOMBS: tuple[Callable[[Random], tuple[str, bytes]], ...] = (
    flate_chain,
    page_tree,
    circles,
    forms_in_forms,
    huge_image,
)
