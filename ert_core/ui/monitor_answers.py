"""The last answers of all conversations, with what each has cost, as a table."""

from __future__ import annotations

import zlib
from typing import Any

import streamlit as st

from ert_core.answer_history import PastAnswer
from ert_core.assistant import Assistant
from ert_core.ui.session import t


def show_last_answers(ert: Assistant, newest: int) -> None:
    """Draw the table; the button of a row opens its conversation. `newest` is the id of the first answer."""
    st.subheader(t("monitor.answers"))
    answers = ert.answer_history.last()
    if not answers:
        st.info(t("monitor.no_answers"), icon=":material/info:")
        st.page_link("chat.py", label=t("monitor.ask"), icon=":material/forum:")
        return
    if any(answer.damaged for answer in answers):
        st.warning(t("monitor.damaged_some"), icon=":material/warning:")
    shown = zlib.crc32(repr([answer.conversation_id for answer in answers]).encode())
    key = f"open-{newest}-{shown}"  # a click on a row that has moved meanwhile is none
    st.dataframe([_row(answer) for answer in answers], hide_index=True, placeholder="–", column_config=_columns(key))
    clicked = st.session_state.get(key)
    if clicked is not None:
        st.switch_page("chat.py", query_params={"c": answers[clicked["row"]].conversation_id})


def _row(answer: PastAnswer) -> dict[str, Any]:
    share, rate = answer.verified_share, answer.tokens_per_second
    return {
        "open": ":material/forum:",
        "at": answer.at,
        "question": t("monitor.damaged") if answer.damaged else answer.question,
        "total": _rounded(answer.total, 1),
        "rate": _rounded(rate, 1),
        "cpu_mean": _rounded(answer.cpu_mean, 0),
        "cpu_peak": _rounded(answer.cpu_peak, 0),
        "first_token": _rounded(answer.first_token, 1),
        "budget": _rounded(answer.cpu_budget, 0),
        "memory": _rounded(answer.memory_mb, 0),
        "verified": None if share is None else _rounded(100 * share, 0),
        "mode": t(f"mode.{answer.mode}") if answer.mode in ("quotes", "written") else None,
        "finish": t(f"monitor.finish_{answer.finish_reason}") if answer.finish_reason else None,
        "conversation": answer.title,
    }


def _columns(key: str) -> dict[str, Any]:
    config = st.column_config

    def number(name: str) -> Any:
        return config.NumberColumn(
            t(f"monitor.column_{name}"), help=t(f"monitor.column_{name}_help"), format="localized"
        )

    return {
        "open": config.ButtonColumn(
            t("monitor.column_open"), help=t("monitor.column_open_help"), type="tertiary", key=key, width=64
        ),
        "at": config.DatetimeColumn(t("monitor.column_at"), format="localized", timezone=st.context.timezone),
        "question": config.TextColumn(t("monitor.column_question"), width=150),
        **{
            name: number(name)
            for name in ("total", "rate", "cpu_mean", "cpu_peak", "first_token", "budget", "memory", "verified")
        },
        "mode": config.TextColumn(t("monitor.column_mode")),
        "finish": config.TextColumn(t("monitor.column_finish")),
        "conversation": config.TextColumn(t("monitor.column_conversation"), width="medium"),
    }


def _rounded(figure: float | None, digits: int) -> float | None:
    return None if figure is None else round(figure, digits)
