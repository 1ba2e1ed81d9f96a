"""The self-test: one click, its progress, its figures, a chart by document and the misses."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.evaluation_report import number, percentage
from ert_core.locale import LANGUAGES
from ert_core.self_test import HITS, MOST_QUESTIONS, DocumentFindings, Findings, SelfTest
from ert_core.ui.monitor_live import CARD_PIXELS
from ert_core.ui.quality_misses import show_misses
from ert_core.ui.quality_progress import follow_measurement, running
from ert_core.ui.session import language, t

# More bars than this cannot be read.
BARS = 20
BAR_PIXELS, AXIS_PIXELS = 26, 140
COLOURS = ["#0f766e", "#7cc4bc"]


def show_self_test(ert: Assistant) -> None:
    """Draw the part of the page."""
    st.subheader(t("quality.self_test"))
    st.write(t("quality.self_test_intro", most=MOST_QUESTIONS))
    with st.expander(t("quality.self_test_limits_title"), icon=":material/help:"):
        st.markdown(t("quality.self_test_can"))
        st.markdown(t("quality.self_test_cannot"))
    if not running(ert, "self_test"):
        label = t("quality.start") if ert.measurement("self_test") is None else t("quality.again")
        if st.button(label, type="primary", icon=":material/fact_check:", key="self_test"):
            ert.start_self_test()
            st.rerun()
    last = follow_measurement(ert, "self_test")
    if last is not None and isinstance(last.result, SelfTest):
        _show_result(ert, last.result)


def _show_result(ert: Assistant, result: SelfTest) -> None:
    if result.stopped:
        st.info(t("quality.stopped", done=result.overall.n), icon=":material/info:")
    if result.generation != ert.database.generation():
        st.warning(t("quality.changed"), icon=":material/update:")
    if not result.overall.n:
        return
    _show_metrics(result.overall)
    st.caption(t("quality.asked", n=result.overall.n, documents=len(result.documents)))
    if result.without_questions:
        st.caption(t("quality.without_questions", count=result.without_questions))
    _show_documents(result.documents)
    show_misses(result.misses, in_file=False)


def _show_metrics(findings: Findings) -> None:
    with st.container(horizontal=True):
        for k in HITS:
            label = t("quality.hit_1") if k == 1 else t("quality.hit", k=k)
            help = t("quality.hit_1_help") if k == 1 else t("quality.hit_help", k=k)
            st.metric(label, percentage(findings.hits[k], language()), help=help, border=True, width=CARD_PIXELS)
        mrr = number(findings.mrr, language(), 2)
        st.metric(t("quality.mrr"), mrr, help=t("quality.mrr_help"), border=True, width=CARD_PIXELS)


def _show_documents(documents: tuple[DocumentFindings, ...]) -> None:
    st.markdown(f"**{t('quality.by_document')}**")
    charted = documents[:BARS]
    # Two documents of the same name must not be added up.
    names = _distinct([d.document for d in charted])
    bars = []
    for name, row in zip(names, charted, strict=True):
        first, five = (100 * (row.findings.hits[k] or 0.0) for k in (1, 5))
        bars.append({"document": name, "place": t("quality.chart_first"), "share": first, "order": 0})
        bars.append({"document": name, "place": t("quality.chart_next"), "share": five - first, "order": 1})
    st.vega_lite_chart(bars, _chart(names), height=AXIS_PIXELS + BAR_PIXELS * len(charted), alt=t("quality.chart_alt"))
    if len(documents) > BARS:
        st.caption(t("quality.chart_worst", shown=BARS, count=len(documents)))
    with st.expander(t("quality.all_documents"), icon=":material/table_rows:"):
        st.dataframe(
            [_row(d) for d in documents],
            hide_index=True,
            column_config={
                "document": st.column_config.TextColumn(t("documents.name"), width="medium"),
                "language": st.column_config.TextColumn(t("documents.language")),
                "n": st.column_config.NumberColumn(t("quality.questions")),
                **{
                    f"hit_{k}": st.column_config.TextColumn(t("quality.hit_1") if k == 1 else t("quality.hit", k=k))
                    for k in HITS
                },
                "mrr": st.column_config.TextColumn(t("quality.mrr")),
            },
        )


def _chart(names: list[str]) -> dict[str, object]:
    """One stacked bar a document, in the order given (https://vega.github.io/vega-lite/docs/bar.html)."""
    places = [t("quality.chart_first"), t("quality.chart_next")]
    return {
        "mark": "bar",
        "encoding": {
            "y": {
                "field": "document",
                "type": "nominal",
                "sort": names,
                "title": None,
                "axis": {"labelLimit": 180, "labelOverlap": False},
            },
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": t("quality.chart_share"),
                "scale": {"domain": [0, 100]},
                "axis": {"titleAnchor": "end"},  # in the middle it would be cut off on a telephone, as a wide legend
            },
            "color": {
                "field": "place",
                "type": "nominal",
                "title": None,
                "scale": {"domain": places, "range": COLOURS},
                "legend": {"orient": "bottom", "direction": "vertical"},
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                {"field": "document", "title": t("documents.name")},
                {"field": "share", "type": "quantitative", "format": ".0f", "title": t("quality.chart_share")},
                {"field": "place", "title": t("quality.chart_place")},
            ],
        },
    }


def _row(row: DocumentFindings) -> dict[str, object]:
    spoken = t(f"language.{row.language}") if row.language in LANGUAGES else row.language
    rates = {f"hit_{k}": percentage(row.findings.hits[k], language()) for k in HITS}
    mrr = number(row.findings.mrr, language(), 2)
    return {"document": row.document, "language": spoken, "n": row.findings.n, **rates, "mrr": mrr}


def _distinct(names: list[str]) -> list[str]:
    """The names, those that occur again numbered."""
    seen: dict[str, int] = {}
    shown = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        shown.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return shown
