"""Every text a person sees stands in `locale/`: none in the code of the pages, none missing there, none left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from ert_core.locale import catalogue
from ert_core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "ERT.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ert_core" / "ui").rglob("*.py"))]
CODE = [*PAGES, *sorted((ROOT / "ert_core").rglob("*.py"))]

# Streamlit's functions whose texts a person reads, and where these stand among the arguments.
SHOWN = {
    *("title", "header", "subheader", "markdown", "write", "caption", "text", "badge", "code"),
    *("info", "success", "warning", "error", "toast", "progress", "spinner", "status", "metric", "expander"),
    *("button", "download_button", "link_button", "form_submit_button", "page_link", "popover", "menu_button", "tabs"),
    *("checkbox", "toggle", "radio", "selectbox", "multiselect", "segmented_control", "pills", "slider"),
    *("select_slider", "number_input", "text_input", "text_area", "date_input", "chat_input", "file_uploader"),
    *("Page", "dialog", "set_page_config"),
    *("Column", "TextColumn", "NumberColumn", "DatetimeColumn", "LinkColumn", "ProgressColumn", "SelectboxColumn"),
}
NAMED = {"label", "body", "text", "help", "placeholder", "title", "page_title", "alt", "captions", "menu_items"}
# The first argument is no text: a file, a share.
NOT_FIRST = {"Page", "page_link", "progress", "set_page_config"}
# Functions that pass on the text they are given.
TRANSPARENT = {"escaped", "escaped_lines", "marked", "join", "strip", "replace", "format", "dict"}
NAME_OF_THE_PROGRAM = "ERT"
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
SENTENCE = re.compile(r"[A-Za-zÀ-ÿ]{2,}[,;]? [A-Za-zÀ-ÿ]{2,}")
# HTML and headers.
NO_SENTENCES = {"refusals.py", "security.py", "login.py"}

# Beginnings of keys whose last word is known when ERT runs.
DYNAMIC = (
    *("cli.", "cli.bench.", "cli.bench.step.", "doctor.", "quality.table.", "refusal.", "small_talk."),
    *("cuda.", "language.", "mode.", "reindex.", "settings.budget_", "status.", "step."),
    *("answer.", "citation.", "conversations.", "document.view_", "export.", "export.rating_", "scope.", "source."),
    *("monitor.budget_", "monitor.column_", "monitor.finish_", "monitor.level_", "monitor.work_"),
)
# The sentences of argparse are keys as they are.
ARGPARSE = "cli.argparse."


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def words_in(node: ast.AST) -> Iterator[str]:
    """The words of an expression that stand there as they are, those of texts looked up left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        plain = re.sub(r":material/(\w+:)?|:?[a-z]*(-background|-badge)?\[", "", node.value)
        if plain != NAME_OF_THE_PROGRAM and WORDS.search(plain):
            yield plain
    elif isinstance(node, ast.Call):
        if name_of(node) in TRANSPARENT:
            for part in [node.func, *node.args, *(k.value for k in node.keywords)]:
                yield from words_in(part)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from words_in(value)
    elif isinstance(node, ast.IfExp):
        yield from words_in(node.body)
        yield from words_in(node.orelse)
    elif not isinstance(node, ast.Subscript | ast.Compare):
        for part in ast.iter_child_nodes(node):
            yield from words_in(part)


