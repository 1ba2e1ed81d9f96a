"""Names that lead elsewhere, that are none, or that look like something else: added as bytes and as real files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from unittest import mock

from ert_core import loaders
from ert_core.assistant import Assistant
from ert_core.library import Library
from ert_core.loaders import loading
from ert_core.locale import LANGUAGES
from ert_core.sources import collect
from ert_core.types import Source
from ert_core.ui.markdown import JOINER, escaped
from trials.stub import stub_engine, text_of
from trials.trial import Trial

CANARY = "canary.txt"
_DEPTH = 4  # folders between the data directory and the folder of the trial: each holds a canary
_STATUSES = ("added", "duplicate", "empty", "failed")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
_SUFFIXES = (".txt", ".md", ".csv", ".html", ".py", ".json")
_WINDOWS = ("CON", "nul", "PRN.txt", "aux.md", "COM1.txt", "LPT¹.txt", "a.txt:b", "a.txt::$DATA", "a.txt.", "a.txt ")
_MARKDOWN = (
    *("[a](javascript:alert(1))", "![a](http://127.0.0.1:9/a.png)", "**a**", "# a", "- a", "1. a", "> a", "`a`"),
    *("$a^2$", "| a | b |", ":red[a]", ":material/delete:", ":smile:", "<->", "https://x.invalid/a", "a\\", "[^1]"),
)
_HTML = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "<!--", "</div><h1>a", "<a href='x'>a"),
    *("&#60;b&#62;", "<svg/onload=alert(1)>", "<iframe srcdoc='a'>"),
)
_LOOK_ALIKES = (
    *("․․/", "‥/", "．．／", "..∕", "..⁄", "..%2f", "%2e%2e/", "..%c0%af", "..\uff3c", "..\u2216", ".\u200b./"),
    *("раypal", "ﬁle"),
)
_BREAKS = ("\n", "\r", "\r\n", "\n\n    ", "\n# ", "\n- ", "\n\n---\n", "\u2028", "\x85", "\v")
_DIRECTIONS = ("\u202e", "\u202d", "\u2067", "\u2066", "\u200f", "\u061c")
_CODE = ("'; DROP TABLE documents; --", "{message}", "{0.__class__}", "%s%n%x", "$(touch a)", "-rf", "--home=a", "~a")
_ELSEWHERE = ("C:\\", "C:", "c:/", "\\\\server\\share\\", "//server/share/", "\\\\?\\C:\\", "file:///")


def names(rng: Random, home: Path, number: int) -> str:
    """One name; the kinds take turns."""
    suffix = rng.choice(_SUFFIXES)
    canary = home.parents[rng.randrange(_DEPTH)] / CANARY
    up = "../" * rng.randint(1, _DEPTH)
    kinds: list[Callable[[], str]] = [
        lambda: up + CANARY,
        lambda: str(canary),
        lambda: up.replace("/", "\\") + CANARY,
        lambda: rng.choice(_ELSEWHERE) + CANARY,
        lambda: rng.choice((up + CANARY + "\0", "a\0b", f"{canary}\0", "\0")) + suffix,
        lambda: rng.choice(("é" * 130, "a" * 251, "a" * 252, "雨" * 100, "a/" * 3000, "a" * 100_000)) + suffix,
        lambda: rng.choice(_WINDOWS),
        lambda: rng.choice(_LOOK_ALIKES) + CANARY,
        lambda: "a" + rng.choice(_BREAKS) + "b" + suffix,
        lambda: rng.choice(_MARKDOWN) + suffix,
        lambda: rng.choice(_HTML) + suffix,
        lambda: rng.choice(("caf\udce9", "\ud83d", "\udc00\ud800", "a\udcff/")) + suffix,
        lambda: "a" + rng.choice(_DIRECTIONS) + "txt.exe" + rng.choice(("", suffix)),
        lambda: rng.choice(("", " ", "\t", "\u200b", "\ufeff", "\u3164")),
        lambda: rng.choice((".", "..", "...", "." * 200, ".txt", "./", "../", "/", "\\")),
        lambda: "a" + rng.choice(("\u0301", "\u0301\u0323", "\u20dd", "\u0e49")) * rng.choice((60, 5000)) + suffix,
        lambda: rng.choice(_CODE) + suffix,
        lambda: rng.choice(("README.md", "trials/stub.py", "ert.sqlite3", "settings.toml", str(home / "ert.sqlite3"))),
    ]
    return kinds[number % len(kinds)]()


def file_names(count: int, rng: Random, folder: Path, broken: bool) -> list[str]:
    """Each name with bytes, then as a file of a folder where the system allows it."""
    home = folder.joinpath(*"abcd"[:_DEPTH], "home")
    home.mkdir(parents=True)
    canaries = [f"The canary of level {n} is {rng.randrange(10**12)}." for n in range(_DEPTH)]
    for place, text in zip(home.parents, canaries, strict=False):
        (place / CANARY).write_text(text)
    inbox = folder / "inbox"
    inbox.mkdir()
    failures: list[str] = []
    read = Library.read
    with (
        mock.patch.object(loaders, "load", loading.load),  # another trial may have left its stub there
        mock.patch.object(Library, "read", _reading_by_name(folder, home) if broken else read),
    ):
        engine = stub_engine(home, parse=True)
        before = _listing(folder, home, inbox)
        for number in range(count):
            name = names(rng, home, number)
            text = text_of(rng, 3)
            found = _added(engine, Source(name, text.encode()), text, canaries)
            text = text_of(rng, 3)
            for source in _as_files(name, inbox, home, text):
                found += [f"as a file: {f}" for f in _added(engine, source, text, canaries)]
            after = _listing(folder, home, inbox)
            found += sorted({f"{path} has changed" for path, _ in before ^ after})
            before = after
            failures += [f"try {number}, {name[:80]!a}: {f}" for f in found]
        engine.close()
    return failures


def _as_files(name: str, inbox: Path, home: Path, text: str) -> Iterator[Source]:
    """The source of a file of this name, beside a link to a canary; none where there can be no such file."""
    place, link = inbox / name, inbox / "link.txt"
    if place.parent != inbox:
        return
    try:
        place.write_text(text)
    except (OSError, ValueError):  # too long, a NUL, or letters that this system's names have not
        return
    link.symlink_to(home.parent / CANARY)
    # What a folder leaves out, by its suffix or its dot, can still be named itself.
    yield from collect([inbox], loaders.SUPPORTED_SUFFIXES).sources or collect([place], frozenset()).sources
    link.unlink()
    place.unlink()


def _added(engine: Assistant, source: Source, text: str, canaries: list[str]) -> list[str]:
    """What is wrong after this source was added: its status, what the library holds, and how its name is shown."""
    found: list[str] = []
    try:
        report = [e.report for e in engine.ingest([source]) if e.report is not None][-1]
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    if report.status not in _STATUSES:
        found.append(f"status {report.status}")
    told = report.error
    if told is not None and (told.code == "unexpected" or not all(map(all, map(told.in_language, LANGUAGES)))):
        found.append(f"no sentence for people: {told.code}")
    shown = report.name
    for document in engine.library.store.documents():
        held = engine.library.store.text(document.id) or ""
        if any(canary in held for canary in canaries):
            found.append("a canary is in the library")
        if document.id == report.document_id:
            shown = document.name
            if report.status == "added" and " ".join(held.split()) != " ".join(text.split()):
                found.append("the library holds another text than was given")
        engine.library.remove(document.id)
    return found + _not_as_text(shown)


def _not_as_text(name: str) -> list[str]:
    """What a page would make of a name, shown as pages do: markup, several lines, or what cannot be sent."""
    shown = escaped(name)
    rest = _ESCAPED.sub("", shown.replace(JOINER, ""))
    found = []
    if markup := _MARKUP.search(rest):
        found.append(f"shown with a raw {markup.group()!r}")
    if len(rest.splitlines()) > 1:
        found.append("shown on several lines")
    if rest != rest.encode("utf-8", "replace").decode():
        found.append("shown with a surrogate")
    if any(direction in rest for direction in _DIRECTIONS):
        found.append("shown with a mark that turns its direction")
    return found


def _listing(folder: Path, *without: Path) -> set[tuple[Path, tuple[int, int]]]:
    """The files of a folder with their sizes and times of change (ns), but for some folders in it."""
    listed = set()
    for path in folder.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(other) for other in without):
            state = path.stat()
            listed.add((path, (state.st_size, state.st_mtime_ns)))
    return listed


def _reading_by_name(folder: Path, home: Path) -> Callable[[Library, Source], bytes]:
    """A library that takes the name for a path below its directory: the broken step."""

    def read(library: Library, source: Source) -> bytes:
        path = Path(os.path.normpath(home / source.name.replace("\0", "")))
        if path.is_file():
            return path.read_bytes()
        if path.is_relative_to(folder):  # the trial itself writes nowhere else
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.content or b"")
        return source.content or b""

    return read


TRIALS = [
    Trial(
        "file-names",
        "file names: `../`, absolute, UNC, NUL, 255+ bytes, reserved, look-alikes, newline, Markdown, HTML, surrogates",
        150,
        "nothing read or written outside the data directory, a status, shown as plain text on one line, not turned",
        file_names,
        "the name is used as a path",
        4,
    )
]
