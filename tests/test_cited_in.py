"""Where a document was cited: the answers themselves are asked, those of deleted conversations are left out."""

from ert_core.assistant import Assistant
from ert_core.cited_in import cited_in


def test_the_answers_that_cite_a_document_with_their_questions(filled: Assistant) -> None:
    by_name = {d.name: d.id for d in filled.library.store.documents()}
    well, survey = by_name["combe-noire.md"], by_name["harbour-lane.txt"]
    assert cited_in(filled.database, survey) == []
    conversation = filled.conversations.start("How many electrodes?")
    for question in ("How many electrodes were used?", "What was the spacing of the electrodes?"):
        list(filled.ask(question, conversation_id=conversation))
    other = filled.conversations.start("Deleted")
    list(filled.ask("How many electrodes were used?", conversation_id=other))
    filled.conversations.delete(other)
    found = cited_in(filled.database, survey)
    assert [f.question for f in found] == ["What was the spacing of the electrodes?", "How many electrodes were used?"]
    assert {(f.conversation_id, f.title) for f in found} == {(conversation, "How many electrodes?")}
    assert all(f.asked_at for f in found) and any("72 electrodes" in quote for quote in found[1].quotes)
    assert cited_in(filled.database, well) == [], "an answer that found it and does not cite it is none"
    assert len(cited_in(filled.database, survey, most=1)) == 1
    filled.library.remove(survey)
    assert len(cited_in(filled.database, survey)) == 2, "the answers outlive the document"
