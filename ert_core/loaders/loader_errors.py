"""The error for people that a refusal (`refusals.py`) becomes, in the parent."""

from __future__ import annotations

from ert_core.errors import DamagedFileError, EncryptedFileError, LoaderError, LoaderLimitError, UnknownFormatError

ERRORS: dict[str, type[LoaderError]] = {
    "format_unknown": UnknownFormatError,
    "format_legacy": UnknownFormatError,
    "file_damaged": DamagedFileError,
    "file_crashed": DamagedFileError,
    "file_binary": DamagedFileError,
    "content_mismatch": DamagedFileError,
    "archive_excessive": DamagedFileError,
    "xml_doctype": DamagedFileError,
    "file_encrypted": EncryptedFileError,
    "password_wrong": EncryptedFileError,
    "encryption_unknown": EncryptedFileError,
    "limit_time": LoaderLimitError,
    "limit_memory": LoaderLimitError,
    "limit_output": LoaderLimitError,
    "limit_pages": LoaderLimitError,
    "picture_size": LoaderLimitError,
    "picture_no_page": DamagedFileError,
}


def refusal(code: str, name: str, **values: int) -> LoaderError:
    """The error for people that `code` stands for."""
    return ERRORS[code](code, name=name, **values)
