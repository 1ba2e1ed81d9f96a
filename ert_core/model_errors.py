"""What torch and transformers raise -> the LanguageModelError that a page can show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ert_core.errors import ErtError, LanguageModelError


@contextmanager
def loading_errors(name: str) -> Iterator[None]:
    """Turn what transformers raises for an unusable folder into a LanguageModelError."""
    try:
        yield
    except ErtError:
        raise
    except Exception as error:
        if "trust_remote_code" in str(error):
            raise LanguageModelError("model_remote_code", model=name) from error
        code = "generation_out_of_memory" if _is_out_of_memory(error) else "model_load_failed"
        raise LanguageModelError(code, model=name, reason=first_line(error)) from error


@contextmanager
def generation_errors(name: str) -> Iterator[None]:
    """Turn what a model raises while it computes into a LanguageModelError."""
    try:
        yield
    except ErtError:
        raise
    except Exception as error:
        code = "generation_out_of_memory" if _is_out_of_memory(error) else "generation_failed"
        raise LanguageModelError(code, model=name, reason=first_line(error)) from error


def first_line(error: Exception) -> str:
    """The first line of an error's own message, else its name."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _is_out_of_memory(error: Exception) -> bool:
    import torch

    # The CPU allocator raises a plain RuntimeError.
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "can't allocate memory" in str(error)
