"""The chart of the monitor: CPU of ERT and of the machine over the last minutes, under the budget."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from ert_core.live_figures import WINDOW_SECONDS, LiveSample
from ert_core.monitor import HIGH_FROM, MODERATE_FROM
from ert_core.ui.formats import percentage
from ert_core.ui.session import t

HEIGHT = 320
# Each is told from the others, and has a contrast of 3 on both backgrounds.
SERIES = {"ert": "#109a8c", "machine": "#7c8aa0", "budget": "#b14aed"}
DASHES = {"ert": [1, 0], "machine": [1, 0], "budget": [6, 4]}
# The levels of monitor_cpu.sh, as bands behind the lines.
BANDS = ((0.0, MODERATE_FROM, "#21a366"), (MODERATE_FROM, HIGH_FROM, "#f59e0b"), (HIGH_FROM, 100.0, "#ef4444"))


def show_chart(samples: Sequence[LiveSample]) -> None:
    """Draw it; the description of the chart never changes, so that the browser only exchanges the figures."""
    st.vega_lite_chart(_rows(samples), _chart(), height=HEIGHT, alt=t("monitor.chart_alt"))
    st.caption(t("monitor.chart_levels", moderate=percentage(MODERATE_FROM), high=percentage(HIGH_FROM)))


def _rows(samples: Sequence[LiveSample]) -> list[dict[str, float | None]]:
    """One row a reading, at minutes before the last one; a reading after a pause has no shares and breaks the lines."""
    now = samples[-1].snapshot.at
    rows: list[dict[str, float | None]] = [
        {
            "ago": round((sample.snapshot.at - now) / 60, 3),
            "ert": _rounded(sample.snapshot.cpu_percent),
            "machine": _rounded(sample.snapshot.machine_cpu_percent),
            "budget": sample.budget,
        }
        for sample in samples
    ]
    # A setting, not a measurement: the line crosses the chart from the beginning.
    before = {"ago": -WINDOW_SECONDS / 60, "ert": None, "machine": None, "budget": samples[0].budget}
    return [before, *rows]


def _chart() -> dict[str, object]:
    """Bands and lines (https://vega.github.io/vega-lite/docs/layer.html); a screen reader hears the text beside it."""
    minutes = round(WINDOW_SECONDS / 60)
    names = {"ert": t("monitor.series_ert"), "machine": t("monitor.series_machine"), "budget": t("monitor.budget")}
    domain = list(SERIES)
    shown = " : ".join(f"datum.value == '{name}' ? {json.dumps(label)}" for name, label in names.items())
    series = {"field": "series", "type": "nominal", "title": None}
    legend = {"orient": "bottom", "labelExpr": f"{shown} : ''", "symbolType": "stroke", "symbolSize": 300}
    share = {
        "type": "quantitative",
        "title": t("monitor.chart_share"),
        "scale": {"domain": [0, 100]},
        "axis": {"values": [0, 25, 50, 75, 100], "grid": False},
    }
    ago = {
        "field": "ago",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [-minutes, 0], "nice": False},
        "axis": {
            "values": list(range(0, -minutes, -2)),  # three: they fit on a telephone
            "labelExpr": f"datum.value == 0 ? {json.dumps(t('monitor.chart_now'))} : datum.value + ' min'",
            "labelFlush": True,
            "grid": False,
        },
    }
    return {
        "layer": [
            *(
                {
                    "data": {"values": [{"low": low, "high": high}]},
                    "mark": {"type": "rect", "color": colour, "opacity": 0.1, "aria": False},
                    "encoding": {"y": {"field": "low", **share}, "y2": {"field": "high"}},
                }
                for low, high, colour in BANDS
            ),
            {  # in the dark the last two bands alone can hardly be told from each other
                "data": {"values": [{"low": HIGH_FROM}]},
                "mark": {"type": "rule", "color": BANDS[-1][2], "opacity": 0.7, "aria": False},
                "encoding": {"y": {"field": "low", **share}},
            },
            {
                "transform": [{"fold": domain, "as": ["series", "share"]}],
                "mark": {"type": "line", "invalid": "break-paths-show-domains", "clip": True, "aria": False},
                "encoding": {
                    "x": ago,
                    "y": {"field": "share", **share},
                    "color": {**series, "scale": {"domain": domain, "range": list(SERIES.values())}, "legend": legend},
                    "strokeDash": {
                        **series,
                        "scale": {"domain": domain, "range": list(DASHES.values())},
                        "legend": legend,
                    },
                },
            },
        ],
    }


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)
