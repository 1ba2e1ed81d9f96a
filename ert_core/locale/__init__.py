"""The texts a person reads, in French and in English.

One folder a language, one flat JSON file an area in it, the same keys in both languages (a test
compares them). `{name}` in a text is replaced by the value given under that name, a whole number with its thousands
apart; `{name:d}` by its bare digits, for pages, lines and what is typed elsewhere; `{name:page|pages}` by the word
that goes with this number.
"""

from __future__ import annotations

import json
import os
import string
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "en"
# What stands between thousands (CLDR): U+202F in French.
THOUSANDS = {"fr": "\u202f", "en": ","}


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language ("fr" or "en"), by key."""
    texts: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / language).glob("*.json")):
        texts.update(json.loads(path.read_text(encoding="utf-8")))
    return texts


def text(key: str, language: str = DEFAULT_LANGUAGE, /, **values: object) -> str:
    """The text under `key`, with `values` put in. An unknown key raises KeyError: it is a bug."""
    found = catalogue(language)[key]
    return _Formatter(language).vformat(found, (), values) if "{" in found else found


class _Formatter(string.Formatter):
    """str.format with the decimal comma and the thousands of the language, and with singulars and plurals."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, more = format_spec.partition("|")
        if bar:
            return one if str(value) in (("0", "1") if self._language == "fr" else ("1",)) else more
        if format_spec == "d" and not isinstance(value, int):
            format_spec = ""
        elif not format_spec and isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}".replace(",", THOUSANDS[self._language])
        formatted = str(super().format_field(value, format_spec))
        return formatted.replace(".", ",") if self._language == "fr" and isinstance(value, float) else formatted


def terminal_language(chosen: str) -> str:
    """The language to use in a terminal: the one `chosen` ("auto" or "": none), else the system's, else English."""
    for value in (chosen, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))):
        if value and value != "auto":
            return best_language(value)
    return "en"


def best_language(tags: str | None) -> str:
    """The language to use for a browser's or a system's preference ("fr-CA,en;q=0.8", "fr_FR.UTF-8")."""
    for tag in (tags or "").replace(";", ",").split(","):
        primary = tag.strip().lower().replace("_", "-").split("-")[0].split(".")[0]
        if primary in LANGUAGES:
            return primary
    return DEFAULT_LANGUAGE
