"""French and English say the same things."""

import re
import string
from pathlib import Path

import pytest

from ert_core import errors
from ert_core.locale import LANGUAGES, best_language, catalogue, text

CORE = Path(__file__).resolve().parents[1] / "ert_core"


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    french, english = (catalogue(language) for language in ("fr", "en"))
    assert french.keys() == english.keys()
    own_words = {k for k in french if k.startswith("cli.argparse.")}  # argparse formats these itself
    assert {k for k in french.keys() - own_words if fields(french[k]) != fields(english[k])} == set()


def test_every_error_of_the_code_has_its_texts() -> None:
    raised = set()
    for path in CORE.rglob("*.py"):
        raised |= set(re.findall(r'\w+Error\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert len(raised) > 20
    for language in LANGUAGES:
        missing = {c for c in raised if f"error.{c}.message" not in catalogue(language)}
        missing |= {c for c in raised if f"error.{c}.remedy" not in catalogue(language)}
        assert missing == set()


def test_every_text_named_in_the_code_exists() -> None:
    used = set()
    for path in [*CORE.rglob("*.py"), *(CORE.parent / "pages").glob("*.py")]:
        used |= set(re.findall(r'\b(?:t|text)\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8")))
    assert len(used) > 40
    assert used - catalogue("fr").keys() == set()


def test_an_error_reads_in_both_languages() -> None:
    error = errors.QuestionError("question_long", length=5000, limit=4000)
    assert "5,000" in error.message and "4,000" in error.message and error.remedy
    assert error.in_language("fr")[0] != error.message
    assert "5\u202f000" in error.in_language("fr")[0]
    with pytest.raises(KeyError):
        text("no.such.text")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("error.other_writer.message", {"program": "ert", "pid": 12345, "since": "12:00"}),
        ("error.batch_line.message", {"line": 12345, "path": "q.jsonl"}),
        ("error.setting_value.message", {"name": "ERT_THREADS", "value": 12345}),
        ("cli.search.k_range", {"most": 12345}),
        ("place.page", {"document": "a.pdf", "page": 12345}),
    ],
)
def test_numbers_that_are_names_keep_their_digits_together(language: str, key: str, values: dict[str, object]) -> None:
    assert "12345" in text(key, language, **values)


@pytest.mark.parametrize(
    ("tags", "language"),
    [("fr-CA,en;q=0.8", "fr"), ("de,fr;q=0.5", "fr"), ("en_GB.UTF-8", "en"), ("C", "en"), (None, "en"), ("es", "en")],
)
def test_the_readers_language(tags: str | None, language: str) -> None:
    assert best_language(tags) == language


def test_french_has_a_decimal_comma() -> None:
    memory = {"model": "m", "need": 1.25, "free": 2.0}
    assert "1,2 Go" in text("error.model_memory_short.message", "fr", **memory)
    assert "1.2 GB" in text("error.model_memory_short.message", "en", **memory)
    assert text("place.page", "fr", document="v1.2.pdf", page=3) == "v1.2.pdf, p. 3", "a name keeps its points"


@pytest.mark.parametrize(
    ("language", "count", "shown"),
    [
        *(("fr", "0", "0 document"), ("fr", 1, "1 document"), ("fr", "1\u202f234", "1\u202f234 documents")),
        *(("en", "0", "0 documents"), ("en", 1, "1 document"), ("en", 11, "11 documents")),
    ],
)
def test_a_word_goes_with_its_number(language: str, count: object, shown: str) -> None:
    assert text("documents.list", language, count=count) == shown
