"""Damaged files of every format, and bombs, through `load` with its child process."""

from __future__ import annotations

import gc
import io
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import psutil

from ert_core import cpu_budget
from ert_core.errors import LoaderError
from ert_core.loaders import child, loading
from ert_core.loaders.formats import media_type, suffix_of
from ert_core.loaders.limits import Limits
from ert_core.loaders.request import Request
from ert_core.locale import LANGUAGES
from ert_core.types import LoadedDocument, Page
from trials.bomb_files import BOMBS
from trials.sound_files import sound_files, with_parts
from trials.trial import Trial

SHARED = Path(os.environ.get("ERT_SHARED") or Path(__file__).resolve().parents[2] / "shared")
WORKERS = 2
MOST_GROWTH = 100 * 10**6  # bytes
BOMB_SECONDS = 5.0
_LIMITS = Limits()
_ENDING_SECONDS = 10.0  # beyond the wall limit, to end and to wait for a child on a busy machine
_PEAK_RESET = Path("/proc/self/clear_refs")
_PIECE = 100_000
_UNSEEN = re.compile("[\x00\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_EXTREMES = (b"0", b"-1", b"1", b"65536", b"2147483647", b"4294967295", b"99999999999999999999", b"1e999", b"0.00001")


def cut(rng: Random, content: bytes, other: bytes) -> bytes:
    """Its end or a piece of its middle is gone."""
    at = rng.randrange(len(content))
    return content[:at] + (content[at + rng.randint(1, 5000) :] if rng.random() < 0.5 else b"")


def bits_flipped(rng: Random, content: bytes, other: bytes) -> bytes:
    """Some bits are others."""
    flipped = bytearray(content)
    for _ in range(rng.choice((1, 10, 200))):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def overwritten(rng: Random, content: bytes, other: bytes) -> bytes:
    """A piece is noise, or zeros."""
    at, size = rng.randrange(len(content)), rng.choice((1, 16, 512, 4096))
    return content[:at] + rng.choice((rng.randbytes(size), bytes(size))) + content[at + size :]


def spliced(rng: Random, content: bytes, other: bytes) -> bytes:
    """It goes on as another file, or has a piece of one in it."""
    at, start = rng.randrange(len(content)), rng.randrange(len(other))
    if rng.random() < 0.5:
        return content[:at] + other[start:]
    return content[:at] + other[start : start + rng.randint(1, 5000)] + content[at:]


def numbers_changed(rng: Random, content: bytes, other: bytes) -> bytes:
    """Some of its numbers (lengths, offsets, counts) are extreme."""
    found = [m.span() for m in re.finditer(rb"\d+", content)]
    for start, end in sorted(rng.sample(found, min(len(found), rng.choice((1, 5)))), reverse=True):
        content = content[:start] + rng.choice(_EXTREMES) + content[end:]
    return content


_DAMAGES = (cut, bits_flipped, overwritten, spliced, numbers_changed)


def damaged(rng: Random, content: bytes, other: bytes) -> tuple[bytes, str]:
    """`content` after one to three damages, and what they are; an archive also within one of its parts."""
    if content.startswith(b"PK") and rng.random() < 0.6:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = rng.choice([name for name in archive.namelist() if archive.getinfo(name).file_size])
            changed, told = damaged(rng, archive.read(part), other)
        return with_parts(content, {part: changed}), f"{told} in {part}"
    damages = [rng.choice(_DAMAGES) for _ in range(rng.randint(1, 3))]
    for damage in damages:
        content = damage(rng, content or b"\0", other)
    return content, ", ".join(damage.__name__ for damage in damages)


def originals(rng: Random) -> list[tuple[str, bytes]]:
    """(name, content) of the files that are damaged: made ones, then those of the shared corpus where it is."""
    corpus = sorted((SHARED / "corpus" / "pdf").glob("*.pdf"))
    return sound_files(rng) + [(path.name, path.read_bytes()) for path in corpus]


def malformed(count: int, rng: Random, folder: Path, broken: bool) -> list[str]:
    """Every original in turn, each try another damage; two threads."""
    sound = originals(rng)
    seeds = [str(rng.random()) for _ in range(count)]

    def tried(number: int) -> list[str]:
        chosen = Random(seeds[number])
        name, content = sound[number % len(sound)]
        content, told = damaged(chosen, content, chosen.choice(sound)[1])
        found = wrong_ends(name, content, _LIMITS.wall_seconds + _ENDING_SECONDS, time.monotonic)
        return [f"try {number}, {name}, {told}: {f}" for f in found]

    with watched(broken) as found, ThreadPoolExecutor(1 if broken else WORKERS) as pool:
        for failures in pool.map(tried, range(count)):
            found += failures
    return found


def bombs(count: int, rng: Random, folder: Path, broken: bool) -> list[str]:
    """Every kind in turn, each try with other sizes."""
    failures: list[str] = []
    for number in range(count):
        make = BOMBS[number % len(BOMBS)]
        name, content = make(Random(str(rng.random())))
        with watched(broken) as found:
            found += wrong_ends(name, content, BOMB_SECONDS, _cpu_seconds)
        failures += [f"try {number}, {make.__name__}, {name}: {f}" for f in found]
    return failures


def wrong_ends(name: str, content: bytes, seconds: float, clock: Callable[[], float]) -> list[str]:
    """What is wrong with how reading this file ends: not a document and no error for people, or too late."""
    began = clock()
    try:
        found = _wrong_text(loading.load(name, content))
    except LoaderError as error:
        said = [part for language in LANGUAGES for part in error.in_language(language)]
        found = [] if all(said) else [f"{error.code} has no sentence"]
    except Exception as error:
        found = [f"{type(error).__name__}: {str(error)[:200]}"]
    took = clock() - began
    return found if took <= seconds else [*found, f"after {took:.1f} s"]


def _cpu_seconds() -> float:
    """Of this process and its children that ended: what other programs take meanwhile does not count."""
    return time.process_time() + sum(os.times()[2:4])


def _wrong_text(loaded: LoadedDocument) -> list[str]:
    found = []
    if len(loaded.pages) > _LIMITS.pages:
        found.append(f"{len(loaded.pages)} pages")
    for page in loaded.pages:
        if unseen := _UNSEEN.search(page.text):
            found.append(f"page {page.number} holds U+{ord(unseen.group()):04X}")
    size = 0 if found else sum(_size(page.text) for page in loaded.pages)
    return found if size <= _LIMITS.output_bytes else [*found, f"{size} bytes of text"]


def _size(text: str) -> int:
    """Bytes in UTF-8; counted piece by piece, for this memory is watched."""
    return sum(len(text[at : at + _PIECE].encode()) for at in range(0, len(text), _PIECE))


@contextmanager
def watched(broken: bool) -> Iterator[list[str]]:
    """The failures of what runs within, to which its memory and its children are added; no CPU budget slows it.

    Broken, files are parsed in this very process.
    """
    cpu_budget.apply(100)
    gc.collect()
    before = set(psutil.Process().children(recursive=True))
    found: list[str] = []
    if _PEAK_RESET.exists():
        _PEAK_RESET.write_text("5")
    start = _most_resident()
    with mock.patch.object(loading, "run_child", _in_this_process if broken else loading.run_child):
        yield found
    grown = _most_resident() - start
    if grown > MOST_GROWTH:
        found.append(f"memory grew by {grown / 10**6:.0f} MB")
    found += [f"child {left.pid} is left" for left in set(psutil.Process().children(recursive=True)) - before]


def _most_resident() -> int:
    """Bytes: the most since the last reset on Linux (proc(5), VmHWM), elsewhere what is resident now."""
    if _PEAK_RESET.exists():
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])
    return int(psutil.Process().memory_info().rss)


def _in_this_process(name: str, content: bytes, family: str, **_: Any) -> LoadedDocument:
    """In place of the child: without limits, and what a parser raises is let through."""
    family, pages = child.parse(content, Request(family, suffix_of(name), None, _LIMITS))
    return LoadedDocument(media_type(family, ""), tuple(Page(number, text) for number, text in pages))


TRIALS = [
    Trial(
        "malformed-files",
        "files of every format cut, bits flipped, spliced with another",
        6000,
        "a document or an error for people within the limits; memory, processes and text stay clean",
        malformed,
        "parsed in the same process, exceptions let through",
        10,
    ),
    Trial(
        "bombs",
        f"bombs: {len(BOMBS)} kinds of archives, documents and texts",
        40,
        f"refused or read within {BOMB_SECONDS:.0f} s of CPU time; memory grows by at most {MOST_GROWTH // 10**6} MB",
        bombs,
        "parsed in the same process, exceptions let through",
        3,
    ),
]
