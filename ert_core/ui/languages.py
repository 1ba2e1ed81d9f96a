"""The names of languages, those of a document or that a model knows, in the reader's own."""

from __future__ import annotations

from collections.abc import Sequence

from ert_core.ui.session import t

_NAMED = (
    "fr",
    "en",
    "es",
    "de",
    "it",
    "pt",
    "nl",
    "ca",
    "la",
    "pl",
    "ro",
    "sv",
    "da",
    "ru",
    "uk",
    "tr",
    "ar",
    "zh",
    "ja",
)


def language_name(code: str) -> str:
    """ "français" of "fr"; a code without a name stays as it is."""
    return t(f"language.{code}") if code in _NAMED else code


def named_languages(codes: Sequence[str]) -> str:
    """ "français, anglais et 27 autres" of ("fr", "en", "+27"); a code without a name stays as it is."""
    names = [language_name(code) for code in codes if not code.startswith("+")]
    others = sum(int(code) for code in codes if code.startswith("+"))
    listed = ", ".join(names)
    return t("settings.languages_more", languages=listed, count=others) if others else listed
