"""Which token is chosen, and how the tokens become text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ert_core.decoding import TextStream, token_chooser
from ert_core.types import GenerationOptions


def test_a_repetition_penalty_of_the_model_counts_over_the_answer_only():
    import torch
    from transformers import GenerationConfig

    logits = torch.tensor([0.5, 2.0, 1.9, -1.0])
    choose = token_chooser(GenerationOptions(), GenerationConfig(repetition_penalty=1.3), "cpu")
    assert choose([], logits) == 1
    assert choose([1], logits) == 2
    assert token_chooser(GenerationOptions(), GenerationConfig(), "cpu")([1], logits) == 1


def test_top_p_and_top_k_leave_the_unlikely_out():
    import torch
    from transformers import GenerationConfig

    logits = torch.tensor([5.0, 4.0, -2.0, -2.0])

    def drawn(top_p, **config):
        options = GenerationOptions(temperature=2.0, top_p=top_p, seed=3)
        choose = token_chooser(options, GenerationConfig(**config), "cpu")
        return {choose([], logits) for _ in range(200)}

    assert drawn(1.0) == {0, 1, 2, 3}
    assert drawn(0.7) == {0, 1}
    assert drawn(1.0, top_k=2) == {0, 1}


def byte_stream() -> TextStream:
    return TextStream(lambda tokens: bytes(tokens).decode("utf-8", "replace"))


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffd")))
def test_deltas_join_and_never_hold_half_a_character(text):
    stream = byte_stream()
    deltas = [stream.push(byte) for byte in text.encode()]
    assert not any("\ufffd" in delta for delta in deltas)
    assert "".join(deltas) + stream.finish() == text


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_deltas_of_any_bytes_join_to_their_text(data):
    stream = byte_stream()
    deltas = [stream.push(byte) for byte in data]
    assert ("".join(deltas) + stream.finish()).rstrip("\ufffd") == data.decode("utf-8", "replace").rstrip("\ufffd")


def test_a_character_cut_by_the_cap_is_left_out():
    stream = byte_stream()
    assert "".join(stream.push(byte) for byte in "prix 5 €".encode()[:-1]) == "prix 5 "
    assert stream.finish() == ""
