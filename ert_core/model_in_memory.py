"""A chat language model of transformers in memory: loaded at first use, once, moved, unloaded, held by one at a time.

Only local folders and the local Hugging Face cache are read; nothing is downloaded, no code of a
model is run, weights come from safetensors files alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ert_core.chat_tokenizer import ChatTokenizer
from ert_core.cpu_budget import pause
from ert_core.cpu_precision import bfloat16_pays
from ert_core.decoding import FewTokens
from ert_core.decoding_threads import DecodingThreads
from ert_core.devices import choose_dtype
from ert_core.errors import LanguageModelError
from ert_core.model_download import resolve
from ert_core.model_errors import loading_errors
from ert_core.model_folder import check_folder, read_config, stored_dtype, tensor_headers, text_config
from ert_core.model_loading import end_tokens, give_memory_back, load_weights
from ert_core.model_memory import available_bytes, check_memory, free_on_gpu, int8_bytes
from ert_core.pacing import limit_threads
from ert_core.prefix_cache import PrefixCache, cache_limit
from ert_core.threads import MAX_INTEROP_THREADS, MAX_THREADS

DEFAULT_CONTEXT = 2048
# Tokens of prompt and answer that the memory check before loading counts with.
MEMORY_CHECK_TOKENS = 4096


class ModelInMemory:
    """The weights, the tokenizer and the settings of one model. Thread-safe; nothing heavy happens at construction.

    `model` is a folder or the Hugging Face id of a downloaded model; `cap_cpu` and `cap_gpu` are the
    most new tokens of an answer on either device when the options name none. Methods raise
    LanguageModelError (NotEnoughMemoryError when the model does not fit).
    """

    def __init__(
        self,
        model: str | Path,
        *,
        device: str = "cpu",
        threads: int = MAX_THREADS,
        interop_threads: int = MAX_INTEROP_THREADS,
        cap_cpu: int = 800,
        cap_gpu: int = 2500,
        home: Path | None = None,
        int8_decoding: bool = True,
    ) -> None:
        """`home` is the data directory, where what was found out about the processor is kept.

        `int8_decoding` lets answers be written with 8-bit copies of the weights, where they pay and memory allows.
        """
        self.name = str(model)
        self.device = device
        self.cap_cpu, self.cap_gpu = cap_cpu, cap_gpu
        self.threads = (threads, interop_threads)
        self._home = home
        self.int8_decoding = int8_decoding
        self._guessing = False
        self._few_tokens: FewTokens | None = None
        self._decoding_threads = DecodingThreads(lambda: self.threads, tuned=False)
        self._folder: Path | None = None
        self._retired = False
        self._model: Any = None
        self._tokenizer: ChatTokenizer | None = None
        self._end_tokens: frozenset[int] = frozenset()
        self._prefixes = PrefixCache(0)
        self._answering = threading.Lock()  # held from the first step of an answer to its end
        self._answering_thread: int | None = None
        self._loading = threading.RLock()

    @property
    def loaded(self) -> bool:
        """Whether the weights are in memory."""
        return self._model is not None

    @property
    def cap(self) -> int:
        """Most new tokens of an answer on the device in use."""
        return self.cap_gpu if self.device == "cuda" else self.cap_cpu

    @property
    def dtype(self) -> str:
        """The data type that the weights are held in, or will be ("bfloat16", "float16", "float32")."""
        return choose_dtype(self.device, stored_dtype(tensor_headers(self.folder)), lambda: bfloat16_pays(self._home))

    @property
    def folder(self) -> Path:
        """Where the model's files are; checked to be there and whole at first use."""
        if self._folder is None:
            folder = resolve(self.name)
            check_folder(folder)
            self._folder = folder
        return self._folder

    @property
    def context_length(self) -> int:
        """Most tokens of prompt and answer together. Read from config.json: nothing is loaded."""
        return int(text_config(read_config(self.folder)).get("max_position_embeddings") or DEFAULT_CONTEXT)

    def load(self) -> None:
        """Bring the model into memory, once; a second caller waits for the first."""
        with self._loading:
            if self._model is not None:
                return
            if self._retired:
                raise LanguageModelError("model_replaced", model=self.name)
            check_memory(self.folder, min(self.context_length, MEMORY_CHECK_TOKENS), self.dtype, device=self.device)
            pause()
            limit_threads(*self.threads)
            tokenizer = self._load_tokenizer()
            self._few_tokens = None
            with loading_errors(self.name):
                model = load_weights(self.folder, self.dtype)
                model.to(self.device)
                exact, few_tokens = self._speed_up(model) if self.device == "cpu" else (False, None)
                self._guessing = self._decoding_threads.tuned = exact
            self._end_tokens = end_tokens(model.generation_config, tokenizer.tokenizer)
            left = free_on_gpu() if self.device == "cuda" else available_bytes()
            self._prefixes = PrefixCache(cache_limit(model.config, left))
            self._model, self._few_tokens = model, few_tokens

    def _speed_up(self, model: Any) -> tuple[bool, FewTokens | None]:
        """Make a model on the CPU faster.

        Whether a step over several tokens has the very bits of one by one, and what computes such steps where it is
        not the model itself.
        """
        from ert_core.attention import use_row_attention
        from ert_core.compiled_step import compiled_step
        from ert_core.fast_layers import speed_up
        from ert_core.packed_weights import int8_pays

        int8 = self.int8_decoding and available_bytes() > int8_bytes(self.folder)
        few_tokens = compiled_step(model, self._home) if int8 else None
        if few_tokens is not None:
            limit_threads(*self.threads)
            speed_up(model, int8=False)
            give_memory_back(self.device)
            return True, few_tokens
        int8 = int8 and int8_pays()
        whole = speed_up(model, int8=int8)
        by_rows = use_row_attention(model)
        give_memory_back(self.device)
        return int8 and whole and by_rows, None

    def unload(self) -> None:
        """Free the memory of the weights. Waits for the answer at hand to end."""
        with self._exclusive(), self._loading:
            self._drop()
            self._prefixes.clear()
            give_memory_back(self.device)

    def retire(self) -> None:
        """Unload for good: another model takes the place, and two are never in memory together."""
        self._retired = True
        self.unload()

    def forget(self) -> None:
        """Let go of the prompts read so far: the next one is read whole."""
        with self._exclusive():
            self._prefixes.clear()

    def move_to(self, device: str) -> None:
        """Run on "cpu" or "cuda" from now on, with that device's cap. Waits for the answer at hand.

        The weights are dropped and loaded again at the next use: each device holds them in its own type and form.
        """
        if device == self.device:
            return
        with self._exclusive(), self._loading:
            left, self.device = self.device, device
            self._prefixes.clear()
            if self._model is not None:
                self._drop()
                give_memory_back(left)

    def _drop(self) -> None:
        self._model = self._few_tokens = None

    def _load_tokenizer(self) -> ChatTokenizer:
        with self._loading:
            if self._tokenizer is None:
                folder = self.folder
                with loading_errors(self.name):
                    self._tokenizer = ChatTokenizer(folder, self.name)
            return self._tokenizer

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """The model for one answer, or for a change. A thread that would wait for itself is told instead."""
        if self._answering_thread == threading.get_ident() and self._answering.locked():
            raise RuntimeError("this thread has an unfinished answer of this model: close its iterator first")
        # A plain Lock: an abandoned iterator may be closed by another thread than its own.
        with self._answering:
            self._answering_thread = threading.get_ident()
            try:
                yield
            finally:
                self._answering_thread = None
