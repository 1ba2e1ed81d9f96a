"""Settings: the order of their levels, and that slips are refused."""

from pathlib import Path

import pytest

from ert_core.errors import DatabaseError, SettingsError
from ert_core.settings import Settings, default_home, file_language, prepare_home


def load(tmp_path: Path, **levels: object) -> Settings:
    return Settings.load(home=tmp_path, **{"environment": {}, **levels})  # type: ignore[arg-type]


def test_each_level_wins_over_the_one_before(tmp_path: Path) -> None:
    assert load(tmp_path).threads == 4
    (tmp_path / "settings.toml").write_text("threads = 3\npassages = 7\n")
    assert load(tmp_path).threads == 3
    assert load(tmp_path, saved={"threads": 2}).threads == 2
    assert load(tmp_path, saved={"threads": 2}, environment={"ERT_THREADS": "5"}).threads == 5
    last = load(tmp_path, environment={"ERT_THREADS": "5"}, overrides={"threads": 1})
    assert last.threads == 1 and last.passages == 7


def test_the_model_can_be_named_in_the_environment(tmp_path: Path) -> None:
    assert load(tmp_path, environment={"ERT_LLM": "/models/qwen"}).llm == "/models/qwen"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"threads": 0}, "1"),
        ({"threads": "many"}, "int"),
        ({"gpu": "perhaps"}, "true"),
        ({"answer_mode": "poetry"}, "quotes"),
        ({"temperature": 9}, "2.0"),
        ({"threads": float("inf")}, "int"),
        ({"threads": float("nan")}, "int"),
        ({"temperature": 10**400}, "float"),
        ({"temperature": float("nan")}, "2.0"),
        ({"home": 3}, "path"),
    ],
)
def test_a_value_out_of_range_is_refused_and_the_range_is_told(changes: dict[str, object], word: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(home=Path("/nowhere")).with_changes(**changes)
    assert word in caught.value.remedy
    assert next(iter(changes)) in caught.value.in_language("fr")[0]


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ERT_THREAD"):
        load(tmp_path, environment={"ERT_THREAD": "2"})
    (tmp_path / "settings.toml").write_text("colour = 'red'\n")
    with pytest.raises(SettingsError, match="colour"):
        load(tmp_path)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("threads = = 3")
    with pytest.raises(SettingsError, match="settings.toml"):
        load(tmp_path)


@pytest.mark.parametrize("line", ["threads = inf", "home = 3", "x = " + "[" * 5000])
def test_odd_values_of_the_file_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "settings.toml").write_text(line)
    with pytest.raises(SettingsError):
        load(tmp_path)


def test_a_data_directory_with_an_impossible_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="--home"):
        load(tmp_path / ("x" * 300))


@pytest.mark.parametrize(
    ("content", "language"),
    [
        ("language = 'fr'", "fr"),
        ("language = 'en'", "en"),
        ("language = 'auto'", None),
        ("language = ['fr']", None),
        ("language = = 'fr'", None),
        ("threads = 2", None),
        (None, None),
    ],
)
def test_the_language_of_the_file_is_read_alone(tmp_path: Path, content: str | None, language: str | None) -> None:
    if content is not None:
        (tmp_path / "settings.toml").write_text(content)
    assert file_language(tmp_path) == language
    assert file_language(tmp_path / ("x" * 300)) is None


def test_ert_home_moves_the_data_directory(tmp_path: Path) -> None:
    assert default_home({"ERT_HOME": str(tmp_path / "x")}) == tmp_path / "x"
    assert default_home({}) != tmp_path / "x"


def test_the_data_directory_is_its_owners_alone(tmp_path: Path) -> None:
    assert prepare_home(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="--home"):
        prepare_home(tmp_path / "file" / "home")
