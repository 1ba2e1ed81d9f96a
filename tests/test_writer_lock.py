"""One writer per data directory: the others read, say who writes, and follow when it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.cli import main
from ert_core.database import Database
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DatabaseError
from ert_core.types import Message, Source
from tests.conftest import REPOSITORY, SURVEY_EN, add, opened

_HOLD = """
import sys
from pathlib import Path
from ert_core.conversations import Conversations
from ert_core.database import Database
sys.argv = ["/somewhere/streamlit", "run", "ERT.py"]
database = Database(Path({home!r}))
database.write()
print("writes", flush=True)
for line in sys.stdin:
    print(Conversations(database).start(line), flush=True)
"""


@contextmanager
def another_writer(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes in `home`; it starts a conversation for each line that it is sent."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(home=str(home))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None and process.stdout.readline() == "writes\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_engine_reads_says_who_writes_and_takes_over_after_a_kill(
    filled: Assistant, embeddings: SentenceTransformerEmbeddings
) -> None:
    home = filled.settings.home
    filled.close()
    with another_writer(home) as writer:
        second = opened(home, embeddings)
        other = second.other_writer()
        assert other is not None and (other.program, other.pid) == ("streamlit run", writer.pid)
        assert "48,5 m" in second.search("profondeur du forage F2 ?").passages[0].passage.text
        before = second.library.store.count()
        for write in (
            lambda: add(second, Source("survey.txt", SURVEY_EN.encode())),
            lambda: second.start_ingest([Source("survey.txt", SURVEY_EN.encode())]),
            lambda: second.library.remove(second.library.store.documents()[0].id),
            lambda: second.conversations.start("Quelle profondeur ?"),
            lambda: second.start_answer("Quelle profondeur ?", "none"),
            lambda: second.change_settings(passages=7),
        ):
            with pytest.raises(DatabaseError) as caught:
                write()
            assert "streamlit run" in caught.value.message and str(writer.pid) in caught.value.message
        assert second.library.store.count() == before and second.settings.passages != 7
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        assert second.other_writer() is None
        conversation = second.conversations.start("Quelle profondeur ?")
        second.conversations.add(conversation, Message("user", "Quelle profondeur ?"))
        second.close()


def test_a_reader_sees_what_the_writer_saves(tmp_path: Path) -> None:
    with another_writer(tmp_path) as writer:
        reader = Database(tmp_path)
        assert writer.stdin is not None and writer.stdout is not None
        writer.stdin.write("Une question\n")
        writer.stdin.flush()
        writer.stdout.readline()
        assert reader.value("SELECT title FROM conversations") == "Une question"
        reader.close()


def test_engines_of_one_process_share_the_lock_until_the_last_one_closes(tmp_path: Path) -> None:
    first, second = Database(tmp_path), Database(tmp_path / "." / ".." / tmp_path.name)
    assert first.other_writer() is None and second.other_writer() is None
    script = (
        "import sys; from pathlib import Path; from ert_core.database import Database;"
        "print(getattr(Database(Path(sys.argv[1])).other_writer(), 'pid', None))"
    )

    def seen_from_outside() -> str:
        command = [sys.executable, "-c", script, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY).stdout.strip()

    first.close()
    assert seen_from_outside() == str(os.getpid())
    second.close()
    assert seen_from_outside() == "None"


def test_the_command_line_reads_while_another_writes_and_says_why_it_does_not_add(
    filled: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = filled.settings.home
    filled.close()
    document = tmp_path / "survey-2.txt"
    document.write_text(SURVEY_EN * 2)
    with another_writer(home) as writer:
        assert main(["search", "profondeur du forage F2 ?", "--home", str(home)]) == 0
        assert "48,5 m" in capsys.readouterr().out
        assert main(["ingest", str(document), "--home", str(home)]) == 1
        told = capsys.readouterr().err
        assert str(writer.pid) in told and "Traceback" not in told
    assert main(["ingest", str(document), "--home", str(home)]) == 0


def test_a_writer_that_has_not_said_who_it_is_still_keeps_others_out(tmp_path: Path) -> None:
    with another_writer(tmp_path):
        (tmp_path / "writer.json").write_text("{")
        database = Database(tmp_path)
        with pytest.raises(DatabaseError, match="Another ERT"):
            database.write()
        database.close()


def test_a_directory_where_no_lock_can_be_made_is_told(tmp_path: Path) -> None:
    Database(tmp_path).close()
    (tmp_path / "writer.lock").unlink()
    (tmp_path / "writer.lock").mkdir()
    database = Database(tmp_path)
    with pytest.raises(DatabaseError, match="writer.lock|cannot be used|data directory"):
        database.write()
    assert database.generation() == 0, "reading goes on"
    database.close()
