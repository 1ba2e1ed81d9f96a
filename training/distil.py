"""Teaches MiniLM French without unlearning English: multilingual distillation from parallel text.

For a pair (English, French) the student is drawn to put the French text where the teacher puts the
English one, and to keep English texts where the teacher has them (Reimers and Gurevych 2020, "Making
Monolingual Sentence Embeddings Multilingual using Knowledge Distillation"), with a contrastive term
against a bank of other texts' places. The teacher's vectors are made once and kept in --cache.

usage: python -m training.distil --teacher FOLDER --base FOLDER --data FOLDER --out FOLDER --seconds N

The learning rate follows a cosine over the time given, so a longer run is a new run. Runs on CUDA
when there is one, else on the CPU in bfloat16.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoModel, AutoTokenizer

from training.parallel_text import read_parallel_text

DIMENSION = 384
MAX_TOKENS = 256
BANK = 4096
TEMPERATURE = 0.05
FRENCH_WEIGHT, ENGLISH_WEIGHT, CONTRAST_WEIGHT = 4.0, 6.0, 0.3
WARM_UP_STEPS = 200
SAVE_SECONDS = 300


class Encoder:
    """A model and its tokenizer: token ids -> unit vectors, mean over the tokens of the last layer."""

    def __init__(self, folder: Path, device: str, *, train: bool) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        # Eager attention: on the CPU its backward pass is 2.6 times faster than the fused one.
        attention = "eager" if train and device == "cpu" else "sdpa"
        dtype = torch.float32 if train else torch.bfloat16
        self.model = AutoModel.from_pretrained(folder, dtype=dtype, attn_implementation=attention).to(device)
        self.model.train(train)
        for module in self.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        self.device = device

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text, cut at MAX_TOKENS."""
        found: list[list[int]] = []
        for first in range(0, len(texts), 10_000):
            batch = list(texts[first : first + 10_000])
            found += self.tokenizer(batch, truncation=True, max_length=MAX_TOKENS, padding=False)["input_ids"]
        return found

    def __call__(self, rows: Sequence[list[int]]) -> torch.Tensor:
        """Unit vectors, float32, shape (len(rows), DIMENSION)."""
        longest = max(map(len, rows))
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        ids, mask = ids.to(self.device), mask.to(self.device)
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return F.normalize(((hidden * weight).sum(1) / weight.sum(1)).float(), dim=-1)


@torch.inference_mode()
def encode_all(encoder: Encoder, texts: Sequence[str], batch: int = 64) -> np.ndarray:
    """float16 unit vectors of many texts, shape (len(texts), DIMENSION); like lengths go together."""
    rows = encoder.ids(texts)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    vectors = np.zeros((len(rows), DIMENSION), dtype=np.float16)
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        vectors[chosen] = encoder([rows[i] for i in chosen]).cpu().numpy()
    return vectors


