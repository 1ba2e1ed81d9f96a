"""A tiny embedding model for tests: real BERT code, a real WordPiece tokenizer, random weights of a fixed seed.

Mean pooling over random but fixed layers still puts texts that share words near one another.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from tests.tiny_model import VOCABULARY_TEXTS

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def build_tiny_embedder(
    folder: Path,
    *,
    seed: int = 0,
    hidden: int = 32,
    layers: int = 1,
    dtype: str = "float32",
    modules: bool = False,
    prompts: dict[str, str] | None = None,
    texts: tuple[str, ...] = VOCABULARY_TEXTS,
) -> Path:
    """Write a BERT to `folder` and return it; with `modules` as sentence-transformers lays it out.

    `prompts` go into config_sentence_transformers.json (with `modules` only, as for real models).
    """
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {piece: i for i, piece in enumerate(_pieces(texts))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.enable_truncation(96)  # as training scripts leave it behind: what is used must not depend on it
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=512,
    )
    fast.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(fast),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=512,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = BertModel(config, add_pooling_layer=False).to(getattr(torch, dtype))
    model.save_pretrained(folder)
    if modules:
        _lay_out_modules(folder, hidden, prompts or {})
    return folder


def _pieces(texts: tuple[str, ...]) -> list[str]:
    """The words of the texts, and every letter, at the head of a word and inside (a trained vocabulary varies)."""
    words = {word for text in texts for word in re.findall(r"\w+|[^\w\s]", _folded(text))}
    letters = {letter for word in words for letter in word} | set("abcdefghijklmnopqrstuvwxyz0123456789'.,:?")
    return [*SPECIAL_TOKENS, *sorted(words | letters), *sorted(f"##{letter}" for letter in letters)]


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def _lay_out_modules(folder: Path, hidden: int, prompts: dict[str, str]) -> None:
    kinds = (("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"))
    listed = [
        {"idx": int(n), "name": n, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, path, kind in kinds
    ]
    write = {
        "modules.json": listed,
        "1_Pooling/config.json": {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 64, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine"},
    }
    (folder / "1_Pooling").mkdir(exist_ok=True)
    for name, content in write.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
