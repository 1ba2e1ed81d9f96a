"""Written answers: each sentence checked against all passages, while they are written and at the end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ert_core.citations import MARKER, CheckedText, CitationChecker, cite, supported_share
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.types import Passage, ScoredPassage
from ert_core.verification.chatter import says_nothing

SURVEY = "The line is long. The survey used 72 electrodes with a spacing of 2.5 m. Rain came later."
PLUME = "The plume is below 8 ohm-metres. It was mapped by Sarah Quill in 2019."
PASSAGES = [
    ScoredPassage(Passage(1, "d", SURVEY, 3, 100, 100 + len(SURVEY)), "survey.txt", 1, 1, 1),
    ScoredPassage(Passage(2, "e", PLUME, None, 0, len(PLUME)), "plume.txt", 1, 1, 1),
]


@pytest.fixture
def checked(embeddings: SentenceTransformerEmbeddings):  # type: ignore[no-untyped-def]
    def one(answer: str, language: str = "en") -> CheckedText:
        found = cite(answer, language, PASSAGES, embeddings.encode)
        for statement in found.statements:
            assert 0 <= statement.start < statement.end <= len(found.text)
            shown = {int(n) for n in MARKER.findall(found.text[statement.start : statement.end])}
            assert shown == set(statement.markers)
        for c in found.citations:
            passage = PASSAGES[c.n - 1].passage
            assert passage.text[c.start - passage.start : c.end - passage.start] == c.quote and c.verified
        return found

    return one


def outcome(found: CheckedText) -> list[tuple[str, tuple[int, ...]]]:
    return [(s.status, s.markers) for s in found.statements]


def test_a_supported_statement_keeps_its_citation(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 72 electrodes [1].")
    assert found.text == "The survey used 72 electrodes [1]." and outcome(found) == [("verified", (1,))]
    (citation,) = found.citations
    assert citation.quote == "The survey used 72 electrodes with a spacing of 2.5 m." and citation.page == 3


def test_a_citation_of_the_wrong_passage_is_moved(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 72 electrodes [2]. The plume was mapped by Sarah Quill in 2019 [1, 2].")
    assert found.text == "The survey used 72 electrodes [1]. The plume was mapped by Sarah Quill in 2019 [2]."
    assert outcome(found) == [("moved", (1,)), ("verified", (2,))]


def test_a_statement_without_citation_gets_the_one_that_supports_it(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 72 electrodes. Penguins live in Antarctica.")
    assert found.text == "The survey used 72 electrodes [1]. Penguins live in Antarctica."
    assert outcome(found) == [("moved", (1,)), ("unverified", ())]
    assert supported_share(found.statements) == 0.5


def test_a_false_number_is_unverified_and_marked(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 48 electrodes [1]. The plume was mapped in 2020.")
    assert outcome(found) == [("unverified", ()), ("unverified", ())] and found.citations == ()
    marked = [found.text[a:b] for s in found.statements for a, b in s.unsupported_numbers]
    assert marked == ["48", "2020"]


def test_a_number_of_another_passage_is_not_marked_but_not_verified(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 8 electrodes [1].")
    assert outcome(found) == [("unverified", ())] and found.statements[0].unsupported_numbers == ()


def test_markers_of_passages_that_do_not_exist_never_show(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("It rained later [7] on Mars [0]. The survey used 72 electrodes [1][9].")
    assert found.text == "It rained later on Mars. The survey used 72 electrodes [1]."


def test_a_marker_after_the_stop_belongs_to_the_sentence_before(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 72 electrodes. [1] The plume is below 8 ohm-metres. [2]")
    assert found.text == "The survey used 72 electrodes [1]. The plume is below 8 ohm-metres [2]."
    assert outcome(found) == [("verified", (1,)), ("verified", (2,))]


def test_two_claims_of_one_sentence_are_checked_apart(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("The survey used 72 electrodes [1], and the plume is below 5 ohm-metres [2].")
    assert outcome(found) == [("verified", (1,)), ("unverified", ())]
    assert found.text == "The survey used 72 electrodes [1], and the plume is below 5 ohm-metres."


def test_lists_keep_their_numbers_and_chat_needs_no_mark(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked("Here is what your documents say:\n\n1. The survey used 72 electrodes [1]\n2. It cost 900 euros\n")
    assert [s.status for s in found.statements] == ["neutral", "verified", "unverified"]
    assert [found.text[a:b] for s in found.statements for a, b in s.unsupported_numbers] == ["900 euros"]
    assert "\n\n1. The survey" in found.text and not found.text.endswith("\n")


@pytest.mark.parametrize(
    "marker",
    ["[1-3]", "[1 et 2]", "[1 and 2]", "[ 1 ]", "[Source 1]", "[Passage 2, Passage 1]", "[Document 1]", "[^1]", "【1】",
     "【1†source】", "[1] et [2]", "([1], [2])", "[1234]", "[7-9]", "\u00a0[1]", "[7] and [1]"],
)  # fmt: skip
def test_a_marker_may_have_many_forms_and_leaves_no_debris(checked, marker: str) -> None:  # type: ignore[no-untyped-def]
    found = checked(f"The survey used 72 electrodes {marker}.")
    assert MARKER.sub("", found.text).replace(" ()", "") == "The survey used 72 electrodes."
    assert outcome(found)[0][1] == (1,) and len(found.statements) == 1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("According to [7], the survey used 72 electrodes.", "The survey used 72 electrodes [1]."),
        ("The survey used 72 electrodes (see [9]).", "The survey used 72 electrodes [1]."),
        ("The survey used 72 electrodes ([1]).", "The survey used 72 electrodes ([1])."),
        ("According to [1], the survey used 72 electrodes.", "According to [1], the survey used 72 electrodes."),
        ("Penguins read tab[3] aloud.", "Penguins read tab[3] aloud."),
        ("The survey used 72 electrodes[1].", "The survey used 72 electrodes [1]."),
        ("“The survey used 72 electrodes.” [1] Rain fell.", "“The survey used 72 electrodes [1].” Rain fell."),
        ("1. [1] The survey used 72 electrodes.", "1. [1] The survey used 72 electrodes."),
        ("According to passage 1, the survey used 72 electrodes.",
         "According to passage 1, the survey used 72 electrodes [1]."),
    ],
)  # fmt: skip
def test_where_a_marker_stands_and_how_it_goes(checked, answer: str, text: str) -> None:  # type: ignore[no-untyped-def]
    found = checked(answer)
    assert found.text == text and not found.statements[0].unsupported_numbers or "tab" in text
    assert found.statements[0].status != "unverified" or "Penguins" in text


def test_headings_labels_and_tables_state_nothing_by_themselves(checked) -> None:  # type: ignore[no-untyped-def]
    found = checked(
        "## Spacing\n\n| Survey | Electrodes |\n|---|---|\n| The survey used | 72 electrodes |\n\n"
        "**What the line is like:**\n- The survey used 72 electrodes\n\n## The survey used 72 electrodes"
    )
    assert [s.status for s in found.statements] == [
        "neutral",
        "neutral",
        "neutral",
        "moved",
        "neutral",
        "moved",
        "neutral",
    ]
    assert "72 electrodes [1] |" in found.text and found.text.endswith("## The survey used 72 electrodes")
    assert checked("## The survey used 48 electrodes").statements[0].status == "unverified"
    assert checked("**Penguins** swim in the river").statements[0].status == "unverified"


def test_what_may_become_a_marker_does_not_show(embeddings: SentenceTransformerEmbeddings) -> None:
    checker = CitationChecker("en", PASSAGES, embeddings.encode)
    for piece in "The line is long [Source 1] and [9".split(" "):
        assert "[" not in checker.add(piece + " ").text


@pytest.mark.parametrize(
    "sentence",
    ["The documents do not mention the width of the well.", "Les documents ne précisent pas la largeur.",
     "La largeur n'est pas précisée dans les passages.", "None of the documents mention Quill.",
     "There is no information about the width in the documents."],
)  # fmt: skip
def test_what_was_not_found_states_nothing(sentence: str) -> None:
    assert says_nothing(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["The well does not have a pump.", "The source does not give water.", "Le puits ne contient pas d'eau.",
     "The documents do not mention the width, but the well is deep.", "The width is not stated."],
)  # fmt: skip
def test_a_denial_of_the_world_states_something(sentence: str) -> None:
    assert not says_nothing(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["Voici ce que disent vos documents :", "I hope this helps!", "N'hésitez pas si vous avez d'autres questions.",
     "Here are three points:", "Les passages ne contiennent pas la réponse.", "Que voulez-vous savoir d'autre ?"],
)  # fmt: skip
def test_chat_states_nothing(sentence: str) -> None:
    assert says_nothing(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["Le forage F2 est sec.", "The pump stops at night.", "Les documents citent 12 forages.", "Sarah Quill answered."],
)
def test_facts_state_something(sentence: str) -> None:
    assert not says_nothing(sentence)


ANSWER = (
    "Here is what the passages say:\n\nThe survey used 72 electrodes [2]. [1] It rained 40 days. "
    "The plume is below 8 ohm-metres [9], mapped by Sarah Quill in 2019 [2].\n- Penguins swim [1]\n- The line is long"
)


@given(cuts=st.lists(st.integers(0, len(ANSWER)), max_size=12))
@settings(max_examples=15, deadline=None)
def test_pieces_give_what_the_whole_gives(embeddings: SentenceTransformerEmbeddings, cuts: list[int]) -> None:
    memo: dict[str, object] = {}

    def encode(texts):  # type: ignore[no-untyped-def]
        import numpy as np

        new = [text for text in texts if text not in memo]
        memo.update(zip(new, embeddings.encode(new), strict=True))
        return np.array([memo[text] for text in texts])

    places = sorted({0, *cuts, len(ANSWER)})
    checker = CitationChecker("en", PASSAGES, encode)
    seen: tuple[object, ...] = ()
    for start, end in zip(places, places[1:], strict=False):
        so_far = checker.add(ANSWER[start:end])
        assert so_far.statements[: len(seen)] == seen, "what was checked does not change any more"
        assert "[9]" not in so_far.text
        seen = so_far.statements
    assert checker.finish() == cite(ANSWER, "en", PASSAGES, encode)


def test_without_passages_every_fact_is_unverified(embeddings: SentenceTransformerEmbeddings) -> None:
    found = cite("The survey used 72 electrodes [1]. Hello!", "en", [], embeddings.encode)
    assert found.text == "The survey used 72 electrodes. Hello!"
    assert [s.status for s in found.statements] == ["unverified", "neutral"] and found.statements[0].unsupported_numbers
    assert cite("", "en", PASSAGES, embeddings.encode) == CheckedText("", (), ())
