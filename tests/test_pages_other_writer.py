"""The pages of a second ERT on one data directory: they read, say who writes, and go on by themselves when it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ert_core.cli import main
from tests.browser import NEEDS_CHROMIUM, running_server, visiting
from tests.conftest import WELL_FR

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.thorough]


def test_the_second_pages_read_and_take_over(browser: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    document = tmp_path / "combe-noire.md"
    document.write_text(WELL_FR)
    assert main(["ingest", str(document), "--home", str(home)]) == 0
    with running_server(home) as first, running_server(home) as second:
        with visiting(browser, first) as visit:
            visit.open()
            visit.ask("Quelle est la profondeur du forage F2 ?")
            visit.page.get_by_text("48,5 m").first.wait_for()
            address = visit.page.url.removeprefix(first.url + "/")
        with visiting(browser, second) as visit:
            visit.open(address)
            visit.page.get_by_text(f"streamlit run ERT.py (processus {first.process.pid}").wait_for()
            visit.page.get_by_text("48,5 m").first.wait_for()
            assert visit.page.get_by_test_id("stChatInputTextArea").is_disabled()
            first.kill()
            visit.page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
            assert visit.page.get_by_text("Un autre ERT").count() == 0
            visit.ask("Quel a été le débit d'essai ?")
            visit.page.get_by_text("14 m³/h").locator("visible=true").first.wait_for()
