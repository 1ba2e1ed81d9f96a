"""What stands around the elements of a page: language, light or dark, our words where Streamlit has only English."""

from __future__ import annotations

from collections.abc import Sequence

from ert_core.ui.components import component
from ert_core.ui.server import INSTANCE
from ert_core.ui.session import language, saved_choice, t

# As Streamlit calls them in the browser's storage.
_THEMES = {"auto": "System", "light": "Light", "dark": "Dark"}


def show_page_frame(pages: Sequence[str], *, at_once: bool, drop_zone: bool) -> None:
    """Tell the browser what holds for every page; `pages` are the last parts of their addresses.

    Another choice between light and dark is seen when a page is loaded, since Streamlit looks only then; with `at_once`
    the page is loaded again for it. `drop_zone`: files can be dropped on this page.
    """
    words = {
        "choose": t("drop_zone.choose"),
        "drop": t("drop_zone.drop"),
        "release": t("drop_zone.release"),
        "refused": t("drop_zone.refused"),
        "lost": t("connection.lost"),
        "restart": t("connection.restart"),
        "no-page": t("connection.no_page"),
        "instead": t("connection.instead"),
    }
    data = {
        "language": language(),
        "words": words,
        "theme": _THEMES[saved_choice("appearance")],
        "pages": list(pages),
        "at_once": at_once,
        "drop_zone": drop_zone,
        "server": INSTANCE,
    }
    # Of a server that is another one than this, a run of the page is all that is asked for.
    component("page_frame")(key="page-frame", data=data, on_connected_change=lambda: None)
