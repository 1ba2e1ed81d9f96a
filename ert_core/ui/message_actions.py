"""What can be done with a turn of a conversation: edit and ask again, see another version, say what it was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.types import Message, Scope
from ert_core.ui.answers import show_figures
from ert_core.ui.errors import errors_shown
from ert_core.ui.icon_button import icon_button
from ert_core.ui.markdown import escaped, escaped_lines
from ert_core.ui.session import language, t

_EDITED = "edited_message"


def show_question(ert: Assistant, conversation: str, message: Message, variants: Mapping[int, Sequence[int]]) -> None:
    """A question with its scope and its actions; edited, it is asked anew beside what it was."""
    if st.session_state.get(_EDITED) == message.id:
        _edit(ert, conversation, message)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.markdown(escaped_lines(message.text), width="stretch")
        if icon_button(t("message.edit"), ":material/edit:", f"edit-{message.id}"):
            st.session_state[_EDITED] = message.id
            st.rerun()
    if message.scope is not None:
        asked_of = ert.library.store.names(message.scope.documents)
        if names := _scope_names(ert, message.scope, asked_of):
            st.caption(t("scope.shown" if message.scope.only else "scope.first", names=names))
        if len(asked_of) < len(set(message.scope.documents)):
            st.caption(t("message.files_missing"))  # stopped before they were added, refused, or deleted since
    if message.id in variants:
        with _row():
            _choose_version(ert, conversation, message, variants)


def show_answer_actions(
    ert: Assistant, conversation: str, message: Message, variants: Mapping[int, Sequence[int]], *, settled: bool
) -> None:
    """The line under an answer: once all is `settled`, what can be done with it, then its figures."""
    with _row():
        if settled:
            _choose_version(ert, conversation, message, variants)
            _offer_another(ert, conversation, message)
            _ask_worth(ert, message)
        if message.answer is not None and message.answer.finish_reason != "small_talk":
            show_figures(message.answer)


def _offer_another(ert: Assistant, conversation: str, message: Message) -> None:
    if message.parent and icon_button(t("message.again"), ":material/refresh:", f"again-{message.id}"):
        with errors_shown():
            ert.answer_again(message.parent, conversation, language=language())
            st.rerun()


def _ask_worth(ert: Assistant, message: Message) -> None:
    st.feedback(
        "thumbs",
        default=None if message.rating is None else int(message.rating > 0),
        key=f"rating-{message.id}",
        on_change=_rate,
        args=(ert, message),
    )
    if message.rating is not None:
        with st.popover(f":small[{t('message.comment')}]", icon=":material/comment:", type="tertiary"):
            st.text_input(
                t("message.comment"),
                value=message.comment or "",
                key=f"comment-{message.id}",
                on_change=_comment,
                args=(ert, message),
            )


def _scope_names(ert: Assistant, scope: Scope, documents: Mapping[str, str]) -> str:
    """What a question was asked of, escaped: its `documents` that are there, by id, and its collection."""
    names = [*documents.values(), *(c.name for c in ert.collections.listed() if c.id == scope.collection)]
    return escaped(", ".join(names[:3])) + (" …" if len(names) > 3 else "")


def _edit(ert: Assistant, conversation: str, message: Message) -> None:
    with st.form(f"form-{message.id}", border=False):
        asked = st.text_area(t("message.edit_label"), value=message.text, key=f"text-{message.id}")
        with _row():
            ask = st.form_submit_button(t("message.ask"), type="primary")
            cancel = st.form_submit_button(t("message.cancel"), type="tertiary")
    if ask or cancel:
        with errors_shown():  # of a question that cannot be asked, what was typed stays
            if ask and asked.strip():
                after = message.parent or 0
                ert.start_answer(asked, conversation, language=language(), scope=message.scope, after=after)
            del st.session_state[_EDITED]
            st.rerun()


def _choose_version(ert: Assistant, conversation: str, message: Message, variants: Mapping[int, Sequence[int]]) -> None:
    versions = variants.get(message.id)
    if not versions:
        return
    at = list(versions).index(message.id)
    for step, icon, label in ((-1, "chevron_left", "message.earlier"), (1, "chevron_right", "message.later")):
        if step > 0:
            st.caption(t("message.variant", number=at + 1, total=len(versions)), width="content")
        other = at + step
        icon_button(
            t(label),
            f":material/{icon}:",
            f"{label}-{message.id}",
            disabled=not 0 <= other < len(versions),
            on_click=ert.conversations.show,
            args=(conversation, versions[other % len(versions)]),
        )


def _rate(ert: Assistant, message: Message) -> None:
    value = st.session_state[f"rating-{message.id}"]
    ert.conversations.rate(message.id, None if value is None else 2 * value - 1)


def _comment(ert: Assistant, message: Message) -> None:
    ert.conversations.comment(message.id, st.session_state[f"comment-{message.id}"])
    st.toast(t("message.comment_saved"))


def _row() -> st.delta_generator.DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
