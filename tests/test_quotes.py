"""Quotes: whole sentences, verbatim, at their own offsets."""

import pytest

from ert_core.assistant import Assistant
from ert_core.quotes import MAX_QUOTE_CHARACTERS, choose_quotes
from ert_core.types import Answer, Passage, ScoredPassage, ScoredSentence, Source
from tests.conftest import add


def ask(engine: Assistant, question: str, **options: object) -> Answer:
    answer = list(engine.ask(question, **options))[-1].answer  # type: ignore[arg-type]
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Quelle est la profondeur du forage F2 ?", "Le forage F2 atteint une profondeur de 48,5 m."),
        ("Quel a été le débit d'essai ?", "Le débit d'essai a été de 14 m³/h pendant six heures."),
        (
            "How many electrodes were used?",
            "The survey used 72 electrodes with a spacing of 2.5 m along three parallel lines.",
        ),
        ("What did Dr. Hale measure?", "Dr. Hale measured contact resistances under 1.5 kilo-ohms at every electrode."),
    ],
)
def test_the_first_quote_is_the_sentence_that_answers(filled: Assistant, question: str, quote: str) -> None:
    answer = ask(filled, question, mode="quotes")
    assert answer.citations[0].quote == quote
    assert answer.text.startswith(quote) and "[1]" in answer.text
    assert not answer.refused and answer.finish_reason == "stop"


def test_every_quote_is_found_at_its_own_offsets(filled: Assistant) -> None:
    answer = ask(filled, "resistivity of the leachate plume", mode="quotes")
    assert 1 <= len(answer.citations) <= 3
    for n, citation in enumerate(answer.citations, start=1):
        text = filled.library.store.text(citation.document_id)
        assert text is not None and text[citation.start : citation.end] == citation.quote
        assert citation.n == n and citation.verified and filled.check(citation)
    assert answer.verified_share == 1.0


def test_a_quote_of_a_deleted_document_is_told(filled: Assistant) -> None:
    answer = ask(filled, "How many electrodes were used?", mode="quotes")
    filled.library.remove(answer.citations[0].document_id)
    assert not filled.check(answer.citations[0])


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How often is the filter of the pump cleaned?", "Every second Monday, with warm water only."),
        ("Quand faut-il vider le bac à graisse ?", "Le premier jeudi du mois, avant l'ouverture."),
    ],
)
def test_the_answer_to_a_written_question_is_quoted_not_the_question(ert: Assistant, question: str, quote: str) -> None:
    add(
        ert,
        Source(
            "faq.txt", b"How often is the filter of the pump cleaned?\nEvery second Monday, with warm water only.\n"
        ),
        Source(
            "questions.txt",
            "« Quand faut-il vider le bac à graisse ? » Le premier jeudi du mois, avant l'ouverture.".encode(),
        ),
    )
    assert ask(ert, question, mode="quotes").citations[0].quote == quote


def test_a_question_about_a_quoted_word_is_a_question(ert: Assistant) -> None:
    add(ert, Source("faq.txt", b'What does "porosity" mean?\nThe share of a rock that is empty.\n'))
    assert (
        ask(ert, 'What does "porosity" mean?', mode="quotes").citations[0].quote == "The share of a rock that is empty."
    )


def test_a_statement_that_reports_a_question_is_quoted(ert: Assistant) -> None:
    said = "Le fils du gardien, Étienne, demande : « Pourquoi ne pas repeindre le phare ? »"
    add(ert, Source("phare.txt", f"{said}\nLe phare date de 1890.\n".encode()))
    assert ask(ert, "Que demande Étienne, le fils du gardien ?", mode="quotes").citations[0].quote == said


def test_a_question_is_quoted_where_nothing_else_stands(ert: Assistant) -> None:
    add(ert, Source("list.txt", b"Who cleans the filter of the pump?"))
    assert ask(ert, "filter of the pump", mode="quotes").citations[0].quote == "Who cleans the filter of the pump?"


@pytest.mark.parametrize("before", [0, 2, 7])
def test_of_an_endless_sentence_that_does_not_begin_its_passage_too(before: int) -> None:
    filler = "la mer monte et descend le long du quai sans que personne ne la regarde "
    fact = "le trésor du capitaine Bertrand est caché sous le figuier "
    first = "Le port est petit et vieux. " * 13
    text = first + filler * before + fact + filler * (9 - before)
    sentences = (ScoredSentence(0, len(first) - 1, 0.1), ScoredSentence(len(first), len(text) - 1, 0.9))
    found = ScoredPassage(Passage(1, "d", text, None, 0, len(text)), "port.txt", 0.8, 0.5, 0.5, sentences)
    quote = choose_quotes("Où est caché le trésor du capitaine Bertrand ?", [found])[0].quote
    assert fact.strip() in quote and len(quote) <= MAX_QUOTE_CHARACTERS


def test_of_an_endless_sentence_the_words_asked_for_are_quoted(ert: Assistant) -> None:
    filler = "la mer monte et descend le long du quai sans que personne ne la regarde "
    fact = "le trésor du capitaine Bertrand est caché sous le figuier "
    add(ert, Source("endless.txt", (filler * 400 + fact + filler * 400).encode()))
    quote = ask(ert, "Où est caché le trésor du capitaine Bertrand ?", mode="quotes").citations[0].quote
    assert fact.strip() in quote and len(quote) <= MAX_QUOTE_CHARACTERS


def test_a_numbered_heading_is_not_quoted_and_a_numbered_step_is(ert: Assistant) -> None:
    heading = "4. Profondeur d'investigation de la mesure\n\nElle vaut le sixième de la longueur du dispositif.\n"
    steps = "1. Débrancher la batterie\n2. Ranger les électrodes dans la caisse\n3. Compter les électrodes du profil\n"
    add(ert, Source("cours.txt", heading.encode()), Source("consignes.txt", steps.encode()))
    quotes = ask(ert, "Quelle est la profondeur d'investigation ?", mode="quotes").citations
    assert quotes[0].quote == "Elle vaut le sixième de la longueur du dispositif."
    assert "Ranger les électrodes" in ask(ert, "Où ranger les électrodes ?", mode="quotes").citations[0].quote


def test_no_quote_repeats_another(ert: Assistant) -> None:
    add(
        ert,
        Source("a.txt", b"The pump moves 14 litres a minute. It stands in the cellar."),
        Source("b.txt", b"The pump moves 14 litres a minute. The cellar is dry."),
    )
    quotes = [c.quote for c in ask(ert, "How many litres a minute does the pump move?", mode="quotes").citations]
    assert quotes.count("The pump moves 14 litres a minute.") == 1


def test_refused_without_evidence_but_answered_when_asked_anyway(filled: Assistant) -> None:
    refused = ask(filled, "Qui a peint la Joconde ?", mode="quotes")
    assert refused.refused and refused.finish_reason == "refused" and not refused.citations
    assert "ne semblent pas contenir" in refused.text and refused.passages
    anyway = ask(filled, "Qui a peint la Joconde ?", mode="quotes", anyway=True)
    assert not anyway.refused and anyway.warned and anyway.citations
    assert not ask(filled, "How many electrodes were used?", anyway=True).warned