def shown_literals(source: str) -> list[str]:
    """The words that the code of a page shows without looking them up."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or name_of(node) not in SHOWN:
            continue
        if ast.unparse(node.func.value) == "_log":
            continue
        first = [] if name_of(node) in NOT_FIRST else node.args[:1]
        for part in [*first, *(k.value for k in node.keywords if k.arg in NAMED)]:
            found += [f"line {node.lineno}: {words}" for words in words_in(part)]
    return found


def sentences(source: str) -> list[str]:
    """Two words and more in a string, docstrings and messages for the log left out."""
    tree = ast.parse(source)
    beside = {id(part) for node in ast.walk(tree) for part in _not_shown(node)}
    return [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in beside
        if SENTENCE.search(node.value)
    ]


def _not_shown(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node.value]
    if isinstance(node, ast.Call) and name_of(node) in ("debug", "warning", "error", "exception", "compile"):
        return (
            list(node.args)
            if not (isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "st")
            else []
        )
    return []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_no_text_stands_in_the_code_of_a_page(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert shown_literals(source) == []
    if path.name not in NO_SENTENCES:
        assert sentences(source) == []


@pytest.mark.parametrize(
    "line",
    [
        'st.button("Send")',
        "st.markdown(f\"**{t('a.b')}** of {n}\")",
        'left.caption(escaped("hello"))',
        'st.metric(t("a.b"), value, help="What it is")',
        'st.Page("x.py", title="Home")',
        'st.set_page_config(menu_items={"About": "words"})',
        'st.warning(t("a.b") if x else "Careful")',
        'st.column_config.TextColumn("Name")',
        'st.caption(" ".join(["one", two]))',
    ],
)
def test_a_text_in_the_code_is_found(line: str) -> None:
    assert shown_literals(line)


@pytest.mark.parametrize(
    "line",
    [
        'st.button(t("a.b"), icon=":material/add:", key="send", type="primary")',
        "st.markdown(f\"**{t('a.b')}** · {name}\")",
        'st.Page("x.py", title=t("a.b"), url_path="x")',
        'st.set_page_config(page_title="ERT", layout="centered")',
        'st.caption(t(key, n=found["n"]))',
        'st.progress(0.5, text=t("a.b" if waiting else "a.c"))',
    ],
)
def test_what_is_looked_up_is_no_text_in_the_code(line: str) -> None:
    assert shown_literals(line) == []


def test_a_sentence_in_a_variable_is_found() -> None:
    assert sentences('def f():\n    """A docstring here."""\n    label = "Send it now"\n') == ["line 3: Send it now"]
    assert sentences('_log.error("a page failed")') == []


def keys_in_code() -> tuple[set[str], set[str]]:
    """Keys as they stand in the code, and the beginnings of those put together."""
    whole, beginnings = set(), set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
    return whole, beginnings


def test_every_text_looked_up_exists() -> None:
    missing = {
        f"{path.name}: {key.value}"
        for path in CODE
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("t", "text") and call.args
        for key in _results(call.args[0])
        if key.value not in catalogue("fr")
    }
    assert missing == set()


def _results(node: ast.expr) -> list[ast.Constant]:
    """The strings that an expression may give."""
    if isinstance(node, ast.IfExp):
        return [*_results(node.body), *_results(node.orelse)]
    return [node] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def is_put_together(key: str) -> bool:
    """Whether the code finds the key by a word that it has only when it runs."""
    kind, _, rest = key.partition(".")
    if kind == "setting":
        return rest.split(".")[0] in {f.name for f in fields(Settings)}
    if kind == "error":
        return rest.endswith((".message", ".remedy"))
    return key.startswith(ARGPARSE) or any(key.startswith(d) and "." not in key[len(d) :] for d in DYNAMIC)


def test_no_text_is_left_over() -> None:
    whole, _ = keys_in_code()
    assert {key for key in catalogue("fr") if key not in whole and not is_put_together(key)} == set()
    codes = {key.split(".")[1] for key in catalogue("fr") if key.startswith("error.")}
    models_of_search = {f"embedding_{code}" for code in whole}
    assert codes - whole - models_of_search == set(), "errors that nothing raises"


def test_the_beginnings_allowed_are_put_together_in_the_code() -> None:
    _, beginnings = keys_in_code()
    assert beginnings >= {*DYNAMIC, ARGPARSE, "setting.", "error."}
    assert not is_put_together("setting.colour") and not is_put_together("cli.no.such")
