"""How much memory loading a language model takes, above the bare process, and how much stays after unloading.

    python benchmarks/model_loading_memory.py                 random models of about 400 MB, a table
    python benchmarks/model_loading_memory.py --folder DIR --dtype float32 [--way ert]
                                                              one measure in this process, JSON last

The bare process has torch and transformers imported and has computed once. Memory is sampled every
2 ms from /proc (Linux): resident (RSS), of which private (anonymous) and of files (mapped weights).
`--way from_pretrained` measures transformers' own loading from the folder, for comparison; `low_cpu_mem_usage` is
the same with that switch on, and `not_low_cpu_mem_usage` with it off.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401 - the thread limits come first

CASES = (("float32", "float32"), ("bfloat16", "bfloat16"), ("bfloat16", "float32"))
WAYS = ("ert", "from_pretrained")
SWITCHED = {"low_cpu_mem_usage": True, "not_low_cpu_mem_usage": False}


def resident() -> dict[str, float]:
    """Resident, private and file-backed memory of this process, MB (10**6 bytes)."""
    names = {"VmRSS": "rss", "RssAnon": "private", "RssFile": "file"}
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {names[line[0][:-1]]: int(line[1]) * 1024 / 1e6 for line in lines if line and line[0][:-1] in names}


def compute_once(dtype: str) -> None:
    """Bring in what torch and transformers load at first use (kernels, thread pools, modules)."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=64,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    model = Qwen2ForCausalLM(config).to(getattr(torch, dtype))
    with torch.inference_mode():
        sum(float(parameter.sum()) for parameter in model.parameters())
        model(input_ids=torch.ones(1, 1, dtype=torch.long), logits_to_keep=1)


def measure(folder: Path, dtype: str, way: str) -> dict[str, float | str]:
    """Load, read every weight, unload, in this process. MB above the bare process, seconds."""
    import torch
    import transformers.models.qwen2.modeling_qwen2

    from ert_core.model_loading import give_memory_back, load_weights
    from ert_core.model_memory import weights_bytes

    transformers.utils.logging.disable_progress_bar()
    compute_once(dtype)
    give_memory_back("cpu")
    bare = resident()
    peak, stop = dict(bare), threading.Event()

    def sample() -> None:
        while not stop.wait(0.002):
            for name, value in resident().items():
                peak[name] = max(peak[name], value)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    started = time.monotonic()
    if way == "ert":
        model = load_weights(folder, dtype)
    else:
        switch = {"low_cpu_mem_usage": SWITCHED[way]} if way in SWITCHED else {}
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), **switch)
    seconds = time.monotonic() - started
    # Every weight is touched: mapped files count only once they are read.
    with torch.inference_mode():
        touched = sum(float(parameter.sum()) for parameter in model.parameters())
    stop.set()
    sampler.join()
    del model
    give_memory_back("cpu")
    left = resident()
    weights = weights_bytes(folder, dtype) / 1e6
    if touched != touched:
        raise SystemExit("the weights are not numbers")
    return {
        "way": way,
        "dtype": dtype,
        "weights_mb": round(weights, 2),
        "peak_mb": round(peak["rss"] - bare["rss"], 1),
        "peak_private_mb": round(peak["private"] - bare["private"], 1),
        "peak_file_mb": round(peak["file"] - bare["file"], 1),
        "peak_over_weights": round((peak["rss"] - bare["rss"]) / weights, 3),
        "left_after_unload_mb": round(left["rss"] - bare["rss"], 1),
        "load_s": round(seconds, 2),
    }


def compare() -> None:
    """Measure both ways on random models, each in a fresh process, and print a table and JSON."""
    from tests.tiny_model import build_tiny_model

    results = []
    print(f"{'way':16}{'stored':10}{'held':10}{'weights':>9}{'peak':>8}{'ratio':>7}{'private':>9}{'left':>7}{'s':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        shape = {"hidden": 1024, "intermediate": 4096, "vocabulary_size": 16_000}
        for stored, layers in (("float32", 6), ("bfloat16", 12)):
            build_tiny_model(Path(scratch) / stored, dtype=stored, layers=layers, **shape)
        for way in WAYS:
            for stored, held in CASES:
                folder = Path(scratch) / stored
                command = [sys.executable, __file__, "--folder", str(folder), "--dtype", held, "--way", way]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                row = {"stored": stored, **json.loads(done.stdout.splitlines()[-1])}
                results.append(row)
                print(
                    f"{way:16}{stored:10}{held:10}{row['weights_mb']:9.0f}{row['peak_mb']:8.0f}"
                    f"{row['peak_over_weights']:7.2f}{row['peak_private_mb']:9.0f}"
                    f"{row['left_after_unload_mb']:7.0f}{row['load_s']:7.2f}"
                )
    print(json.dumps(results))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="a model's folder; without it, random models are compared")
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), default="float32")
    parser.add_argument("--way", choices=(*WAYS, *SWITCHED), default="ert")
    arguments = parser.parse_args()
    if arguments.folder is None:
        compare()
    else:
        print(json.dumps(measure(arguments.folder, arguments.dtype, arguments.way)))


if __name__ == "__main__":
    main()
