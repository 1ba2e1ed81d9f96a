"""What ERT takes of the machine: the CPU budget, threads, GPU mode."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.cpu_budget import GOVERNOR
from ert_core.devices import cuda_status
from ert_core.settings import fixed_by_environment
from ert_core.threads import bounded_threads, usable_cpus
from ert_core.ui.formats import number, percentage
from ert_core.ui.session import save_setting, t
from ert_core.ui.setting_rows import label, show_number, show_switch

PRESETS = (25, 50, 100)  # per cent of the machine


def show_machine_settings(ert: Assistant) -> None:
    """Draw them; each is saved and applied when it changes."""
    show_number(ert, "cpu_budget", 5)
    _show_presets(ert)
    show_number(ert, "threads", 1, most=usable_cpus())
    usable, reason = cuda_status()
    show_switch(ert, "gpu", possible=usable, note="" if usable else t(f"cuda.{reason}"))


def _show_presets(ert: Assistant) -> None:
    """Three budgets in one click, and what is in use now."""
    budget = ert.settings.cpu_budget
    key = "cpu_budget_preset"
    st.session_state[key] = budget if budget in PRESETS else None
    st.radio(
        label("cpu_budget"),
        PRESETS,
        horizontal=True,
        format_func=lambda preset: t(f"settings.budget_{preset}"),
        on_change=save_setting,
        args=("cpu_budget", key),
        key=key,
        disabled="cpu_budget" in fixed_by_environment(),
        label_visibility="collapsed",
    )
    restraint = GOVERNOR.restraint
    told = [t("settings.budget_in_use", percent=percentage(GOVERNOR.percent), threads=_threads(ert))]
    if restraint.reason == "heat":
        temperature = number(restraint.readings.temperature_c or 0)
        told.append(t("settings.budget_heat", budget=percentage(budget), temperature=temperature))
    elif restraint.reason == "battery":
        charge = percentage(restraint.readings.battery_percent or 0)
        told.append(t("settings.budget_battery", budget=percentage(budget), charge=charge))
    st.caption(" ".join(told))


def _threads(ert: Assistant) -> int:
    return bounded_threads(min(ert.settings.threads, GOVERNOR.threads))
