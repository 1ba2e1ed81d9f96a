"""The settings: defaults < settings.toml < what the pages saved < ERT_* environment < command line.

Every setting is described here, with its unit and range; an unknown name or a value out of range
is refused (SettingsError), so that a typing slip is not silently a default.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ert_core.errors import DatabaseError, SettingsError
from ert_core.threads import MAX_INTEROP_THREADS, MAX_THREADS

SETTINGS_FILE = "settings.toml"
# Variables of the ERT_ family that are not settings: they are read where they are used.
OTHER_VARIABLES = {"ERT_HOME", "ERT_CHROMIUM", "ERT_REQUIRE_BROWSER", "ERT_SHARED", "ERT_PASSWORD", "ERT_OPEN"}


def _setting(
    default: Any, help: str, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = ()
) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """One immutable set of settings. `with_changes` gives another."""

    home: Path = field(default_factory=lambda: default_home(), metadata={"help": "data directory"})
    language: str = _setting("auto", "language of the interface", choices=("auto", "fr", "en"))
    appearance: str = _setting("auto", "light or dark pages", choices=("auto", "light", "dark"))
    answer_mode: str = _setting("quotes", "how ERT answers", choices=("quotes", "written"))
    llm: str = _setting("", "language model: a Hugging Face id or a folder; empty for none")
    gpu: bool = _setting(False, "run the models on CUDA when there is one")
    cpu_budget: int = _setting(50, "most CPU that ERT uses, per cent of the whole machine", 10, 100)
    threads: int = _setting(MAX_THREADS, "threads of one operation", 1, 256)
    interop_threads: int = _setting(MAX_INTEROP_THREADS, "operations of torch side by side", 1, 64)
    idle_unload_minutes: int = _setting(
        10, "minutes without a written answer after which the language model leaves the memory; 0 for never", 0, 1440
    )
    int8_decoding: bool = _setting(True, "write with 8-bit copies of the model's weights where they pay, on the CPU")
    max_new_tokens_cpu: int = _setting(800, "longest written answer on the CPU, tokens", 16, 8192)
    max_new_tokens_gpu: int = _setting(2500, "longest written answer on a GPU, tokens", 16, 8192)
    temperature: float = _setting(0.0, "randomness of written answers (0 repeats)", 0.0, 2.0)
    embedding_model: str = _setting(
        "", "embedding model: a name of the catalogue, a folder or a Hugging Face id; empty for the default"
    )
    embedding_batch_size: int = _setting(8, "passages embedded at once", 1, 256)
    passages: int = _setting(5, "passages given to an answer", 1, 20)
    max_file_mb: int = _setting(200, "largest file, megabytes", 1, 2000)
    max_question_characters: int = _setting(4000, "longest question, characters", 100, 100_000)

    def with_changes(self, **changes: Any) -> Settings:
        """A copy with `changes` applied and checked. Raises SettingsError."""
        return replace(self, **{name: _checked(name, value) for name, value in changes.items()})

    @classmethod
    def load(
        cls,
        *,
        home: Path | None = None,
        saved: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Settings:
        """Read the settings from every level.

        `saved` is what the pages stored in the database, `environment` defaults to os.environ, and
        `overrides` comes from the command line. Raises SettingsError, DatabaseError.
        """
        environment = os.environ if environment is None else environment
        settings = cls(home=home or default_home(environment))
        settings = settings.with_changes(**_read_file(settings.home / SETTINGS_FILE))
        settings = settings.with_changes(**{n: v for n, v in (saved or {}).items() if n != "home"})
        settings = settings.with_changes(**fixed_by_environment(environment))
        return settings.with_changes(**dict(overrides or {}))


def default_home(environment: Mapping[str, str] | None = None) -> Path:
    """The data directory: `ERT_HOME`, else the platform's convention for user data."""
    environment = os.environ if environment is None else environment
    if environment.get("ERT_HOME"):
        return Path(environment["ERT_HOME"]).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("ert", appauthor=False)


def prepare_home(home: Path) -> Path:
    """Create the data directory, for its owner alone (0700). Raises DatabaseError."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DatabaseError("home_unusable", path=home, reason=error.strerror or str(error)) from error
    return home


def fixed_by_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings that `ERT_*` variables fix, as written there. Raises SettingsError on an unknown name."""
    environment = os.environ if environment is None else environment
    fixed = {}
    for variable, value in environment.items():
        if variable.startswith("ERT_") and variable not in OTHER_VARIABLES:
            name = variable[4:].lower()
            if name not in _descriptions():
                raise SettingsError("setting_unknown", name=variable)
            fixed[name] = value
    return fixed


def file_language(home: Path) -> str | None:
    """ "fr" or "en" when the settings file of `home` names one; None too when it cannot be read.

    It is asked before anything can be said to a person: `Settings.load` raises what is wrong with the file.
    """
    try:
        language = _read_file(home / SETTINGS_FILE).get("language")
    except (SettingsError, DatabaseError):
        return None
    return language if language in ("fr", "en") else None


def bounds(name: str) -> tuple[float, float]:
    """The least and the greatest value of a setting that is a number."""
    metadata = _descriptions()[name].metadata
    return metadata["low"], metadata["high"]


def choices(name: str) -> tuple[str, ...]:
    """The values of a setting that is one of several words."""
    words: tuple[str, ...] = _descriptions()[name].metadata["choices"]
    return words


def _descriptions() -> dict[str, Field[Any]]:
    return {f.name: f for f in fields(Settings)}


def _read_file(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            return {}
    except OSError as error:  # a name that is too long, a folder without access
        raise DatabaseError("home_unusable", path=path.parent, reason=error.strerror or str(error)) from error
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        raise SettingsError("settings_file", path=path, reason=str(error)) from error


def _checked(name: str, value: Any) -> Any:
    """`value` in the setting's own type and range."""
    if name not in _descriptions():
        raise SettingsError("setting_unknown", name=name)
    if name == "home":
        try:
            return Path(value).expanduser().absolute()
        except (TypeError, RuntimeError) as error:  # a number; "~" without a home directory
            raise SettingsError("setting_value", name=name, value=value, expected="path") from error
    setting = _descriptions()[name]
    converted = _converted(name, value, type(setting.default))
    low, high, choices = (setting.metadata[key] for key in ("low", "high", "choices"))
    if choices and converted not in choices:
        raise SettingsError("setting_value", name=name, value=value, expected=", ".join(choices))
    if low is not None and not low <= converted <= high:
        raise SettingsError("setting_value", name=name, value=value, expected=f"{low} – {high}")
    return converted


def _converted(name: str, value: Any, kind: type) -> Any:
    if kind is bool:
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        word = str(value).strip().lower()
        if word not in words:
            raise SettingsError("setting_value", name=name, value=value, expected="true, false")
        return words[word]
    if kind in (int, float):
        try:
            if isinstance(value, bool):
                raise ValueError
            return kind(value)
        except (TypeError, ValueError, OverflowError) as error:  # inf overflows
            raise SettingsError("setting_value", name=name, value=value, expected=kind.__name__) from error
    return str(value)
