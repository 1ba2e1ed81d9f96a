"""The language and appearance of the pages, how ERT answers, and the limits that few people need."""

from __future__ import annotations

from ert_core.assistant import Assistant
from ert_core.ui.session import follow_saved_language, save_setting
from ert_core.ui.setting_rows import show_choice, show_number, show_switch


def show_interface_settings(ert: Assistant) -> None:
    """Language and appearance."""
    show_choice(ert, "language", save=_save_language)
    show_choice(ert, "appearance")


def show_answer_settings(ert: Assistant) -> None:
    """How ERT answers, and how long."""
    show_choice(ert, "answer_mode")
    show_number(ert, "max_new_tokens_cpu", 50)
    show_number(ert, "max_new_tokens_gpu", 50)
    show_number(ert, "temperature", 0.1, decimals=1)
    show_number(ert, "max_question_characters", 500)


def show_fine_settings(ert: Assistant) -> None:
    """What seldom needs a change."""
    show_number(ert, "max_file_mb", 50)
    show_switch(ert, "int8_decoding")
    show_number(ert, "embedding_batch_size", 1)
    show_number(ert, "interop_threads", 1)


def _save_language(name: str, key: str) -> None:
    save_setting(name, key)
    follow_saved_language()
