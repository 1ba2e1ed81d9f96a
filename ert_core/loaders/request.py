"""What a parser gets and gives. Standard library only."""

from __future__ import annotations

from typing import NamedTuple

from ert_core.loaders.limits import Limits

# (number or None, text not yet cleaned)
RawPage = tuple[int | None, str]


class Request(NamedTuple):
    """What a parser is told besides the bytes. `suffix` is lower case, with its dot."""

    family: str
    suffix: str
    password: str | None
    limits: Limits
