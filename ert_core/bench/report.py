"""The figures of the bench as a table for people."""

from __future__ import annotations

from typing import Any

from ert_core.locale import text


def rows(figures: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """(what, figure) in the order of the steps; what was not measured says so."""

    def line(key: str, value: str, **values: Any) -> tuple[str, str]:
        return text(f"cli.bench.{key}", language, **values), value

    server, imports = figures["server"], figures["imports"]
    paint = server.get("first_paint_s")
    found = [
        line("answers", f"{server['answers_s']} s"),
        line("first_paint", text("cli.bench.no_browser", language) if paint is None else f"{paint} s"),
        line("memory_server", _mb(server["memory_mb"])),
    ]
    found += [line("import", f"{imports[key]} s", library=key[:-2]) for key in imports if key.endswith("_s")]
    found.append(line("memory_imports", _mb(max(v for k, v in imports.items() if k.endswith("_mb")))))
    for budget, seen in _by_number(figures["documents"]):
        value = f"{seen['passages_per_s']}/s, {_cpu(seen, language)}"
        found.append(line("passages", value, budget=budget))
    found.append(line("memory_documents", _mb(figures["documents"]["memory_mb"])))
    for size, seen in _by_number(figures["search"]):
        value = f"{seen['p50_ms']} ms (p95 {seen['p95_ms']} ms), {_mb(seen['memory_mb'])}"
        found.append(line("search", value, passages=int(size)))
    if "model" in figures:
        found += _model(figures["model"], language)
    return found


def _model(model: dict[str, Any], language: str) -> list[tuple[str, str]]:
    def line(key: str, value: str, **values: Any) -> tuple[str, str]:
        return text(f"cli.bench.{key}", language, **values), value

    found = [
        line("load", f"{model['load_s']} s, {model['dtype']}", model=model["model"]),
        line(
            "memory_load",
            f"{_mb(model['memory_before_mb'])} → {_mb(model['memory_peak_mb'])} → {_mb(model['memory_loaded_mb'])}",
        ),
        line("first_cold", f"{model['first_token_cold_s']} s"),
        line("first_warm", f"{model['first_token_warm_s']} s"),
    ]
    per_cpu = text("cli.bench.per_cpu", language)
    for budget, seen in _by_number(model):
        value = f"{seen['tokens_per_s']}/s, {seen['tokens_per_cpu_s']} {per_cpu}, {_cpu(seen, language)}"
        found.append(line("tokens", value, budget=budget))
    found.append(line("memory_answered", _mb(model["memory_answered_mb"])))
    found.append(line("memory_unloaded", _mb(model["memory_unloaded_mb"])))
    return found


def table(figures: dict[str, Any], language: str) -> str:
    """Two columns of text."""
    lines = rows(figures, language)
    width = max(len(what) for what, _ in lines)
    return "\n".join(f"{what.ljust(width)}  {value}" for what, value in lines)


def _by_number(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(key, value) for key, value in figures.items() if key.isdigit()]


def _mb(value: float) -> str:
    return f"{value:.0f} MB"


def _cpu(seen: dict[str, Any], language: str) -> str:
    return text("cli.bench.cpu", language, mean=seen["cpu_mean"], peak=seen["cpu_peak"])
