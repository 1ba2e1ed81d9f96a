"""Does a passage support a statement: numbers, names, negation and meaning, in both languages and across."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ert_core.embeddings import SentenceTransformerEmbeddings
from tests.judging import Judge, judge_with

REPOSITORY = Path(__file__).resolve().parents[1]
WELL = (
    "Le puits Zéphyr, foré en juin 2014 par Aquilon, descend à 63 m. L'eau est captée entre 41 et 58 m. "
    "Son débit n'a jamais dépassé 1 200 litres par heure. Le maire n'a pas autorisé un second puits."
)
KILN = (
    "The kiln was rebuilt in 1951 and fires bricks at 1,050 °C. Percy Nash ran it until 1977. "
    "It does not burn coal. Each firing takes forty hours and yields 6,000 bricks."
)


@pytest.fixture
def judge(embeddings: SentenceTransformerEmbeddings) -> Judge:
    """Judge a statement in a language against a passage, with the real MiniLM."""
    return judge_with(embeddings)


@pytest.mark.parametrize(
    ("statement", "passage", "language", "reason"),
    [
        ("Le puits Zéphyr a été foré par Aquilon en juin 2014.", WELL, "fr", ""),
        ("Le puits Zéphyr a été foré par Aquilon en juin 2015.", WELL, "fr", "number"),
        ("Le puits Zéphyr a été foré par Borée en juin 2014.", WELL, "fr", "name"),
        ("Le puits Zéphyr descend à soixante-trois mètres.", WELL, "fr", ""),
        ("Le puits Zéphyr descend à 63 km.", WELL, "fr", "number"),
        ("Le puits Zéphyr descend à 58 m.", WELL, "fr", "number"),
        ("Le maire n'a pas autorisé de second puits.", WELL, "fr", ""),
        ("Le maire a autorisé un second puits.", WELL, "fr", "negation"),
        ("Le puits Zéphyr alimente une piscine.", WELL, "fr", "meaning"),
        ("The kiln, rebuilt in 1951, fires bricks at 1050 °C.", KILN, "en", ""),
        ("The kiln, rebuilt in 1977, fires bricks at 1050 °C.", KILN, "en", "number"),
        ("Each firing takes 40 hours and yields 6000 bricks.", KILN, "en", ""),
        ("Each firing takes 14 hours and yields 6000 bricks.", KILN, "en", "number"),
        ("Until 1977 the kiln was run by Percy Nash.", KILN, "en", ""),
        ("Until 1977 the kiln was run by Edwin Nash.", KILN, "en", "name"),
        ("The kiln burns coal.", KILN, "en", "negation"),
        ("The kiln doesn't burn coal.", KILN, "en", ""),
        ("The kiln belongs to the village cooperative.", KILN, "en", "meaning"),
        # a conversion is not looked for: better unverified than guessed
        ("Each firing takes 2,400 minutes.", KILN, "en", "number"),
    ],
)
def test_what_is_said_must_be_what_stands_there(
    judge, statement: str, passage: str, language: str, reason: str
) -> None:  # type: ignore[no-untyped-def]
    found = judge(statement, passage, language)
    assert found.reason == reason and found.supported is (reason == "")
    assert 0 <= found.score <= 1


def test_every_sentence_supports_itself_and_points_at_itself(judge) -> None:  # type: ignore[no-untyped-def]
    for passage, language in ((WELL, "fr"), (KILN, "en")):
        for sentence in passage.split(". "):
            found = judge(sentence, passage, language)
            assert found.supported, sentence
            assert sentence.rstrip(".") in passage[found.start : found.end]


def test_across_languages_numbers_and_names_decide_and_words_do_not_block(judge) -> None:  # type: ignore[no-untyped-def]
    passage = "The Corvel dam was built in 1931. It is 74 m high."
    assert judge("Le barrage de Corvel, Corvel dam, fut construit en 1931.", passage, "fr").supported
    assert judge("Le barrage de Corvel fut construit en 1913.", passage, "fr").reason == "number"
    assert judge("Le barrage de Morvel fut construit en 1931.", passage, "fr").reason == "name"


@pytest.mark.thorough
def test_the_labelled_statements_are_judged_as_well_as_published(embeddings: SentenceTransformerEmbeddings) -> None:
    """Precision and recall on a part of the labelled set; the whole is measured by benchmarks/citation_check.py."""
    sys.path.insert(0, str(REPOSITORY / "benchmarks"))
    try:
        from citation_check import judged, measures
    finally:
        sys.path.pop(0)
    path = REPOSITORY / "tests" / "data" / "statements.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 240 and {row["split"] for row in rows} == {"tune", "test"}
    part = [row for row in rows if row["passage"] in {r["passage"] for r in rows[::40]}]
    found = measures(judged(part, embeddings))
    assert len(part) > 60
    assert (found["precision"] or 0) >= 0.9 and (found["recall"] or 0) >= 0.75
