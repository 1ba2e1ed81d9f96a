"""Known-item questions and the self-test made of them."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import QuestionError
from ert_core.known_items import KnownItem, make_items
from ert_core.languages import words
from ert_core.self_test import SelfTest, run_self_test
from ert_core.types import Source
from tests.conftest import add

PLANTS = (
    "The crimson foxglove ripens beside the northern quarry during late September.",
    "Botanists measured the marsh orchid near the abandoned railway tunnel twice.",
    "A rare alpine saxifrage survives under the granite overhang of Kestrel Ridge.",
    "Volunteers counted thirty juniper seedlings along the southern drainage ditch.",
    "Heavy grazing removed the heather from the plateau above Larkspur Farm.",
    "The botanical society published its annual survey of the coastal dunes.",
)
FISH = (
    "Le brochet fraie dans les prairies inondées en amont du barrage de Vernois.",
    "La truite fario recherche les graviers propres et les eaux fraîches du torrent.",
    "Les anguilles dévalent la rivière pendant les crues nocturnes de novembre.",
)


def many(sentences: tuple[str, ...], number: int) -> bytes:
    """Sentences as paragraphs, numbered by words so that none repeats another."""
    names = "amber birch cedar delta ember flint grove heron islet jetty".split()
    return "\n\n".join(
        f"{s[:-1]} {names[i]} {names[(i * 3 + 1) % 10]}." for i in range(number) for s in sentences
    ).encode()


def items(ert: Assistant, limit: int = 100, seed: int = 0) -> list[KnownItem]:
    return make_items(ert.library.store, limit=limit, seed=seed)


def result_of(ert: Assistant, limit: int = 100) -> SelfTest:
    last = list(run_self_test(ert, limit=limit))[-1]
    assert isinstance(last.result, SelfTest)
    return last.result


def test_a_question_is_made_of_words_of_its_sentence_but_is_not_the_sentence(filled: Assistant) -> None:
    made = items(filled)
    assert {i.document for i in made} == {"combe-noire.md", "harbour-lane.txt"}
    for item in made:
        text = filled.library.store.text(item.document_id)
        assert text is not None and text[item.start : item.end] == item.sentence
        before, after = {
            "fr": ("Que disent les documents sur : ", " ?"),
            "en": ("What do the documents say about ", "?"),
        }[item.language]
        assert item.language == ("fr" if item.document == "combe-noire.md" else "en")
        assert item.question.startswith(before) and item.question.endswith(after)
        subject = item.question[len(before) : -len(after)]
        asked = set(words(subject)) - {"et", "and"}
        assert len(asked) >= 3 and asked < set(words(item.sentence))
        assert item.sentence not in item.question


def test_the_same_seed_gives_the_same_questions_and_another_gives_others(ert: Assistant) -> None:
    add(ert, Source("plants.txt", many(PLANTS, 6)))
    assert items(ert, 10) == items(ert, 10)
    assert {i.question for i in items(ert, 10)} != {i.question for i in items(ert, 10, seed=1)}


def test_small_documents_get_their_share(ert: Assistant) -> None:
    add(ert, Source("plants.txt", many(PLANTS, 10)), Source("poissons.txt", "\n\n".join(FISH).encode()))
    counts = Counter(i.document for i in items(ert, 6))
    assert counts == {"plants.txt": 3, "poissons.txt": 3}
    assert len(items(ert, 4)) == 4
    counts = Counter(i.document for i in items(ert, 20))
    assert counts["poissons.txt"] == 3 and counts["plants.txt"] > 3, "the large document gives the rest"


def test_of_more_documents_than_questions_each_gives_at_most_one(ert: Assistant) -> None:
    add(ert, *(Source(f"{i}.txt", sentence.encode()) for i, sentence in enumerate((*PLANTS, *FISH))))
    counts = Counter(i.document for i in items(ert, 4))
    assert len(counts) == 4 and set(counts.values()) == {1}


def test_what_no_search_could_tell_apart_is_not_asked_about(ert: Assistant) -> None:
    footer = "Confidential property of the Larkspur survey department, distribution restricted."
    pages = "\n\n".join(f"# Page {n}\n\n{footer} {'Filler text without a subject. ' * 30}" for n in range(3))
    add(ert, Source("footers.txt", pages.encode()), Source("plants.txt", PLANTS[0].encode()))
    asked = items(ert)
    assert sum(footer in i.sentence for i in asked) <= 1
    assert [i.sentence for i in asked if i.document == "plants.txt"] == [PLANTS[0]]
    rows = "".join(f"{n},steady,{n * 20},{n * 7},{n * 3}\n" for n in range(40))
    add(ert, Source("rows.csv", f"sounding,remark,shore,current,voltage\n{rows}".encode()))
    assert "rows.csv" not in {i.document for i in items(ert)}


def test_a_copy_of_the_sentence_in_another_document_is_no_miss(ert: Assistant) -> None:
    text = "\n\n".join(PLANTS[:3])
    add(ert, Source("one.txt", text.encode()), Source("two.md", f"# Copy\n\n{text}\n".encode()))
    result = result_of(ert)
    assert result.overall.n == 3 and result.overall.hits[5] == 1.0 and result.misses == ()


def test_the_passages_of_a_small_library_are_found(filled: Assistant) -> None:
    *progress, last = run_self_test(filled)
    result = last.result
    assert isinstance(result, SelfTest)
    assert [e.done for e in progress] == list(range(len(progress))) and progress[0].total == 0
    assert result.overall.n == len(progress) - 1 and result.overall.hits[5] == 1.0
    assert (result.overall.hits[1] or 0) <= (result.overall.mrr or 0) <= 1.0
    assert sum(d.findings.n for d in result.documents) == result.overall.n
    assert {(d.document, d.language) for d in result.documents} == {
        ("combe-noire.md", "fr"),
        ("harbour-lane.txt", "en"),
    }
    assert result.generation == filled.database.generation() and not result.stopped and not result.without_questions


def test_a_search_that_finds_something_else_is_a_miss(filled: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    search = filled.search
    monkeypatch.setattr(filled, "search", lambda question, k=5: search("leachate plume near the embankment", 1))
    result = result_of(filled)
    assert {m.document for m in result.misses} >= {"combe-noire.md"}
    assert all(m.rank is None and m.found[0].document == "harbour-lane.txt" for m in result.misses)
    assert result.documents[0].document == "combe-noire.md" and result.documents[0].findings.hits[5] == 0.0
    assert (result.overall.hits[5] or 0.0) == 1 - len(result.misses) / result.overall.n


def test_a_document_deleted_on_the_way_counts_for_nothing(filled: Assistant) -> None:
    gone = next(d for d in filled.library.store.documents() if d.name == "combe-noire.md")
    last = None
    for event in run_self_test(filled):
        if event.done == 1:
            filled.library.remove(gone.id)
        last = event
    assert last is not None and isinstance(last.result, SelfTest)
    assert all(m.document != "combe-noire.md" for m in last.result.misses)
    assert last.result.generation != filled.database.generation()


def test_a_stop_gives_the_figures_so_far(filled: Assistant) -> None:
    cancelled = threading.Event()
    last = None
    for event in run_self_test(filled, cancelled=cancelled):
        if event.done == 2:
            cancelled.set()
        last = event
    assert last is not None and isinstance(last.result, SelfTest)
    assert last.result.stopped and last.result.overall.n == 2
    assert [e.result for e in run_self_test(filled, cancelled=cancelled)] == [None], "stopped before the first question"


@pytest.mark.parametrize(
    ("name", "content"),
    [(None, b""), ("word.txt", b"Karst"), ("run-on.txt", b"x" * 50_000), ("numbers.txt", b"1 2 3 4 5 6 7. " * 50)],
)
def test_a_library_without_sentences_is_told(ert: Assistant, name: str | None, content: bytes) -> None:
    if name is not None:
        add(ert, Source(name, content))
    with pytest.raises(QuestionError) as error:
        list(run_self_test(ert))
    assert error.value.code == ("self_test_no_sentences" if name else "measure_no_documents")


def test_other_languages_and_scripts_are_asked_in_their_own_words(ert: Assistant) -> None:
    german = "Der Wasserspiegel des Grundwasserleiters sinkt während der trockenen Sommermonate beträchtlich ab."
    arabic = "تقيس المقاومة الكهربائية عمق طبقة المياه الجوفية تحت السطح في الموقع الشمالي بدقة عالية."
    add(ert, Source("de.txt", german.encode()), Source("ar.txt", arabic.encode()))
    made = {i.document: i for i in items(ert)}
    assert made.keys() == {"de.txt", "ar.txt"}
    assert all("documents" not in i.question for i in made.values())
    assert result_of(ert).overall.hits[1] == 1.0
