"""How far reading one file may go. Standard library only: the child imports it too."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """The limits of one file. Sizes are bytes, times are seconds.

    `memory_bytes` bounds the private memory of the child on Linux (RLIMIT_DATA: heap and anonymous
    mappings); its address space, which also counts libraries and the file mapped by them, is bounded
    at four times that. macOS ignores both and Windows has neither: there the other limits hold.
    `output_bytes` counts the extracted text in UTF-8.
    """

    file_bytes: int = 200 * 10**6
    wall_seconds: float = 90
    cpu_seconds: int = 60
    memory_bytes: int = 1_000_000_000
    output_bytes: int = 20_000_000
    pages: int = 5000
