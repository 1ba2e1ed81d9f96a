"""Why a file is refused: what a parser raises in the child. Standard library only."""

from __future__ import annotations


class RefusedError(Exception):
    """Raised by a parser. `code` is a key of `loader_errors.ERRORS`; `values` are integers for its text."""

    def __init__(self, code: str, **values: int) -> None:
        self.code = code
        self.values = values
        super().__init__(code)
