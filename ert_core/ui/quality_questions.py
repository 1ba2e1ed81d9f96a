"""Measures with a file of questions: upload, progress, table, JSON file and misses."""

from __future__ import annotations

import json

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.errors import ErtError
from ert_core.evaluation import Evaluation
from ert_core.evaluation_report import as_json, table
from ert_core.library import MEGABYTE
from ert_core.question_sets import KnownQuestion, read_questions, read_unanswerable
from ert_core.ui.errors import show_error
from ert_core.ui.formats import size
from ert_core.ui.markdown import escaped
from ert_core.ui.quality_misses import show_misses
from ert_core.ui.quality_progress import follow_measurement, running
from ert_core.ui.session import language, t

FILE_MB = 20
NAMES_SHOWN = 5


def show_question_file(ert: Assistant) -> None:
    """Draw the part of the page."""
    st.subheader(t("quality.file"))
    st.write(t("quality.file_intro"))
    with st.expander(t("quality.file_format_title"), icon=":material/help:"):
        st.markdown(t("quality.file_format"))
        st.code(t("quality.file_example"), language="json", wrap_lines=True)
    limit = size(FILE_MB * MEGABYTE)
    # Every suffix is accepted: what is wrong with a file is then said in the reader's language.
    questions = st.file_uploader(t("quality.file_questions", size=limit), max_upload_size=FILE_MB, key="questions_file")
    unanswerable = st.file_uploader(
        t("quality.file_unanswerable", size=limit),
        max_upload_size=FILE_MB,
        help=t("quality.file_unanswerable_help"),
        key="unanswerable_file",
    )
    if not running(ert, "evaluation") and st.button(t("quality.file_start"), icon=":material/speed:", key="evaluate"):
        if questions is None:
            st.info(t("quality.file_first"), icon=":material/info:")
            return
        try:
            longest = ert.settings.max_question_characters
            known = read_questions(questions.getvalue(), questions.name, longest=longest)
            without: list[KnownQuestion] = []
            if unanswerable is not None:
                without = read_unanswerable(unanswerable.getvalue(), unanswerable.name, longest=longest)
            ert.start_evaluation(known, without)
        except ErtError as error:
            show_error(error)
            return
        st.rerun()
    last = follow_measurement(ert, "evaluation")
    if last is not None and isinstance(last.result, Evaluation):
        _show_result(last.result)


def _show_result(result: Evaluation) -> None:
    asked = result.overall.n + result.overall.unanswerable
    if result.stopped:
        st.info(t("quality.stopped", done=asked), icon=":material/info:")
    if not asked:
        return
    if result.unknown_documents:
        names = [escaped(name) for name in result.unknown_documents[:NAMES_SHOWN]]
        if len(result.unknown_documents) > NAMES_SHOWN:
            names.append(t("quality.and_more", count=len(result.unknown_documents) - NAMES_SHOWN))
        st.warning(t("quality.unknown_documents", names=", ".join(names)), icon=":material/warning:")
    heads, rows = table(result, language())
    st.table([dict(zip(heads, row, strict=True)) for row in rows], hide_index=True)
    st.caption(
        t(
            "quality.library",
            documents=result.documents,
            passages=result.passages,
            characters=round(result.library_characters),
        )
    )
    st.download_button(
        t("quality.download"),
        json.dumps(as_json(result), ensure_ascii=False, indent=2),
        file_name="ert-quality.json",
        mime="application/json",
        on_click="ignore",
        icon=":material/download:",
        key="evaluation_json",
    )
    show_misses(result.misses, in_file=True)
