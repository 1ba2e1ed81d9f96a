"""The written path on real transformers code and a tiny model of random weights."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ert_core.decoding import TextStream, decode, token_chooser
from ert_core.errors import LanguageModelError, NotEnoughMemoryError
from ert_core.language_model import GenerationStep, LanguageModel
from ert_core.prompt_chunks import chunk_ends
from ert_core.types import GenerationOptions
from tests.tiny_model import CHAT_TEMPLATE, build_tiny_model

QUESTION = [
    {"role": "system", "content": "Réponds avec les passages."},
    {"role": "user", "content": "Quelle est la résistivité de l'argile ?"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def model(folder) -> LanguageModel:
    return LanguageModel(folder, threads=1, interop_threads=1)


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def steps(model: LanguageModel, **options) -> list[GenerationStep]:
    return list(model.generate(QUESTION, GenerationOptions(**{"max_new_tokens": 40, **options})))


def written(answer: list[GenerationStep]) -> str:
    return "".join(step.delta for step in answer)


def without_end(folder: Path) -> None:
    """Let nothing end an answer but its length."""
    path = folder / "generation_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "eos_token_id": 599}), encoding="utf-8")
    path = folder / "tokenizer_config.json"
    content = json.loads(path.read_text())
    content["eos_token"] = "<|im_start|>"
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def endless(folder, tmp_path_factory) -> LanguageModel:
    copied = Path(shutil.copytree(folder, tmp_path_factory.mktemp("model") / "endless"))
    without_end(copied)
    model = LanguageModel(copied, threads=1, interop_threads=1)
    model.load()
    model._end_tokens = frozenset()
    return model


def test_construction_and_counting_load_no_weights(folder):
    model = LanguageModel(folder)
    assert model.context_length == 2048
    assert model.count_tokens(QUESTION) > 20
    assert not model.loaded


def test_the_deltas_join_to_what_transformers_generates(model):
    import torch

    answer = steps(model)
    prompt = model._prompt(QUESTION)
    reference = model._model.generate(torch.tensor([prompt]), max_new_tokens=40, do_sample=False)[0, len(prompt) :]
    reference = [token for token in reference.tolist() if token not in model._end_tokens]
    assert written(answer) == model._tokenizer.text(reference).rstrip("\ufffd")
    assert answer[-1].new_tokens == len(reference)
    assert answer[-1].prompt_tokens == len(prompt) == model.count_tokens(QUESTION)
    assert [step.finish_reason for step in answer[:-1]] == [None] * (len(answer) - 1)


def test_temperature_0_repeats_and_does_not_hear_the_seed(model):
    assert written(steps(model)) == written(steps(model)) == written(steps(model, seed=5))


def test_a_seed_repeats_a_sampled_answer_and_another_changes_it(model):
    first = written(steps(model, temperature=1.5, seed=1))
    assert first == written(steps(model, temperature=1.5, seed=1))
    assert first != written(steps(model, temperature=1.5, seed=2))


def test_sampling_leaves_the_random_state_of_the_process_alone(model):
    import torch

    before = torch.random.get_rng_state()
    steps(model, temperature=1.0)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_cap_of_the_device_holds(endless, device, monkeypatch):
    """The cap is chosen by the device's name: no GPU is needed to see which one holds."""
    monkeypatch.setattr(endless, "cap_cpu", 12)
    monkeypatch.setattr(endless, "cap_gpu", 30)
    monkeypatch.setattr(endless, "device", device)
    room = endless._room(10, GenerationOptions())
    assert room == {"cpu": 12, "cuda": 30}[device]
    monkeypatch.setattr(endless, "device", "cpu")
    answer = list(endless.generate(QUESTION, GenerationOptions(max_new_tokens=room)))
    assert (answer[-1].finish_reason, answer[-1].new_tokens) == ("length", room)


def test_the_usual_caps_are_800_and_2500(folder):
    assert LanguageModel(folder).cap == 800
    assert LanguageModel(folder, device="cuda").cap == 2500


def test_the_cap_of_the_cpu_ends_an_answer_without_options(endless, monkeypatch):
    monkeypatch.setattr(endless, "cap_cpu", 15)
    assert list(endless.generate(QUESTION))[-1].new_tokens == 15


