"""From a folder to a model in memory, with as little memory as the weights themselves, and back again."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ert_core.cpu_budget import pause
from ert_core.devices import empty_cuda_cache
from ert_core.errors import LanguageModelError
from ert_core.model_folder import has_tied_head, read_config, tensor_headers, weight_files
from ert_core.pacing import pace

if TYPE_CHECKING:
    import torch


def load_weights(folder: Path, dtype: str) -> Any:
    """The model of `folder` on the CPU, its weights held as `dtype`.

    Each tensor is read and converted on its own, then given to the model: the peak is the weights
    and one tensor (1.01 times the weights, 1.13 when converted, by benchmarks/model_loading_memory.py),
    where `from_pretrained(folder)` keeps the file mapped beside its converted copy (1.50). `low_cpu_mem_usage` is
    accepted and ignored since transformers 5. Errors are those of transformers and safetensors.
    """
    import torch
    from safetensors import safe_open
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig, GenerationConfig
    from transformers.utils import logging

    raw = read_config(folder)
    if raw.get("quantization_config"):
        raise LanguageModelError("model_quantized", path=folder)
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise LanguageModelError("model_not_causal", path=folder, kind=config.model_type)
    held = getattr(torch, dtype)
    skipped = {"lm_head.weight"} if has_tied_head(raw, tensor_headers(folder)) else set()
    weights: dict[str, torch.Tensor] = {}
    for path in weight_files(folder):
        # Read, not mapped: a file that is replaced under a mapping ends the process (SIGBUS).
        with safe_open(path, framework="pt", backend="pread") as file:
            for name in file.keys():  # noqa: SIM118 - not a mapping
                pause()
                if name not in skipped:
                    tensor = file.get_tensor(name)
                    weights[name] = tensor.to(held) if tensor.is_floating_point() else tensor
    logging.disable_progress_bar()
    model, report = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)].from_pretrained(
        None, config=config, state_dict=weights, dtype=held, use_safetensors=True, output_loading_info=True
    )
    # transformers fills what is missing with random numbers, which would write nonsense without a word.
    wrong = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
    if wrong:
        raise LanguageModelError("model_damaged", file=folder, reason=wrong[0])
    if (folder / "generation_config.json").is_file():
        model.generation_config = GenerationConfig.from_pretrained(folder, local_files_only=True)
    pace(model, stopping=True)
    return model.eval()


def give_memory_back(device: str) -> None:
    """Collect what is no longer referenced and return it to the system."""
    gc.collect()
    if device == "cuda":
        empty_cuda_cache()
    return_freed_memory()


def return_freed_memory() -> None:
    """Return freed memory to the system, in some milliseconds (Linux with glibc; elsewhere nothing).

    glibc keeps freed blocks of up to 32 MB for itself: of a converted model of 774 MB, 757 MB stayed
    resident without malloc_trim and 27 with it.
    """
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):  # glibc, not musl
            libc.malloc_trim(0)


def end_tokens(generation_config: Any, tokenizer: Any) -> frozenset[int]:
    ends: set[int] = set()
    for value in (generation_config.eos_token_id, tokenizer.eos_token_id):
        ends.update(value if isinstance(value, (list, tuple)) else [] if value is None else [value])
    return frozenset(int(end) for end in ends)
