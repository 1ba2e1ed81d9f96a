"""axe-core in a page: what it finds that keeps people out (https://github.com/dequelabs/axe-core, MPL-2.0; tests only).

The script lies on the disk, in the package axe-playwright-python. Playwright runs it through the browser's debugging
interface, which the pages' policy does not concern; nothing is added to the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = "axe_playwright_python"
SEVERE = ("serious", "critical")
# WCAG 2.0 to 2.2, levels A and AA, and what axe calls best practices.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Finding:
    """One element that breaks one rule."""

    rule: str
    impact: str
    selector: str
    html: str
    why: str

    def __str__(self) -> str:
        return f"{self.impact} {self.rule} at {self.selector}\n    {self.html}\n    {self.why}"


def script_path() -> Path | None:
    """Where the script lies, None when the package is not installed."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).with_name("axe.min.js")
    return path if path.is_file() else None


@cache
def _script() -> str:
    path = script_path()
    if path is None:
        raise RuntimeError(f"{PACKAGE} is not installed")
    return path.read_text(encoding="utf-8")


def findings(page: Any) -> list[Finding]:
    """The serious and critical violations of a Playwright page as it is now."""
    page.evaluate(_script())
    result = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES)
    return [
        Finding(
            violation["id"],
            node["impact"] or violation["impact"],
            " ".join(str(part) for part in node["target"]),
            node["html"][:200],
            " ".join(node["failureSummary"].split()),
        )
        for violation in result["violations"]
        for node in violation["nodes"]
        if (node["impact"] or violation["impact"]) in SEVERE
    ]
