"""ERT and llama.cpp, each in a process of its own, given the same tokens: used by against_llama_cpp.py.

python benchmarks/peer_engines.py ert|llama MODEL THREADS     (lines of JSON in, lines of JSON out)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))


class Engine:
    """A child process; `ask` sends it one piece of work and waits for the figures."""

    def __init__(self, kind: str, model: Path, threads: int) -> None:
        command = [sys.executable, __file__, kind, str(model), str(threads)]
        # llama.cpp waits as OpenMP does by default; ERT sets its own way when it is imported.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
        environment["ERT_THREADS"] = str(threads)
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=REPOSITORY
        )
        self.loaded = self._read()

    def ask(self, **work: Any) -> dict[str, Any]:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(work) + "\n")
        self._child.stdin.flush()
        return self._read()

    def close(self) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(30)

    def _read(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"the child ended: {self._child.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Ert:
    """The path of `LanguageModel`, tokens for messages."""

    def __init__(self, model: str, threads: int, int8: bool = True) -> None:
        from ert_core.language_model import LanguageModel

        self._model = LanguageModel(model, threads=threads, int8_decoding=int8)
        self._model._prompt = lambda messages, answer=True: list(messages)  # type: ignore[method-assign,assignment]
        self._model.load()

    def turn(self, prompt: list[int], new: int) -> list[float]:
        self._model.forget()
        return self._times(prompt, new)

    def second(self, first: list[int], answered: list[int], second: list[int]) -> list[float]:
        self._model.forget()
        self._times(first, 1)
        self._model.read_ahead(answered)  # type: ignore[arg-type]
        return self._times(second, 1)

    def logits(self, prompt: list[int]) -> list[float]:
        import torch

        from ert_core.growing_cache import new_cache

        model, few_tokens = self._model._model, self._model._few_tokens
        cache = new_cache(model.config)
        with torch.inference_mode():
            if few_tokens is None:
                logits = model(input_ids=torch.tensor([prompt]), logits_to_keep=1).logits[0, -1]
            else:  # as an answer's tokens are computed
                model(input_ids=torch.tensor([prompt[:-1]]), past_key_values=cache, logits_to_keep=1)
                logits = few_tokens(prompt[-1:], cache)[0]
        found: list[float] = logits.float().tolist()
        return found

    def _times(self, prompt: list[int], new: int) -> list[float]:
        from ert_core.types import GenerationOptions

        began, times = time.perf_counter(), []
        with closing(self._model.generate(prompt, GenerationOptions(max_new_tokens=new))) as steps:  # type: ignore[arg-type,type-var]
            for step in steps:
                if step.new_tokens > len(times):
                    times.append(time.perf_counter() - began)
                if len(times) == new:
                    break
        return times


class LlamaCpp:
    """llama.cpp through the functions that llama-cpp-python binds: nothing of Python's between two tokens but these."""

    def __init__(self, model: str, threads: int) -> None:
        import llama_cpp

        self._lib = llama_cpp
        self._llama = llama_cpp.Llama(
            model, n_ctx=8192, n_batch=8192, n_ubatch=512, n_threads=threads, n_threads_batch=threads, verbose=False
        )
        self._vocabulary = self._llama.n_vocab()

    def turn(self, prompt: list[int], new: int) -> list[float]:
        began, times = time.perf_counter(), []
        self._clear()
        token = self._decode(prompt)
        times.append(time.perf_counter() - began)
        while len(times) < new:
            token = self._decode([token])
            times.append(time.perf_counter() - began)
        return times

    def second(self, first: list[int], answered: list[int], second: list[int]) -> list[float]:
        """Cold."""
        return self.turn(second, 1)

    def logits(self, prompt: list[int]) -> list[float]:
        self._clear()
        self._decode(prompt)
        found: list[float] = self._logits().tolist()
        return found

    def _clear(self) -> None:
        self._lib.llama_memory_clear(self._lib.llama_get_memory(self._llama.ctx), True)

    def _decode(self, tokens: list[int]) -> int:
        array = (self._lib.llama_token * len(tokens))(*tokens)
        if self._lib.llama_decode(self._llama.ctx, self._lib.llama_batch_get_one(array, len(tokens))):
            raise RuntimeError("llama_decode failed")
        return int(self._logits().argmax())

    def _logits(self) -> Any:
        import numpy as np

        return np.ctypeslib.as_array(self._lib.llama_get_logits_ith(self._llama.ctx, -1), shape=(self._vocabulary,))


def serve(kind: str, model: str, threads: int) -> None:
    """Answer lines of JSON until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")  # libraries may print to theirs
    os.dup2(2, 1)
    import psutil

    def resident() -> float:
        return psutil.Process().memory_info().rss / 1e6

    began = time.perf_counter()
    engine = LlamaCpp(model, threads) if kind == "llama" else Ert(model, threads, kind == "ert")
    print(json.dumps({"seconds": time.perf_counter() - began, "mb": resident()}), file=answers, flush=True)
    for line in sys.stdin:
        work = json.loads(line)
        cpu = time.process_time()
        found = getattr(engine, work.pop("do"))(**work)
        cpu = time.process_time() - cpu
        print(json.dumps({"found": found, "cpu": cpu, "mb": resident()}), file=answers, flush=True)


if __name__ == "__main__":
    if sys.argv[1] != "llama":
        import ert_core  # noqa: F401 - the thread limits come first
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
