"""The followed folders: name one, see how they are, let one go."""

from __future__ import annotations

import time

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.errors import ErtError
from ert_core.followed_folders import FollowedFolder
from ert_core.ui.errors import errors_shown, show_error
from ert_core.ui.figures import time_since
from ert_core.ui.formats import number
from ert_core.ui.markdown import escaped
from ert_core.ui.session import language, t

_TYPED = "folder-path"
_SEEN = "folders-seen"
# How soon an open page shows what a look has changed.
REFRESH_SECONDS = 10.0
MOST_TOLD = 50


def show_folders(ert: Assistant) -> None:
    """The folders and a field for another; an open page is drawn anew when a look begins or has changed the library."""
    folders = ert.folders.listed()
    with st.expander(_title(folders, ert.folder_watch.stopped), icon=":material/folder_eye:", key="folders"):
        st.caption(t("library.folders_intro"))
        with st.form("follow", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            path = st.text_input(t("library.folder_path"), key=_TYPED, placeholder=t("library.folder_example"))
            follow = st.form_submit_button(t("library.follow"), icon=":material/add:", key="follow-yes")
        if follow:
            with errors_shown():
                ert.folders.follow(path or "")
                ert.folder_watch.start()
                _wait_for_the_look(ert)
                st.rerun()
        for place, folder in enumerate(folders):
            _show_folder(ert, folder, place)
        if folders and ert.folder_watch.stopped:
            job = ert.folder_watch.job
            if job is not None and job.error is not None:
                show_error(job.error)
            else:
                st.info(t("library.look_stopped"), icon=":material/pause:")
            if st.button(t("library.look_now"), icon=":material/refresh:", key="look-now"):
                ert.folder_watch.start()
                _wait_for_the_look(ert)
                st.rerun()
    if folders:
        st.session_state[_SEEN] = _state(ert)
        _watch(ert)


def _title(folders: list[FollowedFolder], stopped: bool) -> str:
    if not folders:
        return t("library.follow_folder")
    troubled = sum(1 for f in folders if f.problem is not None or f.failures)
    title = t("library.folders", count=len(folders))
    if stopped:
        return f"{title} · :orange[{t('library.stopped')}]"
    return f"{title} · :orange[{t('library.folders_troubled', count=troubled)}]" if troubled else title


def _show_folder(ert: Assistant, folder: FollowedFolder, place: int) -> None:
    with st.container(border=True):
        st.markdown(f"**{escaped(folder.path)}**")
        parts = [t("library.files", count=number(folder.files))]
        parts.append(
            t("library.looked_at", time=time_since(folder.looked_at)) if folder.looked_at else t("library.not_looked")
        )
        st.caption(" · ".join(parts))
        if folder.problem is not None:
            _warn(folder.problem)
        if folder.failures:
            with st.expander(t("library.failures", count=number(len(folder.failures))), icon=":material/warning:"):
                for failure in folder.failures[:MOST_TOLD]:
                    reason = (
                        t("ingest.empty") if failure.error is None else " ".join(failure.error.in_language(language()))
                    )
                    st.markdown(f"- **{escaped(failure.name)}** · {escaped(reason)}")
                if len(folder.failures) > MOST_TOLD:
                    st.markdown(f"- {t('ingest.more', count=len(folder.failures) - MOST_TOLD)}")
        if st.button(t("library.unfollow"), help=t("library.unfollow_help"), key=f"unfollow-{place}"):
            ert.folders.unfollow(folder.path)
            st.rerun()


def _warn(problem: ErtError) -> None:
    message, remedy = problem.in_language(language())
    st.warning(f"{escaped(message)}\n\n{escaped(remedy)}", icon=":material/link_off:")


def _wait_for_the_look(ert: Assistant, seconds: float = 1.0) -> None:
    """A moment, so that the page drawn next shows its progress."""
    before, deadline = ert.folder_watch.job, time.monotonic() + seconds
    while ert.folder_watch.job is before and time.monotonic() < deadline:
        time.sleep(0.05)


@st.fragment(run_every=REFRESH_SECONDS)
def _watch(ert: Assistant) -> None:
    if _state(ert) != st.session_state.get(_SEEN):
        st.rerun()


def _state(ert: Assistant) -> tuple[object, ...]:
    job = ert.folder_watch.job
    return ert.database.generation(), job and job.id, job is not None and job.done
