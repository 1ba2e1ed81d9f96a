"""The sample documents, added in one click."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.loaders import SUPPORTED_SUFFIXES
from ert_core.sources import collect
from ert_core.types import Source
from ert_core.ui.ingestion import start_ingestion
from ert_core.ui.session import t

FOLDER = Path(__file__).resolve().parents[2] / "samples"


def sample_sources() -> list[Source]:
    """The files of `samples/`, its own README and the sources they were built from left out."""
    collected = collect([FOLDER], SUPPORTED_SUFFIXES)
    return [s for s in collected.sources if "/" not in s.name.replace("\\", "/") and s.name != "README.md"]


def offer_samples(ert: Assistant) -> None:
    """The button; `follow_ingestion` shows the progress once it was pressed."""
    if st.button(t("samples.add"), icon=":material/science:", type="primary", key="samples"):
        start_ingestion(ert, sample_sources())
