"""The CPU budget, GPU mode, threads and the length of answers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.cpu_budget import GOVERNOR
from ert_core.devices import cuda_status
from ert_core.settings import fixed_by_environment
from ert_core.threads import bounded_threads, usable_cpus
from ert_core.ui.session import save_setting, t

PRESETS = (25, 50, 100)  # per cent of the machine


def show_machine_settings(ert: Assistant) -> None:
    """Draw them; each is saved and applied when it changes."""
    st.subheader(t("settings.machine"))
    fixed = fixed_by_environment()
    _show_budget(ert, fixed)
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
    _number(ert, fixed, "idle_unload_minutes", 0, 1440, 5, help=t("settings.idle_help"))
    _number(ert, fixed, "max_new_tokens_cpu", 16, 8192, 50, help=t("settings.cap_help"))
    _number(ert, fixed, "max_new_tokens_gpu", 16, 8192, 50, help=t("settings.cap_help"))


def _show_budget(ert: Assistant, fixed: dict[str, Any]) -> None:
    """The presets, any other value, and what is in use now."""
    budget = ert.settings.cpu_budget
    key = f"cpu_budget_preset-{budget}"  # another tab may have changed it
    st.segmented_control(
        t("settings.budget"),
        PRESETS,
        default=budget if budget in PRESETS else None,
        format_func=lambda preset: t(f"settings.budget_{preset}"),
        help=t("settings.budget_help"),
        on_change=_choose_preset,
        args=(key,),
        key=key,
        disabled="cpu_budget" in fixed,
    )
    _number(ert, fixed, "cpu_budget", 10, 100, 5, help=t("settings.budget_help"))
    restraint = GOVERNOR.restraint
    told = [t("settings.budget_in_use", percent=f"{GOVERNOR.percent:.0f}", threads=_threads(ert))]
    if restraint.reason == "heat":
        temperature = f"{restraint.readings.temperature_c:.0f}"
        told.append(t("settings.budget_heat", budget=budget, temperature=temperature))
    elif restraint.reason == "battery":
        charge = f"{restraint.readings.battery_percent:.0f}"
        told.append(t("settings.budget_battery", budget=budget, charge=charge))
    st.caption(" ".join(told))


def _choose_preset(key: str) -> None:
    if st.session_state[key] is not None:  # None: the chosen one was clicked again
        save_setting("cpu_budget", key)


def _threads(ert: Assistant) -> int:
    return bounded_threads(min(ert.settings.threads, GOVERNOR.threads))


_LABELS = {
    "cpu_budget": "settings.budget_exact",
    "threads": "settings.threads",
    "idle_unload_minutes": "settings.idle",
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
