"""Lines of an answer that order it: headings, labels, the rows and rules of a table. Pure."""

from __future__ import annotations

import re

_HEADING = re.compile(r"\s*#{1,6}\s")
_ROW = re.compile(r"\s*\|.*\|\s*", re.DOTALL)
_RULE = re.compile(r"(?=.*--)[\s|:+-]+", re.DOTALL)
# "**Caractéristiques du puits :**", "- **Depth**:"
_LABEL = re.compile(r"\s*(?:[-*•]\s+)?(?P<mark>\*\*|__)(?P<inner>[^*_\n]+)(?P=mark)\s*(?P<colon>[:：]?)\s*")


def is_layout(part: str) -> bool:
    """Whether a part of an answer is a heading, a bold label, a row or a rule of a table."""
    return any(form.fullmatch(part) for form in (_ROW, _RULE)) or _is_heading(part)


def layout_end(part: str) -> int | None:
    """Where a marker may stand at the end of a part: before a row's last bar, and nowhere in a heading or a rule."""
    if _is_heading(part) or _RULE.fullmatch(part):
        return None
    return len(part[: part.rindex("|")].rstrip()) if _ROW.fullmatch(part) else len(part)


def _is_heading(part: str) -> bool:
    if _HEADING.match(part):
        return True
    label = _LABEL.fullmatch(part)
    return label is not None and (label["colon"] != "" or label["inner"].rstrip()[-1:] in (":", "："))
