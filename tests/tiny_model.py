"""A tiny language model for tests: real Qwen2 code, a real byte-level BPE tokenizer, random weights.

`build_tiny_model` writes a folder that transformers loads like any downloaded chat model. The
weights come from a fixed seed, so what it writes is nonsense, but the same nonsense every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
    "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}"
    "{% endif %}"
)

VOCABULARY_TEXTS = (
    "La tomographie de résistivité électrique mesure la résistivité du sous-sol entre des électrodes plantées.",
    "L'espacement des électrodes fixe la profondeur d'investigation ; le courant est limité pour la sécurité.",
    "Electrical resistivity tomography images the ground: dry sand is resistive, wet clay is conductive.",
    "The answer is in the document, page 3 [1]. Sources and passages are numbered [1] [2] [3].",
    "Réponds à la question avec les passages donnés. Answer the question with the passages given.",
    "0123456789 % Ω·m °C « guillemets » “quotes” naïve œuvre été forêt où 12,5 € 日本語 😀",
)


def build_tiny_model(
    folder: Path,
    *,
    vocabulary_texts: Sequence[str] = VOCABULARY_TEXTS,
    layers: int = 2,
    hidden: int = 64,
    intermediate: int | None = None,
    vocabulary_size: int = 600,
    context: int = 2048,
    dtype: str = "float32",
    tied: bool = True,
    chat_template: str | None = CHAT_TEMPLATE,
    seed: int = 0,
) -> Path:
    """Write config, generation config, tokenizer and safetensors weights to `folder`, and return it.

    `vocabulary_size` bounds the tokens learnt (the embedding has that many rows, used or not);
    `dtype` is a torch name ("float32", "bfloat16"); `chat_template` None writes none.
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GenerationConfig, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        list(vocabulary_texts),
        trainers.BpeTrainer(
            vocab_size=min(vocabulary_size, 4000),
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    if chat_template is not None:
        fast.chat_template = chat_template
    fast.save_pretrained(folder)
    end, stop = (fast.convert_tokens_to_ids(token) for token in ("<|im_end|>", "<|endoftext|>"))
    config = Qwen2Config(
        vocab_size=vocabulary_size,
        hidden_size=hidden,
        intermediate_size=intermediate or 4 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=max(1, hidden // 32),
        num_key_value_heads=1,
        max_position_embeddings=context,
        tie_word_embeddings=tied,
        eos_token_id=end,
        pad_token_id=stop,
        # Large enough for the greedy choice to change from token to token.
        initializer_range=0.2,
    )
    # Neither the caller's random state nor its default data type is touched.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(config).to(getattr(torch, dtype))
    model.generation_config = GenerationConfig(eos_token_id=[end, stop], pad_token_id=stop)
    model.save_pretrained(folder)
    return folder
