"""The live part of the monitor: the figures of now, what is being done, the chart of the last minutes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.live_figures import INTERVAL_SECONDS, LiveSample
from ert_core.monitor import MB, level
from ert_core.ui.errors import errors_shown
from ert_core.ui.formats import number, percentage, size
from ert_core.ui.monitor_chart import show_chart
from ert_core.ui.session import t

# Streamlit's names of the colours of monitor_cpu.sh.
LEVEL_COLOURS: dict[str, Any] = {"optimal": "green", "moderate": "orange", "high": "red"}
# Four cards fill a line of the page, two fit on a telephone; stretched, they would be as wide as their words.
CARD_PIXELS = 164


@st.fragment(run_every=INTERVAL_SECONDS)
def show_live_figures(ert: Assistant, newest: int) -> None:
    """Draw them anew every two seconds, as long as the page is open.

    `newest` is the last answer that the rest of the page shows: with another one the whole page is drawn again.
    """
    with errors_shown():
        if ert.answer_history.newest() != newest:
            st.rerun()
        samples = ert.live_figures.samples()
        _show_cards(samples[-1])
        st.caption(_at_work(samples[-1]))
        show_chart(samples)


def _show_cards(sample: LiveSample) -> None:
    now = sample.snapshot
    with st.container(horizontal=True):
        _show_cpu(t("monitor.cpu_ert"), now.cpu_percent, None, t("monitor.cpu_ert_help"))
        temperature = None if now.temperature_c is None else t("monitor.temperature", celsius=number(now.temperature_c))
        _show_cpu(t("monitor.cpu_machine"), now.machine_cpu_percent, temperature, t("monitor.cpu_machine_help"))
        lowered = sample.restraint.reason
        _show(
            t("monitor.budget"),
            percentage(sample.budget),
            t(f"monitor.budget_{lowered}") if lowered else t("monitor.budget_free"),
            t("monitor.budget_help"),
        )
        pace = sample.tokens_per_second
        _show(
            t("monitor.tokens"),
            None if pace is None else number(pace, 1),
            t("monitor.tokens_unit") if pace is not None else t("monitor.tokens_none"),
            t("monitor.tokens_help"),
        )
        _show(
            t("monitor.memory"),
            size(now.memory_mb * MB),
            t("monitor.memory_share", percent=percentage(now.memory_percent, 1)),
            t("monitor.memory_help"),
        )
        _show(
            t("monitor.free_memory"),
            size(now.available_mb * MB),
            t("monitor.whole_machine"),
            t("monitor.free_memory_help"),
        )
        _show(
            t("monitor.threads"),
            number(now.threads),
            t("monitor.processes", count=now.processes),
            t("monitor.threads_help"),
        )
        _show(
            t("monitor.queue"),
            number(len(sample.running)),
            t("monitor.waiting", count=sample.waiting),
            t("monitor.queue_help"),
        )


def _show_cpu(label: str, percent: float | None, beside: str | None, help: str) -> None:
    """A CPU share in the colour of its level."""
    if percent is None:  # the first reading: there is no span of time yet
        _show(label, None, t("monitor.measuring"), help)
        return
    reached = level(percent)
    st.metric(
        label,
        percentage(percent, 1),
        t(f"monitor.level_{reached}"),
        LEVEL_COLOURS[reached],
        delta_arrow="off",
        delta_description=beside,
        help=help,
        border=True,
        width=CARD_PIXELS,
    )


def _show(label: str, value: str | None, beside: str, help: str) -> None:
    st.metric(label, value, beside, "off", delta_arrow="off", help=help, border=True, width=CARD_PIXELS)


def _at_work(sample: LiveSample) -> str:
    if not sample.running:
        return t("monitor.nothing_at_work")
    return t("monitor.at_work", work=", ".join(t(f"monitor.work_{name}") for name in sample.running))
