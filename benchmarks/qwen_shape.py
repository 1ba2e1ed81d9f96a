"""A model of the shape of Qwen2.5-0.5B with random bfloat16 weights, made where none can be downloaded.

    python benchmarks/qwen_shape.py FOLDER

What it writes is nonsense; what it costs is what the real one costs. Its tokenizer is learnt from samples/.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401 - the thread limits come first
from ert_core.loaders import load  # noqa: E402
from tests.tiny_model import VOCABULARY_TEXTS, build_tiny_model  # noqa: E402

VOCABULARY = 151_936


def build(folder: Path) -> Path:
    """Write the model to `folder` (1 GB), unless it is there, and return the folder."""
    import torch
    from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    if (folder / "model.safetensors").is_file():
        return folder
    samples = [p for p in sorted((REPOSITORY / "samples").glob("*.*")) if p.name != "README.md"]
    texts = [page.text for path in samples for page in load(path.name, path.read_bytes()).pages]
    build_tiny_model(folder, vocabulary_texts=[*VOCABULARY_TEXTS, *texts], vocabulary_size=4000, context=32_768)
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        max_position_embeddings=32_768,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=True,
        eos_token_id=VOCABULARY - 1,
        pad_token_id=VOCABULARY - 2,
    )
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(config).to(torch.bfloat16)
    model.generation_config = GenerationConfig(eos_token_id=VOCABULARY - 1, pad_token_id=VOCABULARY - 2)
    model.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    print(build(parser.parse_args().folder))