def teacher_vectors(path: Path, teacher: Path, texts: Sequence[str], device: str) -> np.ndarray:
    """The teacher's vectors of `texts`, read from `path` when they are there."""
    if path.is_file():
        vectors: np.ndarray = np.load(path)
        if len(vectors) == len(texts):
            return vectors
    vectors = encode_all(Encoder(teacher, device, train=False), texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors


def batches_of(rows: list[list[int]], order: list[int], tokens: int, rng: random.Random) -> list[list[int]]:
    """Batches of like length, each of about `tokens` token positions (16 to 128 texts), shuffled."""
    batches = []
    for first in range(0, len(order), 6000):
        block = sorted(order[first : first + 6000], key=lambda i: len(rows[i]))
        while block:
            size = max(16, min(128, tokens // len(rows[block[0]])))
            batches.append(block[:size])
            block = block[size:]
    rng.shuffle(batches)
    return batches


def main() -> None:
    """Train for --seconds and write the student to --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("teacher", "base", "data", "out", "cache"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--tokens", type=int, default=2400, help="token positions of a batch")
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    text = read_parallel_text(options.data)
    goals = teacher_vectors(options.cache / "english.npy", options.teacher, text.english, device)
    anchor_goals = teacher_vectors(options.cache / "anchors.npy", options.teacher, text.anchors, device)
    student = Encoder(options.base, device, train=True)
    french, english, anchors = student.ids(text.french), student.ids(text.english), student.ids(text.anchors)
    one_pass = [i for i, n in enumerate(text.repeats) for _ in range(n)]
    print(f"{len(french)} pairs, {len(anchors)} anchors, {sum(map(len, french)) / len(french):.1f} French tokens, "
          f"{sum(map(len, english)) / len(english):.1f} English tokens, {device}", flush=True)  # fmt: skip
    optimizer = _optimizer(student.model, options.lr)

    def goal(vectors: np.ndarray, rows: Sequence[int]) -> torch.Tensor:
        return F.normalize(torch.from_numpy(vectors[rows].astype(np.float32)), dim=-1).to(device)

    started = saved = time.monotonic()
    step = seen = 0
    mean: list[float] = []
    waiting: list[list[int]] = []
    while (spent := (time.monotonic() - started) / options.seconds) < 1:
        if not waiting:
            rng.shuffle(one_pass)
            waiting = batches_of(french, one_pass, options.tokens, rng)
        rows = waiting.pop()
        rate = options.lr * min(1, (step + 1) / WARM_UP_STEPS) * (0.97 * 0.5 * (1 + math.cos(math.pi * spent)) + 0.03)
        for group in optimizer.param_groups:
            group["lr"] = rate
        some = rng.sample(rows, max(1, len(rows) // 3))
        other = _like_length(anchors, max(1, len(rows) // 4), len(english[rows[0]]), rng)
        bank = goal(goals, rng.sample(range(len(goals)), BANK))
        targets = goal(goals, rows)
        with torch.autocast(device, dtype=torch.bfloat16):
            got_fr = student([french[i] for i in rows])
            got_en = student([english[i] for i in some] + [anchors[i] for i in other])
        far_fr = (1 - (got_fr * targets).sum(-1)).mean()
        far_en = (1 - (got_en * torch.cat([goal(goals, some), goal(anchor_goals, other)])).sum(-1)).mean()
        contrast = _contrast(got_fr, targets, bank)
        optimizer.zero_grad(set_to_none=True)
        (FRENCH_WEIGHT * far_fr + ENGLISH_WEIGHT * far_en + CONTRAST_WEIGHT * contrast).backward()
        torch.nn.utils.clip_grad_norm_(student.model.parameters(), 1.0)
        optimizer.step()
        step, seen = step + 1, seen + len(rows)
        now = [far_fr.item(), far_en.item(), contrast.item()]
        mean = now if not mean else [0.98 * x + 0.02 * y for x, y in zip(mean, now, strict=True)]
        if step % 100 == 0:
            speed = seen / (time.monotonic() - started)
            print(f"{step} french {mean[0]:.4f} english {mean[1]:.4f} contrast {mean[2]:.4f} lr {rate:.1e} "
                  f"{seen} pairs {speed:.0f}/s {spent:.0%}", flush=True)  # fmt: skip
        if time.monotonic() - saved > SAVE_SECONDS:
            saved = time.monotonic()
            _save(student, options.out)
    _save(student, options.out)
    print(f"done: {step} steps, {seen} pairs", flush=True)
    student.model.eval()
    unseen = text.held_out
    found = encode_all(student, [fr for _, fr in unseen]) @ encode_all(student, [en for en, _ in unseen]).T
    print(f"unseen pairs: {(found.argmax(1) == np.arange(len(unseen))).mean():.3f} of {len(unseen)}", flush=True)


def _optimizer(model: Any, rate: float) -> torch.optim.Optimizer:
    matrices = [w for w in model.parameters() if w.ndim > 1]
    vectors = [w for w in model.parameters() if w.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)


def _like_length(anchors: list[list[int]], count: int, length: int, rng: random.Random) -> list[int]:
    """Anchors about as long as the batch's English texts: padding costs time."""
    drawn = rng.sample(range(len(anchors)), min(len(anchors), count * 12))
    return sorted(drawn, key=lambda i: abs(len(anchors[i]) - length))[:count]


def _contrast(got: torch.Tensor, targets: torch.Tensor, bank: torch.Tensor) -> torch.Tensor:
    """Cross entropy of finding the own target among the batch's and the bank's; equal targets do not count against."""
    own = targets @ targets.T
    same = (own > 0.98) & ~torch.eye(len(own), dtype=torch.bool, device=own.device)
    near = (got @ targets.T / TEMPERATURE).masked_fill(same, -1e4)
    far = (got @ bank.T / TEMPERATURE).masked_fill(targets @ bank.T > 0.98, -1e4)
    return F.cross_entropy(torch.cat([near, far], dim=1), torch.arange(len(got), device=got.device))


def _save(student: Encoder, folder: Path) -> None:
    state = {name: w.detach().to(torch.bfloat16).contiguous() for name, w in student.model.state_dict().items()}
    student.model.config.dtype = torch.bfloat16
    student.model.save_pretrained(folder, state_dict=state)
    student.tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
