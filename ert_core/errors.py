"""The errors a person can meet. Each carries a message (what happened) and a remedy (what to do).

ErtError
├── SettingsError        a setting with an unknown name or a value out of range
├── QuestionError        an empty or too long question
├── LoaderError          a file that cannot be read as a document
│   ├── UnknownFormatError
│   ├── DamagedFileError
│   ├── EncryptedFileError
│   ├── FileTooLargeError
│   └── LoaderLimitError  time, memory or output passed while reading
├── CollectionError      a collection without a name, or with one that is taken
├── FolderError          a folder that cannot be followed
├── PictureError         a page of a document cannot be shown as a picture
├── DatabaseError        the data directory or the database cannot be used
├── EmbeddingModelError  the embedding model is missing or is not the expected file
├── LanguageModelError   the language model cannot be found, loaded or run
│   ├── ModelDownloadError
│   └── NotEnoughMemoryError
└── QueueFullError       too many questions wait already

Their texts live in `locale/`, under `error.<code>.message` and `error.<code>.remedy`, so that one
error reads in French and in English. Any other exception that reaches a page is a bug.
"""

from __future__ import annotations

from ert_core.locale import DEFAULT_LANGUAGE, text


class ErtError(Exception):
    """An error for people.

    `code` names the pair of texts in `locale/`; `values` are put into them.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(f"{self.message} {self.remedy}")

    @property
    def message(self) -> str:
        """What happened, in English (`in_language` gives the other language)."""
        return self.in_language(DEFAULT_LANGUAGE)[0]

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return self.in_language(DEFAULT_LANGUAGE)[1]

    def in_language(self, language: str) -> tuple[str, str]:
        """(message, remedy) in "fr" or "en"."""
        return (
            text(f"error.{self.code}.message", language, **self.values),
            text(f"error.{self.code}.remedy", language, **self.values),
        )


class SettingsError(ErtError):
    """A setting has an unknown name or a value out of its range."""


class QuestionError(ErtError):
    """The question is empty or too long."""


class LoaderError(ErtError):
    """A file cannot be read as a document."""


class UnknownFormatError(LoaderError):
    """The format of the file is not one ERT reads."""


class DamagedFileError(LoaderError):
    """The file is not what its name says, or is broken."""


class EncryptedFileError(LoaderError):
    """The file asks for a password."""


class FileTooLargeError(LoaderError):
    """The file is over the size limit."""


class LoaderLimitError(LoaderError):
    """Reading the file passed the limit of time, memory, pages or output."""


class CollectionError(ErtError):
    """A collection has no name, or one that another has."""


class FolderError(ErtError):
    """A folder cannot be followed."""


class PictureError(ErtError):
    """A page of a document cannot be shown as a picture."""


class DatabaseError(ErtError):
    """The data directory or the database cannot be used."""


class EmbeddingModelError(ErtError):
    """The embedding model is missing or is not the expected file."""


class LanguageModelError(ErtError):
    """The language model cannot be found, loaded or run."""


class ModelDownloadError(LanguageModelError):
    """The language model could not be downloaded whole."""


class NotEnoughMemoryError(LanguageModelError):
    """The model needs more memory than the machine has free."""


class QueueFullError(ErtError):
    """Too many questions wait already, or the machine has no thread left for one."""
