"""The rules of the house that a test can hold: directions of imports, and what is heavy stays away."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "numba",
    "llvmlite",
    "langchain",
    "langchain_core",
    "langchain_community",
)
# Modules that may import these at their head are themselves imported inside functions only.
LAZY_MODULES = {
    "attention",
    "compiled_code",
    "compiled_step",
    "decoding_kernels",
    "embeddings",
    "fast_layers",
    "growing_cache",
    "langchain_retriever",
    "vector_code",
    "vector_index",
}
CORE_FILES = [p for p in (ROOT / "ert_core").rglob("*.py") if "ui" not in p.relative_to(ROOT / "ert_core").parts]


def head_imports(path: Path) -> set[str]:
    """Modules imported when the file is imported (not inside functions, not under TYPE_CHECKING)."""
    found: set[str] = set()

    def walk(nodes: list[ast.stmt]) -> None:
        for node in nodes:
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test):
                walk(node.body)
                walk(node.orelse)
            elif isinstance(node, ast.Try | ast.ClassDef):
                walk(node.body)

    walk(ast.parse(path.read_text(encoding="utf-8")).body)
    return found


@pytest.mark.parametrize("path", CORE_FILES, ids=lambda p: p.stem)
def test_the_core_never_imports_streamlit_or_the_pages(path: Path) -> None:
    everything = {
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not {n for n in everything if n.split(".")[0] in ("streamlit", "pages") or n.startswith("ert_core.ui")}


@pytest.mark.parametrize("path", [p for p in CORE_FILES if p.stem not in LAZY_MODULES], ids=lambda p: p.stem)
def test_heavy_libraries_are_imported_inside_functions(path: Path) -> None:
    imported = head_imports(path)
    assert not {n for n in imported if n.split(".")[0] in HEAVY}
    assert not {n for n in imported if n.removeprefix("ert_core.") in LAZY_MODULES}


@pytest.mark.parametrize(
    ("module", "below"),
    [
        ("types", {"ert_core.errors"}),
        ("errors", {"ert_core.locale"}),
        ("threads", set()),
        ("passages", {"ert_core.sentences", "ert_core.types"}),
    ],
)
def test_data_flows_one_way(module: str, below: set[str]) -> None:
    own = {n for n in head_imports(ROOT / "ert_core" / f"{module}.py") if n.startswith("ert_core")}
    assert own <= below


def test_nothing_below_the_assistant_imports_it() -> None:
    above = {"assistant", "doctor", "__main__"}
    for path in CORE_FILES:
        if path.stem in above or "cli" in path.parts:
            continue
        assert "ert_core.assistant" not in head_imports(path), path


def test_opening_the_engine_loads_nothing_heavy(tmp_path: Path) -> None:
    script = f"""
import json, sys
from pathlib import Path
from ert_core.assistant import Assistant
from ert_core.settings import Settings
import ert_core.loaders
engine = Assistant(Settings.load(home=Path({str(tmp_path / "home")!r})))
engine.library.store.documents()
print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(done.stdout) == []
