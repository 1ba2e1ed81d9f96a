"""The bar at the bottom of the settings page: what was changed last, and the button that takes it back."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.settings_history import SettingsChange
from ert_core.ui.markdown import escaped
from ert_core.ui.session import assistant, follow_saved_language, t
from ert_core.ui.setting_rows import label, shown


def show_undo(ert: Assistant) -> None:
    """Draw it where there is something to take back, of this page or of another tab."""
    change = ert.settings_history.last
    if change is None:
        return
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_told(change), width="stretch")
        st.button(t("settings.undo"), icon=":material/undo:", on_click=_take_back, key="undo")


def _told(change: SettingsChange) -> str:
    """The settings that differ, from what to what."""
    parts = []
    for name in change.saved:
        before, after = (shown(name, getattr(settings, name)) for settings in (change.before, change.after))
        if before != after:
            parts.append(t("settings.changed", name=label(name), before=escaped(before), after=escaped(after)))
    return " · ".join(parts)


def _take_back() -> None:
    change = assistant().take_back_settings()
    if change is not None and "language" in change.saved:
        follow_saved_language()
