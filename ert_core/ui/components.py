"""Components of our own, where Streamlit has none (https://docs.streamlit.io/develop/concepts/custom-components).

They are served as files: the page's Content-Security-Policy lets no script in that stands in a message.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

_FOLDER = Path(__file__).with_name("assets")


@cache
def component(name: str) -> Callable[..., Any]:
    """The one of `assets/NAME.js`, and of the style sheet beside it where there is one."""
    _register()
    css = f"{name}.css" if (_FOLDER / f"{name}.css").exists() else None
    return st.components.v2.component(f"ert.{name}", js=f"{name}.js", css=css, isolate_styles=False)


@cache
def _register() -> None:
    names = sorted(path.stem for path in _FOLDER.glob("*.js"))
    configs = [ComponentConfig(name, asset_dir=_FOLDER.name) for name in names]
    get_bidi_component_manager().register_from_manifest(ComponentManifest("ert", "1", configs), _FOLDER.parent)
