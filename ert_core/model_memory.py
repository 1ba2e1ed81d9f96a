"""Memory a language model needs, and memory the machine has free, compared before loading.

The need is read from the headers of the weights and the shape in config.json: nothing is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ert_core.devices import DTYPE_BYTES
from ert_core.errors import NotEnoughMemoryError
from ert_core.model_folder import has_tied_head, read_config, stored_dtype, tensor_headers, text_config

# torch and transformers themselves, once imported (276 MB measured), and a little to work with.
RUNTIME_BYTES = 300_000_000
# Most prompt tokens computed at once: what their intermediate results take is added to the need. Weights are
# read from memory once for each chunk, which takes as long as computing 100 tokens where there are matrix units.
PROMPT_CHUNK = 512
# A cgroup without limit shows the largest number its version can write.
NO_LIMIT = 1 << 60


def weights_bytes(folder: Path, dtype: str | None = None) -> int:
    """Bytes of the weights in memory, held as `dtype` (as they are stored when None).

    Raises LanguageModelError when the folder holds no whole safetensors weights.
    """
    headers = tensor_headers(folder)
    if has_tied_head(read_config(folder), headers):
        headers.pop("lm_head.weight")
    if dtype is None:
        return sum(header.size for header in headers.values())
    return sum(header.numbers for header in headers.values()) * DTYPE_BYTES[dtype]


def needed_bytes(folder: Path, context_tokens: int, dtype: str | None = None) -> int:
    """Bytes to load the model and use it with `context_tokens` tokens of prompt and answer."""
    headers = tensor_headers(folder)
    stored = stored_dtype(headers)
    held = dtype or stored
    config = text_config(read_config(folder))
    # While loading, one tensor exists twice when its type changes, or when it is laid out for the processor.
    twice = held != stored or held == "bfloat16"
    converting = max(header.size for header in headers.values()) if twice else 0
    working = context_tokens * cache_bytes_per_token(config, held) + chunk_bytes(config, held)
    return weights_bytes(folder, held) + max(converting, working) + RUNTIME_BYTES


def int8_bytes(folder: Path) -> int:
    """Bytes of 8-bit copies of all weights, at most."""
    return sum(header.numbers for header in tensor_headers(folder).values())


def cache_bytes_per_token(config: dict[str, Any], dtype: str) -> int:
    """Bytes of the key/value cache that one token takes, from the shape in `config`."""
    heads = int(config.get("num_attention_heads") or 1)
    head_size = int(config.get("head_dim") or int(config.get("hidden_size") or 0) // heads)
    key_value_heads = int(config.get("num_key_value_heads") or heads)
    layers = int(config.get("num_hidden_layers") or 0)
    return 2 * layers * key_value_heads * head_size * DTYPE_BYTES.get(dtype, 4)


def chunk_bytes(config: dict[str, Any], dtype: str) -> int:
    """Bytes of the largest intermediate results of one prompt chunk."""
    widest = 3 * int(config.get("intermediate_size") or 0) + 4 * int(config.get("hidden_size") or 0)
    return PROMPT_CHUNK * widest * DTYPE_BYTES.get(dtype, 4) + 4 * int(config.get("vocab_size") or 0)


def available_bytes(root: Path = Path("/")) -> int:
    """Bytes that can be taken without swapping: of the machine, or of the container when that is less.

    `root` is where /proc and /sys are read (for tests).
    """
    import psutil

    free = int(psutil.virtual_memory().available)
    return max(0, min([free, *_free_in_cgroups(root)]))


def check_memory(
    folder: Path, context_tokens: int, dtype: str | None = None, *, device: str = "cpu", available: int | None = None
) -> None:
    """Raise NotEnoughMemoryError, with need and free in its sentence, when the model would not fit.

    `available` replaces the measure. On "cuda" the GPU's own memory counts.
    """
    need = needed_bytes(folder, context_tokens, dtype)
    if available is None:
        available = free_on_gpu() if device == "cuda" else available_bytes()
    if need > available:
        code = "gpu_memory_short" if device == "cuda" else "model_memory_short"
        raise NotEnoughMemoryError(code, model=folder.name, need=need / 1e9, free=available / 1e9)


def free_on_gpu() -> int:
    """Bytes of the GPU that nothing holds."""
    import torch

    free, _ = torch.cuda.mem_get_info()
    return int(free)


def _free_in_cgroups(root: Path) -> list[int]:
    """Free bytes under each memory limit of this process's control groups (Linux; none elsewhere)."""
    base = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    free = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, names = base, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top, names = base / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # A limit may stand on the group or on any above it; inside a container the path may not exist.
        own = top / path.lstrip("/")
        for group in (own, *own.parents):
            free += _free_under(group, *names)
            if group == top:
                break
    return free


def _free_under(group: Path, limit_name: str, usage_name: str, reclaimable: str) -> list[int]:
    try:
        limit = (group / limit_name).read_text(encoding="utf-8").strip()
        usage = int((group / usage_name).read_text(encoding="utf-8"))
        stat = (group / "memory.stat").read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return []
    if limit == "max" or int(limit) >= NO_LIMIT:
        return []
    counters = dict(zip(stat[::2], stat[1::2], strict=False))
    # The page cache is given back when asked for, as psutil's `available` reckons too.
    return [int(limit) - usage + int(counters.get(reclaimable, 0))]
