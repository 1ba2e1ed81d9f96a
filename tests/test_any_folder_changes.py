"""Any changes of a followed folder and of the library, compared with a model of both."""

import hashlib
import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.sources import shown_name
from ert_core.types import Source
from tests.conftest import add, opened
from tests.followed_files import OLD, look

FILES = ("a.txt", "b.md", "c.txt")
TEXTS = ("The pump is blue.", "Le forage est sec.", "Twelve electrodes were used.")
STEP = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(FILES), st.sampled_from(TEXTS)),
    st.tuples(st.just("delete"), st.sampled_from(FILES)),
    st.tuples(st.just("touch"), st.sampled_from(FILES)),
    st.tuples(st.just("rename"), st.sampled_from(FILES), st.sampled_from(FILES)),
    st.tuples(st.just("upload"), st.sampled_from(TEXTS)),
    st.tuples(st.just("remove"), st.sampled_from(TEXTS)),
    st.just(("look",)),
)


@given(st.lists(STEP, max_size=12))
@settings(max_examples=25)
def test_after_any_changes_the_library_is_the_folder(
    embeddings: SentenceTransformerEmbeddings, steps: list[tuple[str, ...]]
) -> None:
    """The model: a text is there when a file holds it, or the person added it, unless the person deleted it since."""
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base, "folder")
        folder.mkdir()
        ert = opened(Path(base, "home"), embeddings)
        try:
            ert.folders.follow(str(folder))
            seen: dict[str, str] = {}  # the files as the last look saw them
            present: set[str] = set()
            uploaded: set[str] = set()
            for step in [*steps, ("look",)]:
                files = {p.name: p.read_text() for p in folder.iterdir()}
                match step:
                    case ("write", name, text):
                        (folder / name).write_text(text)
                    case ("delete", name):
                        (folder / name).unlink(missing_ok=True)
                    case ("touch", name) if name in files:
                        os.utime(folder / name, (OLD + len(files), OLD + len(files)))
                    case ("rename", name, other) if name in files:
                        (folder / name).replace(folder / other)
                    case ("upload", text):
                        add(ert, Source("upload.txt", text.encode()))
                        present.add(text)
                        uploaded.add(text)
                    case ("remove", text):
                        ert.library.remove(hashlib.sha256(text.encode()).hexdigest())
                        present.discard(text)
                        uploaded.discard(text)
                    case ("look",):
                        look(ert)
                        deleted = set(seen.values()) - present  # known, and not there any more
                        present = uploaded | (set(files.values()) - deleted)
                        seen = files
                        named = {d.id: d.name for d in ert.library.store.documents()}
                        assert set(named) == {hashlib.sha256(t.encode()).hexdigest() for t in present}
                        for text in present - uploaded:
                            holding = {shown_name(n) for n, t in files.items() if t == text}
                            assert named[hashlib.sha256(text.encode()).hexdigest()] in holding
            assert look(ert) == [] and ert.database.damaged_table() is None
        finally:
            ert.close()