def test_options_win_over_the_cap_but_not_over_the_context(endless):
    assert endless._room(10, GenerationOptions(max_new_tokens=1000)) == 1000
    assert endless._room(2000, GenerationOptions(max_new_tokens=1000)) == 48
    endless_context = LanguageModel(endless.folder)
    with pytest.raises(LanguageModelError) as caught:
        endless_context._room(2048, GenerationOptions())
    assert caught.value.code == "prompt_too_long"
    with pytest.raises(ValueError, match="max_new_tokens"):
        endless._room(10, GenerationOptions(max_new_tokens=0))


def test_a_prompt_over_the_context_is_refused(model):
    with pytest.raises(LanguageModelError) as caught:
        next(iter(model.generate([{"role": "user", "content": "argile " * 2000}])))
    assert caught.value.code == "prompt_too_long"
    assert steps(model)


def test_an_end_token_stops_the_answer_and_is_not_written(endless, monkeypatch):
    usual = steps(endless)
    prompt = endless._prompt(QUESTION)
    tokens = [
        s.token for s in decode(endless._model, prompt, lambda a, x: int(x.argmax()), max_new_tokens=40, end_tokens=())
    ]
    end = tokens[-10]
    monkeypatch.setattr(endless, "_end_tokens", frozenset({end}))
    stopped = steps(endless)
    assert stopped[-1].finish_reason == "stop"
    assert stopped[-1].new_tokens == [t for t in tokens if t is not None].index(end)
    assert written(usual).startswith(written(stopped))


def test_every_end_token_of_the_model_counts(model):
    model.load()
    assert model._end_tokens == {0, 2}


def test_cancelling_stops_within_one_token(endless):
    cancelled = threading.Event()
    seen = []
    for step in endless.generate(QUESTION, GenerationOptions(max_new_tokens=500), cancelled):
        seen.append(step)
        if step.new_tokens == 5:
            cancelled.set()
    assert seen[-1].finish_reason == "cancelled"
    assert seen[-1].new_tokens == 5


def test_cancelled_before_the_start_computes_nothing(endless, monkeypatch):
    cancelled = threading.Event()
    cancelled.set()
    monkeypatch.setattr(type(endless._model), "forward", None)
    assert [s.finish_reason for s in endless.generate(QUESTION, cancelled=cancelled)] == ["cancelled"]


def test_cancelling_acts_inside_a_long_prompt(endless):
    cancelled = threading.Event()
    long = [{"role": "user", "content": "argile sable " * 200}]
    answer = endless.generate(long, GenerationOptions(max_new_tokens=5), cancelled)
    first = next(answer)
    assert 0 < first.prompt_progress < 1 and first.new_tokens == 0
    cancelled.set()
    assert [(s.finish_reason, s.new_tokens) for s in answer] == [("cancelled", 0)]


def test_closing_the_iterator_frees_the_model_and_leaves_no_thread(endless):
    before = threading.active_count()
    answer = endless.generate(QUESTION)
    next(answer)
    answer.close()
    assert threading.active_count() == before
    assert steps(endless)[-1].finish_reason == "length"


def test_a_prompt_in_chunks_answers_like_a_prompt_in_one(endless):
    prompt = endless._prompt([{"role": "user", "content": "argile sable roche " * 60}])

    def tokens(chunk):
        pieces = chunk_ends(prompt, chunk=chunk)
        run = decode(
            endless._model, prompt, lambda a, x: int(x.argmax()), max_new_tokens=20, end_tokens=(), pieces=pieces
        )
        return [step.token for step in run if step.token is not None]

    assert tokens(64) == tokens(10_000)


def test_a_cache_that_holds_a_prefix_gives_the_same_answer(endless):
    """The seam for prefix reuse."""
    import torch
    from transformers import DynamicCache

    prompt = endless._prompt(QUESTION)
    cache = DynamicCache(config=endless._model.config)
    with torch.inference_mode():
        endless._model(input_ids=torch.tensor([prompt[:20]]), past_key_values=cache, use_cache=True)

    def tokens(given):
        run = decode(
            endless._model, prompt, lambda a, x: int(x.argmax()), max_new_tokens=20, end_tokens=(), cache=given
        )
        return [step.token for step in run]

    assert tokens(cache) == tokens(None)


