"""GPU mode, threads and the length of answers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.devices import cuda_status
from ert_core.settings import fixed_by_environment
from ert_core.threads import usable_cpus
from ert_core.ui.session import save_setting, t


def show_machine_settings(ert: Assistant) -> None:
    """Draw them; each is saved and applied when it changes."""
    st.subheader(t("settings.machine"))
    fixed = fixed_by_environment()
    usable, reason = cuda_status()
    key = f"gpu-{ert.settings.gpu}"  # another tab may have changed it
    st.checkbox(
        t("settings.gpu"),
        value=ert.settings.gpu and usable,
        disabled=not usable or "gpu" in fixed,
        help=t("settings.gpu_help"),
        on_change=save_setting,
        args=("gpu", key),
        key=key,
    )
    if not usable:
        st.caption(t(f"cuda.{reason}"))
    elif "gpu" in fixed:
        st.caption(t("settings.fixed", variable="ERT_GPU"))
    most = usable_cpus()
    _number(ert, fixed, "threads", 1, max(most, ert.settings.threads), 1, help=t("settings.threads_help", most=most))
    _number(ert, fixed, "max_new_tokens_cpu", 16, 8192, 50, help=t("settings.cap_help"))
    _number(ert, fixed, "max_new_tokens_gpu", 16, 8192, 50, help=t("settings.cap_help"))


_LABELS = {
    "threads": "settings.threads",
    "max_new_tokens_cpu": "settings.cap_cpu",
    "max_new_tokens_gpu": "settings.cap_gpu",
}


def _number(ert: Assistant, fixed: dict[str, Any], name: str, low: int, high: int, step: int, *, help: str) -> None:
    present = getattr(ert.settings, name)
    key = f"{name}-{present}"
    st.number_input(
        t(_LABELS[name]),
        low,
        high,
        present,
        step,
        help=help,
        on_change=save_setting,
        args=(name, key),
        key=key,
        disabled=name in fixed,
    )
    if name in fixed:
        st.caption(t("settings.fixed", variable=f"ERT_{name.upper()}"))
