"""A real (tiny) model of transformers for an engine's written answers, and an answer that it can be made to write."""

from pathlib import Path

from ert_core.assistant import Assistant
from ert_core.language_model import GenerationStep
from tests.conftest import SURVEY_EN, WELL_FR
from tests.tiny_model import build_tiny_model


def build_model(folder: Path) -> Path:
    """A real Qwen2-shaped model with random weights, on the words of the test documents."""
    return build_tiny_model(folder, vocabulary_texts=[SURVEY_EN, WELL_FR])


def writing(engine: Assistant, model: Path) -> Assistant:
    """The engine, which writes its answers from now on, at most 24 tokens long."""
    engine.change_settings(llm=str(model), answer_mode="written", max_new_tokens_cpu=24)
    return engine


WRITES = (
    "Here is what they say: The survey used 72 ", "electrodes [2]. Dr. Hale measured", " 9 lines [8]. ",
    "The leachate plume lies near the eastern embankment",
)  # fmt: skip


def scripted_generate(self, messages, options, cancelled):  # type: ignore[no-untyped-def]
    """As `LanguageModel.generate`: writes a known answer, until it is stopped."""
    for n, piece in enumerate(WRITES, start=1):
        if cancelled.is_set():
            break
        yield GenerationStep(delta=piece, new_tokens=n)
    yield GenerationStep(finish_reason="cancelled" if cancelled.is_set() else "stop", new_tokens=n)