def test_inference_mode_is_on_inside_and_off_for_the_consumer(endless, monkeypatch):
    import torch

    inside = []
    forward = type(endless._model).forward

    def spy(self, *args, **kwargs):
        inside.append(torch.is_inference_mode_enabled())
        return forward(self, *args, **kwargs)

    compiled = endless._few_tokens

    def spy_on_compiled(*args):
        inside.append(torch.is_inference_mode_enabled())
        return compiled(*args)

    monkeypatch.setattr(type(endless._model), "forward", spy)
    monkeypatch.setattr(endless, "_few_tokens", spy_on_compiled)
    for _ in endless.generate(QUESTION, GenerationOptions(max_new_tokens=3)):
        assert not torch.is_inference_mode_enabled()
    assert inside == [True] * 3


def test_memory_is_collected_after_each_answer_also_a_cancelled_one(endless, monkeypatch):
    calls = []
    monkeypatch.setattr("ert_core.model_loading.gc.collect", lambda: calls.append("gc"))
    monkeypatch.setattr("ert_core.model_loading.return_freed_memory", lambda: calls.append("given back"))
    monkeypatch.setattr("ert_core.model_loading.empty_cuda_cache", lambda: calls.append("cuda"))
    steps(endless, max_new_tokens=2)
    assert calls == ["gc", "given back"]
    answer = endless.generate(QUESTION)
    next(answer)
    answer.close()
    assert calls == ["gc", "given back"] * 2


def test_the_gpu_cache_is_emptied_on_cuda_only(endless, monkeypatch):
    calls = []
    monkeypatch.setattr("ert_core.model_loading.empty_cuda_cache", lambda: calls.append("cuda"))
    monkeypatch.setattr("ert_core.language_model.token_chooser", lambda *a: lambda answer, logits: int(logits.argmax()))
    monkeypatch.setattr(endless, "device", "cuda")  # the weights stay where they are: on the CPU
    steps(endless, max_new_tokens=2)
    assert calls == ["cuda"]


