"""An evaluation as JSON for scripts, and as rows for people. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ert_core.evaluation import HITS, PERCENTILES, Evaluation, Measures
from ert_core.locale import LANGUAGES, text


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The figures in all at the head, those of each language under "languages", and all misses.

    Rates are in [0, 1], latencies in milliseconds; null where there was nothing to measure.
    """
    return {
        **_figures(evaluation.overall),
        "languages": {language: _figures(m) for language, m in evaluation.languages.items()},
        "library": {
            "documents": evaluation.documents,
            "passages": evaluation.passages,
            "characters_per_passage": round(evaluation.library_characters, 1),
        },
        "unknown_documents": list(evaluation.unknown_documents),
        "stopped": evaluation.stopped,
        "misses": [asdict(miss) for miss in evaluation.misses],
    }


def table(evaluation: Evaluation, language: str) -> tuple[list[str], list[list[str]]]:
    """Headers and rows for people, in `language`: a row a measure, a column for all and one a language."""
    groups = {text("quality.all", language): evaluation.overall}
    if len(evaluation.languages) > 1:
        groups |= {_language_name(code, language): m for code, m in evaluation.languages.items()}
    rows = [[label, *(shown(m) for m in groups.values())] for label, shown in _rows(evaluation.overall, language)]
    return [text("quality.measure", language), *groups], rows


def markdown_table(evaluations: Mapping[str, Evaluation]) -> str:
    """One Markdown row an evaluation, under its name; in English, for `docs/`."""
    heads = ["", "n", *(f"hit@{k}" for k in HITS), "MRR", "first quote", "one of the quotes", "refused"]
    heads += ["unanswerable", "of these refused", "characters a passage", "p50 / p95 (ms)"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name, evaluation in evaluations.items():
        m = evaluation.overall
        cells = [name, str(m.n), *(number(m.hits[k], "en", 3) for k in HITS)]
        cells += [number(rate, "en", 3) for rate in (m.mrr, m.first_quote, m.any_quote, m.refused)]
        cells += [str(m.unanswerable), number(m.unanswerable_refused, "en", 3)]
        cells += [number(evaluation.library_characters, "en", 0)]
        cells += [f"{number(m.latency_ms[50], 'en', 1)} / {number(m.latency_ms[95], 'en', 1)}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def percentage(rate: float | None, language: str) -> str:
    """A rate in [0, 1] as people read it: "97.5 %"."""
    return "–" if rate is None else f"{number(100 * rate, language, 1)}\u00a0%"


def number(value: float | None, language: str, digits: int) -> str:
    """A number with so many decimals and the decimal mark of the language; a dash for None."""
    if value is None:
        return "–"
    shown = f"{value:.{digits}f}"
    return shown.replace(".", ",") if language == "fr" else shown


def _figures(m: Measures) -> dict[str, Any]:
    return {
        "n": m.n,
        **{f"hit@{k}": _rounded(m.hits[k]) for k in HITS},
        "mrr": _rounded(m.mrr),
        "first_quote": _rounded(m.first_quote),
        "one_of_the_quotes": _rounded(m.any_quote),
        "refused": _rounded(m.refused),
        "unanswerable": m.unanswerable,
        "unanswerable_refused": _rounded(m.unanswerable_refused),
        "characters_per_passage_found": _rounded(m.characters, 1),
        "latency_ms": {f"p{p}": _rounded(m.latency_ms[p], 2) for p in PERCENTILES},
    }


def _rows(overall: Measures, language: str) -> list[tuple[str, Callable[[Measures], str]]]:
    def label(name: str, **values: object) -> str:
        return text(f"quality.table.{name}", language, **values)

    rows: list[tuple[str, Callable[[Measures], str]]] = []
    if overall.n:
        rows.append((label("n"), lambda m: str(m.n)))
        for k in HITS:
            name = label("hit_1") if k == 1 else label("hit", k=k)
            rows.append((name, lambda m, k=k: percentage(m.hits[k], language)))  # type: ignore[misc]
        rows += [
            (label("mrr"), lambda m: number(m.mrr, language, 3)),
            (label("first_quote"), lambda m: percentage(m.first_quote, language)),
            (label("any_quote"), lambda m: percentage(m.any_quote, language)),
            (label("refused"), lambda m: percentage(m.refused, language)),
        ]
    if overall.unanswerable:
        rows += [
            (label("unanswerable"), lambda m: str(m.unanswerable)),
            (label("unanswerable_refused"), lambda m: percentage(m.unanswerable_refused, language)),
        ]
    rows.append((label("characters"), lambda m: number(m.characters, language, 0)))
    for p in PERCENTILES:
        rows.append((label("latency", p=p), lambda m, p=p: number(m.latency_ms[p], language, 1)))  # type: ignore[misc]
    return rows


def _language_name(code: str, language: str) -> str:
    return text(f"language.{code}", language) if code in LANGUAGES else code


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
