"""The folder of a Qwen2 model as a GGUF file of llama.cpp, and back.

    python benchmarks/qwen_gguf.py FOLDER FILE.gguf [--type bf16|q8_0|q4_0]
    python benchmarks/qwen_gguf.py --back FILE.gguf FOLDER

Needs the package gguf (requirements-bench.txt). The tokenizer is not converted: its place is filled with numbered
names, and both sides are given tokens. Norms and biases are float32, as llama.cpp's own converter has it; in "q4_0"
the embedding, which is the head too, keeps 8 bits, where llama.cpp gives it 6.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_OUTSIDE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
TYPES = ("bf16", "q8_0", "q4_0")


def gguf_name(name: str) -> str:
    """llama.cpp's name for a tensor of transformers. Raises KeyError for one that Qwen2 has not."""
    if found := re.fullmatch(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)", name):
        return f"blk.{found[1]}.{_LAYER[found[2]]}.{found[3]}"
    return _OUTSIDE[name]


def transformers_name(name: str) -> str:
    """The other way round."""
    if found := re.fullmatch(r"blk\.(\d+)\.(.+)\.(weight|bias)", name):
        part = {theirs: ours for ours, theirs in _LAYER.items()}[found[2]]
        return f"model.layers.{found[1]}.{part}.{found[3]}"
    return {theirs: ours for ours, theirs in _OUTSIDE.items()}[name]


def to_gguf(folder: Path, file: Path, kind: str = "bf16") -> Path:
    """Write the model of `folder` (safetensors, tied head) to `file`, its matrices as `kind`, and return the file."""
    import gguf
    from gguf.quants import quantize

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    writer = gguf.GGUFWriter(str(file), "qwen2")
    _write_shape(writer, config)
    held = {"bf16": gguf.GGMLQuantizationType.BF16, "q8_0": gguf.GGMLQuantizationType.Q8_0}
    held["q4_0"] = gguf.GGMLQuantizationType.Q4_0
    for name, tensor in _tensors(folder):
        numbers = tensor.float().numpy()
        if numbers.ndim < 2:
            writer.add_tensor(gguf_name(name), numbers)
            continue
        type_ = held["q8_0"] if kind == "q4_0" and name in _OUTSIDE else held[kind]
        writer.add_tensor(gguf_name(name), quantize(numbers, type_), raw_dtype=type_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def to_folder(file: Path, folder: Path, like: Path) -> Path:
    """Write the weights of `file` as bfloat16 safetensors to `folder`, everything else copied from `like`."""
    import torch
    from gguf import GGUFReader
    from gguf.quants import dequantize
    from safetensors.torch import save_file

    shutil.copytree(like, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    tensors = {}
    for tensor in GGUFReader(str(file)).tensors:
        shape = [int(n) for n in reversed(tensor.shape)]
        numbers = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy()).reshape(shape)
        tensors[transformers_name(tensor.name)] = numbers.to(torch.bfloat16)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _write_shape(writer: Any, config: dict[str, Any]) -> None:
    vocabulary = config["vocab_size"]
    rope = config.get("rope_parameters") or {}
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([f"t{n}" for n in range(vocabulary)])
    writer.add_token_types([1] * vocabulary)
    writer.add_token_merges(["t 0"])
    writer.add_eos_token_id(vocabulary - 1)
    writer.add_bos_token_id(vocabulary - 1)


def _tensors(folder: Path) -> Iterator[tuple[str, Any]]:
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - not a mapping
                if name != "lm_head.weight":
                    yield name, file.get_tensor(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--type", choices=TYPES, default="bf16")
    parser.add_argument("--back", action="store_true", help="from GGUF to a folder like --like")
    parser.add_argument("--like", type=Path, help="with --back: the folder whose config and tokenizer are copied")
    options = parser.parse_args()
    if options.back:
        print(to_folder(options.source, options.target, options.like))
    else:
        print(to_gguf(options.source, options.target, options.type))