def test_an_error_of_the_model_reaches_the_consumer_and_the_next_answer_works(endless, monkeypatch):
    calls = []
    compute = endless._few_tokens

    def fails_at_the_second(*args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("mat1 and mat2\nshapes")
        return compute(*args)

    monkeypatch.setattr(endless, "_few_tokens", fails_at_the_second)
    seen = []
    with pytest.raises(LanguageModelError) as caught:
        for step in endless.generate(QUESTION):
            seen.append(step)
    assert caught.value.code == "generation_failed"
    assert "mat1 and mat2" in caught.value.message
    assert seen[-1].new_tokens == 2
    assert steps(endless, max_new_tokens=4)[-1].new_tokens == 4


def test_out_of_memory_has_its_own_sentence(endless, monkeypatch):
    import torch

    def full(self, *args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(type(endless._model), "forward", full)
    with pytest.raises(LanguageModelError) as caught:
        steps(endless)
    assert caught.value.code == "generation_out_of_memory"


def test_the_model_loads_once_for_concurrent_callers(folder, monkeypatch):
    import ert_core.language_model as module

    loads = []
    real = module.load_weights
    monkeypatch.setattr(module, "load_weights", lambda *a: loads.append(1) or real(*a))
    model = LanguageModel(folder)
    threads = [threading.Thread(target=model.load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert model.loaded
    assert loads == [1]


def test_answers_of_two_threads_do_not_mix(endless):
    alone = written(steps(endless))
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(written(steps(endless)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [alone] * 3


def test_a_thread_is_told_when_it_would_wait_for_itself(endless):
    answer = endless.generate(QUESTION)
    next(answer)
    with pytest.raises(RuntimeError, match="unfinished answer"):
        endless.unload()
    with pytest.raises(RuntimeError, match="unfinished answer"):
        next(iter(endless.generate(QUESTION)))
    answer.close()
    assert steps(endless)


def test_tokens_are_counted_while_an_answer_is_written(endless):
    answer = endless.generate(QUESTION)
    next(answer)
    assert endless.count_tokens(QUESTION) > 20
    answer.close()


def test_unload_then_answer_again(folder):
    model = LanguageModel(folder)
    first = written(steps(model))
    model.unload()
    assert not model.loaded
    assert written(steps(model)) == first


def test_moving_to_the_gpu_changes_the_cap_and_moves_the_weights(folder, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *a, **k: True)
    model = LanguageModel(folder)
    model.load()
    model.move_to("cuda")
    # float32 on the CPU, bfloat16 there: dropped, and loaded again at the next use.
    assert (model.device, model.cap, model.dtype, model.loaded) == ("cuda", 2500, "bfloat16", False)
    model.move_to("cpu")
    assert (model.device, model.cap, model.dtype) == ("cpu", 800, "float32")


def test_stop_ends_inside_a_step_and_the_next_answer_is_right(endless, monkeypatch):
    monkeypatch.setattr(endless, "_few_tokens", None)  # a compiled step is one piece
    right = written(steps(endless))
    layer = endless._model.model.layers[-1]
    for tokens in (0, 2):  # in the prompt, in the middle
        cancelled = threading.Event()
        reached = []
        answer = endless.generate(QUESTION, GenerationOptions(max_new_tokens=40), cancelled)
        seen = [next(answer) for _ in range(tokens)]
        stops = layer.register_forward_pre_hook(lambda *_, event=cancelled: event.set(), prepend=True)
        after = layer.register_forward_hook(lambda *_, reached=reached: reached.append(1))
        try:
            seen += answer
        finally:
            stops.remove()
            after.remove()
        assert seen[-1].finish_reason == "cancelled" and seen[-1].new_tokens == tokens
        assert not reached, "the layer that was next is not computed"
    assert written(steps(endless)) == right


def test_what_is_guessed_from_the_prompt_changes_nothing_but_the_steps(endless):
    """An answer that copies, goes its own way and copies again: same logits and same cache, in fewer steps."""
    import torch

    from ert_core.growing_cache import new_cache

    assert endless._guessing
    prompt = endless._prompt([{"role": "user", "content": "La résistivité de l'argile humide est faible. " * 3}])
    answer = [*prompt[5:25], 77, 78, 79, *prompt[8:30], *prompt[3:9], 80]
    forwards = []

    def compute(tokens, cache):
        forwards.append(len(tokens))
        return endless._few_tokens(tokens, cache)

    def run(guessing):
        forwards.clear()
        seen, cache = [], new_cache(endless._model.config)
        choose = lambda written, logits: (seen.append(logits.clone()), answer[len(written)])[1]  # noqa: E731
        others = {"max_new_tokens": len(answer), "end_tokens": (), "few_tokens": compute}
        found = list(decode(endless._model, prompt, choose, cache=cache, guessing=guessing, **others))
        assert [step.token for step in found[:-1]] == answer
        return torch.stack(seen), cache, len(forwards)

    (logits, cache, few), (right, plain, many) = run(True), run(False)
    assert many == len(answer) - 1 and few < 0.6 * many
    assert torch.equal(logits, right)
    for one, other in zip(cache.layers, plain.layers, strict=True):
        assert torch.equal(one.keys, other.keys) and torch.equal(one.values, other.values)


def test_guessing_stops_at_an_end_and_at_the_cap(endless, monkeypatch):
    prompt = endless._prompt([{"role": "user", "content": "un deux trois quatre cinq six sept huit neuf dix onze"}])
    copied = prompt[2:14]
    choose = lambda written, logits: copied[len(written)]  # noqa: E731
    guessing = endless._guessing
    for end in (copied[9], -1):
        run = list(decode(endless._model, prompt, choose, max_new_tokens=11, end_tokens=(end,), guessing=guessing))
        expected = copied[:11] if end < 0 else copied[: copied.index(end)]
        assert [step.token for step in run[:-1]] == expected
        assert run[-1].finish_reason == ("length" if end < 0 else "stop")


def test_8_bit_copies_are_made_where_memory_allows_and_nobody_said_no(folder, monkeypatch):
    def eight_bits(model: LanguageModel) -> bool:
        model.load()
        return model._few_tokens is not None

    assert eight_bits(LanguageModel(folder))
    assert not eight_bits(LanguageModel(folder, int8_decoding=False))
    monkeypatch.setattr("ert_core.language_model.available_bytes", lambda: 1000)
    assert not eight_bits(LanguageModel(folder))


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


def test_nothing_is_asked_of_the_network(folder, monkeypatch):
    import socket

    def refuse(*args):
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert steps(LanguageModel(folder))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_weights_stored_in_any_type_are_held_in_a_type_of_the_device(tmp_path, dtype, monkeypatch):
    monkeypatch.setattr("ert_core.language_model.bfloat16_pays", lambda home: True)
    model = LanguageModel(build_tiny_model(tmp_path / dtype, dtype=dtype))
    assert steps(model, max_new_tokens=5)
    held = {str(parameter.dtype) for parameter in model._model.parameters()}
    assert held == {"torch.bfloat16" if dtype == "bfloat16" else "torch.float32"}


def test_a_shared_embedding_that_is_stored_twice_is_held_once(folder, copy):
    from safetensors.torch import load_file, save_file

    tensors = load_file(copy / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    model = LanguageModel(copy)
    assert written(steps(model)) == written(steps(LanguageModel(folder)))
    assert model._model.lm_head.weight is model._model.model.embed_tokens.weight


def test_weights_in_several_files_are_found_by_their_index(folder, copy):
    from transformers import AutoModelForCausalLM

    (copy / "model.safetensors").unlink()
    AutoModelForCausalLM.from_pretrained(folder).save_pretrained(copy, max_shard_size="200KB")
    assert len(list(copy.glob("*.safetensors"))) > 1
    assert written(steps(LanguageModel(copy))) == written(steps(LanguageModel(folder)))
    next(copy.glob("*.safetensors")).unlink()
    with pytest.raises(LanguageModelError) as caught:
        LanguageModel(copy).load()
    assert caught.value.code == "model_part_missing"


def remove(*names):
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def edit(name, **values):
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}), encoding="utf-8")

    return change


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def truncated(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def not_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"<html>404</html>" * 50)


def one_tensor_short(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def code_of_its_own(folder: Path) -> None:
    edit("config.json", model_type="mine", auto_map={"AutoConfig": "mine.C", "AutoModelForCausalLM": "mine.M"})(folder)
    (folder / "mine.py").write_text("raise SystemExit('model code was run')", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (shutil.rmtree, "model_folder_missing"),
        (remove("config.json"), "model_no_config"),
        (remove("model.safetensors"), "model_no_weights"),
        (pickled, "model_pickle_only"),
        (remove("tokenizer.json"), "model_no_tokenizer"),
        (remove("chat_template.jinja"), "model_no_chat_template"),
        (code_of_its_own, "model_remote_code"),
        (truncated, "model_damaged"),
        (not_weights, "model_damaged"),
        (one_tensor_short, "model_damaged"),
        (lambda folder: (folder / "config.json").write_text("{"), "model_damaged"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "model_load_failed"),
        (edit("config.json", hidden_size=96), "model_load_failed"),
        (edit("config.json", quantization_config={"quant_method": "gptq"}), "model_quantized"),
        (edit("config.json", model_type="bert", architectures=["BertModel"]), "model_damaged"),
        (edit("config.json", model_type="clip", architectures=["CLIPModel"]), "model_not_causal"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why(copy, change, code):
    change(copy)
    model = LanguageModel(copy)
    with pytest.raises(LanguageModelError) as caught:
        model.load()
    assert caught.value.code == code
    assert not model.loaded
    for language in ("fr", "en"):
        assert all(caught.value.in_language(language))


def test_an_id_that_is_not_downloaded_says_so(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(LanguageModelError) as caught:
        LanguageModel("Qwen/Qwen2.5-0.5B-Instruct").load()
    assert caught.value.code == "model_not_downloaded"


def test_too_little_memory_is_said_before_loading(folder, monkeypatch):
    monkeypatch.setattr("ert_core.model_memory.available_bytes", lambda: 1_000_000)
    monkeypatch.setattr("ert_core.language_model.load_weights", lambda *a: pytest.fail("loaded"))
    with pytest.raises(NotEnoughMemoryError):
        LanguageModel(folder).load()


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
