"""The source beside the answer: its state, its page or its text, and reading on from there."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ert_core.assistant import Assistant
from ert_core.types import Citation, Source
from tests import loaders_files as files
from tests.conftest import add

PAGES = ["Le forage F2 atteint la nappe.\nSon débit est de 14 m.", "Le forage F3 est sec.", "Le forage F4 est neuf."]
NOTE = "\n\n".join(f"Paragraphe {n}. " + "Le puits donne de l'eau douce en toute saison. " * 8 for n in range(12))


def panel() -> None:
    """A page with nothing but the source of `citations`."""
    import streamlit as st

    from ert_core.ui.source_view import show_source

    st.session_state["language"] = "fr"
    show_source(st.session_state["ert"], st.session_state["citations"], "src", moved=st.session_state["moved"])


def cited(ert: Assistant, document_id: str, quote: str, page: int | None, **changes: Any) -> Citation:
    text = ert.library.store.text(document_id) or ""
    start = text.index(quote)
    document = ert.library.store.document(document_id)
    values = {"n": 1, "document_id": document_id, "document": document.name if document else "", "page": page}
    return Citation(
        **{**values, "start": start, "end": start + len(quote), "quote": quote, "verified": True, **changes}
    )


def shown(ert: Assistant, *citations: Citation, moved: bool = False) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=30)
    app.session_state["ert"], app.session_state["citations"], app.session_state["moved"] = ert, citations, moved
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, name: str) -> None:
    app.button(key=f"src-{name}").click()
    run(app)


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts the page in place of `__main__` and leaves it; processes started later would run it again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def report(ert: Assistant) -> str:
    [added] = add(ert, Source("rapport_1.pdf", files.pdf(PAGES)))
    return added.document_id or ""


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Bytes and description of each picture shown."""
    seen: list[tuple[int, str]] = []
    monkeypatch.setattr(st, "image", lambda png, *, width, alt: seen.append((len(png), alt)))
    return seen


def test_the_page_of_the_quote_then_other_pages_and_back(
    ert: Assistant, report: str, pictures: list[tuple[int, str]]
) -> None:
    app = shown(ert, cited(ert, report, "Le forage F3 est sec.", 2))
    assert (
        "rapport\\_1\\.pdf\\, p\\. 2" in words(app)
        and "citation vérifiée" in words(app)
        and "Page 2 sur 3" in words(app)
    )
    assert pictures[-1][1] == "Page 2 du document rapport_1.pdf. Texte surligné : Le forage F3 est sec."
    assert app.button(key="src-show_quote").disabled and app.button(key="src-fit").disabled
    click(app, "next")
    assert "Page 3 sur 3" in words(app) and app.button(key="src-next").disabled
    assert pictures[-1][1] == "Page 3 du document rapport_1.pdf", "nothing is marked there"
    click(app, "show_quote")
    assert "Page 2 sur 3" in words(app)
    click(app, "previous")
    assert "Page 1 sur 3" in words(app) and app.button(key="src-previous").disabled


def test_zoom_moves_and_another_citation_begins_at_its_own_page(
    ert: Assistant, report: str, pictures: list[tuple[int, str]]
) -> None:
    app = shown(ert, cited(ert, report, "Son débit est de 14 m.", 1))
    assert "src-down" not in {button.key for button in app.button}
    click(app, "zoom_in")
    assert app.button(key="src-up").disabled and not app.button(key="src-down").disabled
    click(app, "down")
    assert not app.button(key="src-up").disabled and not app.button(key="src-show_quote").disabled
    assert len(set(pictures)) == 3
    app.session_state["citations"] = (cited(ert, report, "Le forage F4 est neuf.", 3),)
    run(app)
    assert "Page 3 sur 3" in words(app) and app.button(key="src-zoom_out").disabled


@pytest.mark.usefixtures("pictures")
def test_the_four_states_look_different(ert: Assistant, report: str) -> None:
    quote = cited(ert, report, "Le forage F3 est sec.", 2)
    badges = [
        words(shown(ert, quote)),
        words(shown(ert, quote, moved=True)),
        words(shown(ert, cited(ert, report, quote.quote, 2, verified=False))),
        words(shown(ert, cited(ert, report, quote.quote, 2, start=0))),
    ]
    colours = ("green", "blue", "orange", "gray")
    assert all(f":{colour}-badge[" in badge for colour, badge in zip(colours, badges, strict=True))
    ert.library.remove(report)
    app = shown(ert, quote)
    assert "a été supprimé" in words(app) and ":green-background[Le forage F3 est sec\\.]" in words(app)
    assert not app.button, "there is nothing to turn"


@pytest.mark.usefixtures("pictures")
def test_a_quote_that_the_picture_does_not_show_is_marked_in_the_text(
    ert: Assistant, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ert.page_pictures.picture(report, 2)  # nothing is marked
    monkeypatch.setattr(ert.page_pictures, "picture", lambda *_, **__: real)
    app = shown(ert, cited(ert, report, "Le forage F3", 2))
    assert "pas pu être repérée" in app.info[0].value and ":green-background[Le forage F3]" in words(app)
    click(app, "next")
    assert not app.info, "no quote is missed on another page"


def test_what_cannot_be_drawn_is_said_and_its_text_is_shown(ert: Assistant, pictures: list[tuple[int, str]]) -> None:
    [added] = add(ert, Source("secret.pdf", files.pdf([PAGES[0]], user_password="x"), password="x"))
    app = shown(ert, cited(ert, added.document_id or "", "Son débit est de 14 m.", 1))
    assert "mot de passe" in app.error[0].value and not pictures
    assert "src-zoom_in" not in {button.key for button in app.button}, "there is nothing to enlarge"
    assert ":green-background[Son débit est de 14 m\\.]" in words(app)


def test_other_formats_show_the_text_and_go_on_both_ways(ert: Assistant) -> None:
    [added] = add(ert, Source("note.md", NOTE.encode()))
    app = shown(ert, cited(ert, added.document_id or "", "Paragraphe 6.", None))
    assert ":green-background[Paragraphe 6\\.]" in words(app) and "Paragraphe 0" not in words(app)
    click(app, "earlier")
    assert "Paragraphe 6" not in words(app) and "Paragraphe 3" in words(app)
    click(app, "show_quote")
    click(app, "later")
    assert "Paragraphe 6" not in words(app) and "Paragraphe 9" in words(app)
