"""Messages as the prompt of a model's own template, and templates that refuse some."""

from __future__ import annotations

from pathlib import Path

import pytest

from ert_core.errors import LanguageModelError
from ert_core.language_model import LanguageModel
from tests.model_steps import QUESTION
from tests.tiny_model import CHAT_TEMPLATE, build_tiny_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def model(folder) -> LanguageModel:
    return LanguageModel(folder, threads=1, interop_threads=1)


def test_the_header_of_an_answer_is_what_past_and_coming_answers_share(model, tmp_path):
    tokenizer = model._load_tokenizer()
    assert tokenizer.text(tokenizer.answer_header).strip() == "assistant", "not the thinking that only the next has"
    refusing = "{% if messages|length > 1 %}{{ raise_exception('one message only') }}{% endif %}" + CHAT_TEMPLATE
    strict = LanguageModel(build_tiny_model(tmp_path / "strict", chat_template=refusing))
    assert strict._load_tokenizer().answer_header == []


def test_thinking_is_switched_off_where_the_template_has_it(model):
    text = model._tokenizer.tokenizer.decode(model._prompt(QUESTION))
    assert text.endswith("<think>\n\n</think>\n\n")


def test_a_template_that_refuses_the_conversation_says_so(tmp_path):
    strict = "{{ raise_exception('System role not supported') }}" + CHAT_TEMPLATE
    model = LanguageModel(build_tiny_model(tmp_path / "strict", chat_template=strict))
    with pytest.raises(LanguageModelError) as caught:
        model.count_tokens(QUESTION)
    assert caught.value.code == "chat_template_failed"
    assert "System role" in caught.value.message


NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% endfor %}" + CHAT_TEMPLATE
)


def test_a_template_without_a_system_role_gets_its_text_in_the_first_question(tmp_path):
    model = LanguageModel(build_tiny_model(tmp_path / "gemma", chat_template=NO_SYSTEM))
    turns = [("system", "Be brief."), ("user", "one"), ("assistant", "two"), ("user", "three")]
    messages = [{"role": role, "content": content} for role, content in turns]
    text = model._tokenizer.tokenizer.decode(model._prompt(messages)) if model.count_tokens(messages) else ""
    assert text.startswith("<|im_start|>user\nBe brief.\n\none<|im_end|>\n<|im_start|>assistant\ntwo<|im_end|>")
    assert "system" not in text and messages[1]["content"] == "one"
    with pytest.raises(LanguageModelError, match="alternate"):
        model.count_tokens([*messages, messages[-1]])
    with pytest.raises(LanguageModelError, match="System role"):
        model.count_tokens(messages[:1])
