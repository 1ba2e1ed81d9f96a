"""ERT beside llama.cpp (which Ollama, GPT4All, Jan and LM Studio run on), doing the same work in turns.

    python benchmarks/against_llama_cpp.py [--rounds N] [--tokens N] [--sizes N ...] [--threads N]

Needs requirements-bench.txt. The model: Qwen2.5-0.5B's shape with random weights (`qwen_shape.py`), converted by
`qwen_gguf.py`; both are made in the temporary directory when they are not there. Each engine is a process with
the model loaded, and all get the same tokens. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import qwen_shape
from follow_ups import sources
from machine_limits import matrix_rate, read_bandwidth
from peer_engines import Engine
from qwen_gguf import TYPES, to_gguf
from second_question import pairs

from ert_core.assistant import Assistant
from ert_core.language_model import LanguageModel
from ert_core.settings import Settings

# Numbers in the matrices of the shape, and in those that a prompt needs (all but the head).
WEIGHTS, PROMPT_WEIGHTS = 494e6, 358e6
BYTES = {
    "ERT": 1.0,
    "ERT, bfloat16 only": 2.0,
    "llama.cpp bf16": 2.0,
    "llama.cpp q8_0": 8.5 / 8,
    "llama.cpp q4_0": 4.5 / 8,
}
MIDDLE = 1024


def prompts(sizes: list[int], seed: int) -> dict[int, list[int]]:
    """Random tokens, the same for every engine."""
    draw = random.Random(seed)
    return {size: [draw.randrange(10, 4000) for _ in range(size)] for size in sizes}


def conversations(model: Path, most: int) -> list[dict[str, list[int]]]:
    """The tokens of real first and second prompts (see second_question.py)."""
    counting = LanguageModel(model)
    with tempfile.TemporaryDirectory() as home, closing(Assistant(Settings.load(home=Path(home)))) as ert:
        for _ in ert.ingest(sources()):
            pass
        chosen = pairs(ert, counting, most)
    return [
        {
            "first": counting._prompt(pair.first),
            "answered": counting._prompt(pair.answered, answer=False),
            "second": counting._prompt(pair.second),
        }
        for pair in chosen
    ]


def cosine(left: list[float], right: list[float]) -> float:
    import torch

    return float(torch.nn.functional.cosine_similarity(torch.tensor(left), torch.tensor(right), dim=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    shape = qwen_shape.build(Path(tempfile.gettempdir()) / "qwen-shape")
    files = {kind: shape.with_name(f"qwen-shape-{kind}.gguf") for kind in TYPES}
    for kind, file in files.items():
        if not file.is_file():
            to_gguf(shape, file, kind)
    talks = conversations(shape, options.rounds)
    limits = (read_bandwidth(options.threads), matrix_rate(options.threads))
    engines = {"ERT": Engine("ert", shape, options.threads)}
    engines["ERT, bfloat16 only"] = Engine("ert-bf16", shape, options.threads)
    engines |= {f"llama.cpp {kind}": Engine("llama", file, options.threads) for kind, file in files.items()}
    likeness = compared(engines)
    runs: dict[str, dict[Any, list[dict[str, Any]]]] = {name: {} for name in engines}
    sizes = sorted({*options.sizes, MIDDLE})
    for n in range(options.rounds):
        given = prompts(sizes, n)
        for size in sizes:
            new = options.tokens if size == MIDDLE else 2
            for name, engine in engines.items():
                runs[name].setdefault(size, []).append(engine.ask(do="turn", prompt=given[size], new=new))
        for name, engine in engines.items():
            runs[name].setdefault("second", []).append(engine.ask(do="second", **talks[n % len(talks)]))
    report(engines, runs, sizes, limits, options, likeness)
    for engine in engines.values():
        engine.close()


def compared(engines: dict[str, Engine]) -> dict[str, float]:
    """Cosines of each engine's logits to llama.cpp's in bfloat16: that the same model is computed."""
    prompt = prompts([64], 99)[64]
    logits = {name: engine.ask(do="logits", prompt=prompt)["found"] for name, engine in engines.items()}
    # Few rows are ERT's 8-bit copies: the last token alone after the others.
    return {name: cosine(found, logits["llama.cpp bf16"]) for name, found in logits.items()}


def report(
    engines: dict[str, Engine],
    runs: dict[str, dict[Any, list[dict[str, Any]]]],
    sizes: list[int],
    limits: tuple[float, float],
    options: argparse.Namespace,
    likeness: dict[str, float],
) -> None:
    """Print the tables, then the bars."""

    def median(values: list[float]) -> float:
        return statistics.median(values)

    bandwidth, rate = limits
    names = list(engines)
    first = {name: {size: median([run["found"][0] for run in runs[name][size]]) for size in sizes} for name in names}
    turn = {name: median([run["found"][-1] for run in runs[name][MIDDLE]]) for name in names}
    token = {
        name: median([(run["found"][-1] - run["found"][0]) / (len(run["found"]) - 1) for run in runs[name][MIDDLE]])
        for name in names
    }
    cpu = {name: median([run["cpu"] for run in runs[name][MIDDLE]]) for name in names}
    second = {name: median([run["found"][0] for run in runs[name]["second"]]) for name in names}
    memory = {name: runs[name][MIDDLE][-1]["mb"] for name in names}
    print(
        f"{options.threads} threads, medians of {options.rounds} rounds. Memory is read at {bandwidth / 1e9:.1f} GB/s, "
        f"bfloat16 matrices are multiplied at {rate / 1e12:.2f} TFLOP/s. Load average {os.getloadavg()[0]:.1f}.\n"
    )
    print("| prompt tokens/s |", *(f"{size:,} |" for size in sizes), "share of the matrix rate |")
    print("|---|", *("---|" for _ in sizes), "---|", sep="")
    for name in names:
        speeds = [f"{size / first[name][size]:.0f} |" for size in sizes]
        share = 2 * PROMPT_WEIGHTS * MIDDLE / first[name][MIDDLE] / rate
        print(f"| {name} |", *speeds, f"{share:.0%} |")
    print(
        f"\n| {MIDDLE:,} + {options.tokens} tokens | ms a token | tokens/s | share of the bandwidth | turn, s ", end=""
    )
    print("| CPU-seconds | tokens per CPU-second | resident, MB | loaded in, s | logits' cosine to bf16 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    bound = {name: WEIGHTS * BYTES[name] / bandwidth for name in names}
    for name in names:
        print(
            f"| {name} | {1e3 * token[name]:.1f} | {1 / token[name]:.1f} | {bound[name] / token[name]:.0%} | "
            f"{turn[name]:.2f} | {cpu[name]:.1f} | {options.tokens / cpu[name]:.1f} | {memory[name]:.0f} | "
            f"{engines[name].loaded['seconds']:.1f} | {likeness[name]:.5f} |"
        )
    print("\n| first token of a second question, s | | ERT's time / its cold time |\n|---|---|---|")
    for name in names:
        kind = "warm" if name.startswith("ERT") else "cold"
        print(f"| {name} ({kind}) | {second[name]:.2f} | {second['ERT'] / second[name]:.2f} |")
    others = [name for name in names if name.startswith("llama")]
    bars = [
        (
            "prompt, times llama.cpp's at any format (its best), at the length where that is least",
            min(first[name][size] / first["ERT"][size] for name in others for size in sizes),
            3.0,
            True,
        ),
        (
            "second question / llama.cpp's cold (its best)",
            second["ERT"] / min(second[name] for name in others),
            0.1,
            False,
        ),
        ("whole turn / llama.cpp's at 8 bits", turn["ERT"] / turn["llama.cpp q8_0"], 1.0, False),
        ("decoding in 8 bits, share of the bandwidth", bound["ERT"] / token["ERT"], 0.6, True),
        (
            "decoding in bfloat16 only, share of the bandwidth",
            bound["ERT, bfloat16 only"] / token["ERT, bfloat16 only"],
            0.6,
            True,
        ),
    ]
    print("\n| bar | figure | asked | |\n|---|---|---|---|")
    for text, figure, asked, at_least in bars:
        met = figure >= asked if at_least else figure <= asked
        print(f"| {text} | {figure:.2f} | {'≥' if at_least else '≤'} {asked} | {'met' if met else 'missed'} |")


if __name__ == "__main__":
    main()
