"""The switch between French and English."""

from __future__ import annotations

import streamlit as st

from ert_core.locale import LANGUAGES
from ert_core.ui.session import choose_language, language, t


def show_language_switch() -> None:
    """Draw it where the caller stands; a change redraws the page."""
    chosen = st.radio(
        t("language.label"),
        LANGUAGES,
        index=LANGUAGES.index(language()),
        horizontal=True,
        format_func=lambda value: t(f"setting.language.{value}"),
        key=f"language_switch_{language()}",
    )
    if chosen and chosen != language():
        choose_language(chosen)
        st.rerun()
