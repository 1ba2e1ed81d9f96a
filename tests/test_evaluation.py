"""The measures on a small library: what a person would count by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import QuestionError
from ert_core.evaluation import Evaluation, evaluate
from ert_core.evaluation_report import as_json, markdown_table, percentage, table
from ert_core.question_sets import KnownQuestion
from ert_core.types import Source
from tests.conftest import add

DEPTH_F2 = KnownQuestion("Quelle est la profondeur du forage F2 ?", ("48,5 M",), "combe-noire.md")
ELECTRODES = KnownQuestion("How many electrodes were used?", ("72 electrodes",), "harbour-lane.txt")
WRONG_DOCUMENT = KnownQuestion("How many electrodes did the survey use?", ("72 electrodes",), "combe-noire.md")
WRONG_ANSWER = KnownQuestion("What spacing did the survey use?", ("17 furlongs",), None)
ELSEWHERE = KnownQuestion("Quel est le débit d'essai ?", ("14 m³/h",), "folder/elsewhere.pdf")
UNANSWERABLE = [KnownQuestion("Qui a peint la Joconde ?"), KnownQuestion("Who won the 1966 football final?")]


def result_of(
    ert: Assistant, questions: Sequence[KnownQuestion], unanswerable: Sequence[KnownQuestion] = ()
) -> Evaluation:
    *progress, last = evaluate(ert, questions, unanswerable)
    total = len(questions) + len(unanswerable)
    assert [(e.done, e.total) for e in progress] == [(done, total) for done in range(total + 1)]
    assert all(e.result is None for e in progress) and isinstance(last.result, Evaluation)
    return last.result


def test_hits_quotes_and_refusals_are_counted_in_all_and_by_language(filled: Assistant) -> None:
    questions = [DEPTH_F2, ELECTRODES, WRONG_DOCUMENT, WRONG_ANSWER]
    result = result_of(filled, questions, UNANSWERABLE)
    overall = result.overall
    assert (overall.n, overall.unanswerable) == (4, 2)
    assert overall.hits == {1: 0.5, 3: 0.5, 5: 0.5, 10: 0.5} and overall.mrr == 0.5
    assert (overall.first_quote, overall.any_quote) == (0.5, 0.5)
    assert (overall.refused, overall.unanswerable_refused) == (0.0, 1.0)
    french, english = result.languages["fr"], result.languages["en"]
    assert (french.n, french.hits[1], french.unanswerable) == (1, 1.0, 1)
    assert (english.n, english.unanswerable) == (3, 1) and english.hits[1] == pytest.approx(1 / 3)
    assert not result.stopped and result.unknown_documents == ()


def test_a_miss_names_what_was_expected_and_found(filled: Assistant) -> None:
    result = result_of(filled, [ELECTRODES, WRONG_DOCUMENT, ELSEWHERE])
    assert [m.question for m in result.misses] == [WRONG_DOCUMENT.question, ELSEWHERE.question]
    miss = result.misses[0]
    assert (miss.document, miss.expected, miss.rank) == ("combe-noire.md", "72 electrodes", None)
    assert miss.found[0].document == "harbour-lane.txt" and "72 electrodes" in miss.found[0].text
    assert result.unknown_documents == ("folder/elsewhere.pdf",)


def test_a_document_in_a_folder_is_known_by_its_file_name(ert: Assistant) -> None:
    add(ert, Source("deep/down/wells.txt", b"The well at Marrow Hill reaches a depth of 31 metres below the road."))
    known = KnownQuestion("How deep is the well at Marrow Hill?", ("31 metres",), "wells.txt")
    assert result_of(ert, [known]).overall.hits[1] == 1.0
    other = KnownQuestion("How deep is the well at Marrow Hill?", ("31 metres",), "ells.txt")
    assert result_of(ert, [other]).overall.hits[1] == 0.0


def test_lengths_and_latencies_are_told(filled: Assistant) -> None:
    result = result_of(filled, [DEPTH_F2])
    stored = filled.library.store.passages(filled.library.store.passage_ids()).values()
    lengths = [len(p.text) for p in stored]
    assert result.library_characters == pytest.approx(sum(lengths) / len(lengths))
    assert result.passages == len(lengths) and result.documents == 2
    assert min(lengths) <= (result.overall.characters or 0) <= max(lengths)
    latency = result.overall.latency_ms
    assert latency[50] == latency[99] and (latency[50] or 0) > 0


def test_without_answerable_questions_their_figures_are_absent(filled: Assistant) -> None:
    result = result_of(filled, [], UNANSWERABLE)
    assert result.overall.n == 0 and result.overall.hits[1] is None and result.overall.first_quote is None
    assert result.overall.unanswerable_refused == 1.0
    shown = as_json(result)
    assert shown["hit@1"] is None and "NaN" not in json.dumps(shown, allow_nan=False)
    assert [row[0] for row in table(result, "en")[1]][:2] == ["unanswerable questions", "unanswerable and refused"]


def test_a_cancelled_run_gives_the_figures_so_far(filled: Assistant) -> None:
    cancelled = threading.Event()
    last = None
    for event in evaluate(filled, [ELECTRODES, DEPTH_F2, WRONG_ANSWER], UNANSWERABLE, cancelled):
        last = event
        if event.done == 1:
            cancelled.set()
    assert last is not None and isinstance(last.result, Evaluation)
    assert last.result.stopped and last.result.overall.n == 1 and last.result.overall.hits[1] == 1.0


def test_nothing_to_measure_is_told(ert: Assistant) -> None:
    for questions, code in ([], "measure_no_questions"), ([DEPTH_F2], "measure_no_documents"):
        with pytest.raises(QuestionError) as error:
            list(evaluate(ert, questions))
        assert error.value.code == code


def test_the_figures_as_json_as_a_table_and_as_markdown(filled: Assistant) -> None:
    result = result_of(filled, [DEPTH_F2, ELECTRODES, WRONG_DOCUMENT], UNANSWERABLE)
    shown = json.loads(json.dumps(as_json(result)))
    assert shown["n"] == 3 and shown["hit@3"] == 0.6667 and shown["languages"]["fr"]["hit@1"] == 1.0
    assert shown["latency_ms"].keys() == {"p50", "p95", "p99"}
    assert shown["misses"][0]["found"][0]["document"] == "harbour-lane.txt"
    heads, rows = table(result, "fr")
    assert heads == ["Mesure", "Ensemble", "anglais", "français"]
    assert ["réponse dans le premier passage", "66,7\u00a0%", "50,0\u00a0%", "100,0\u00a0%"] in rows
    row = markdown_table({"small": result}).splitlines()[2]
    assert row.startswith("| small | 3 | 0.667 | 0.667 | 0.667 | 0.667 | 0.667 |")
    assert percentage(None, "fr") == "–"
