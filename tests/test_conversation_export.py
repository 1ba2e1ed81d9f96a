"""A conversation as a file: whole, with its citations, and nothing in it that another program would act upon."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ert_core.conversation_export import to_json, to_markdown
from ert_core.types import Message, Scope, Statement
from tests.test_conversations import ANSWER

HOSTILE = "![x](http://evil.example/p.png) <img src=x> [a](javascript:b)"
TURNS = [
    Message("user", "Quelle profondeur ?", scope=Scope(documents=("d",)), created_at="2026-11-27T12:00:00+00:00"),
    Message("assistant", ANSWER.text, ANSWER, rating=-1, comment="trop court"),
]


def test_markdown_holds_each_turn_and_where_its_quotes_stand() -> None:
    shown = to_markdown("Le forage", TURNS, "fr")
    assert shown.startswith("# Le forage\n\n## Question\n\nQuelle profondeur ?\n\n## Réponse\n\n")
    assert "**\\[1\\]** puits.pdf, page 2, caractères 10 à 28 (citation vérifiée)\n\n> Le puits a 48,5 m." in shown
    assert shown.endswith("*Jugée mauvaise.* trop court\n")
    assert "page 2, characters 10 to 28 (quote verified)" in to_markdown("x", TURNS, "en")


def test_a_citation_that_ert_moved_is_told_from_one_of_the_model() -> None:
    moved = replace(ANSWER, statements=(Statement(0, 4, "moved", (1,)),))
    shown = to_markdown("x", [Message("assistant", ANSWER.text, moved)], "fr")
    assert "(citation déplacée ou ajoutée par ERT)" in shown and "vérifiée" not in shown


def test_what_a_document_says_does_nothing_in_another_program() -> None:
    citation = replace(ANSWER.citations[0], quote=f"{HOSTILE}\n# {HOSTILE}", document=HOSTILE)
    answer = replace(ANSWER, text=HOSTILE, citations=(citation,))
    shown = to_markdown(HOSTILE, [Message("user", HOSTILE), Message("assistant", HOSTILE, answer)], "en")
    unescaped = re.sub(r"\\.", "", shown)
    assert not set("[]<") & set(unescaped) and "http:" not in shown and "\n> #" not in shown
    assert r"!\[x\](http\://evil.example/p.png) \<img src=x> \[a\](javascript:b)" in shown, "and it is all there"


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("Profil: P3 | 97,4 % (2 m) ?", "Profil: P3 | 97,4 % (2 m) ?"),
        ("rapport-karst_v2.docx", r"rapport-karst\_v2.docx"),
        ("- a * b", r"\- a \* b"),
        ("12. douze", r"12\. douze"),
        ("12,5 m", "12,5 m"),
        ("# titre", r"\# titre"),
        ("> cité", r"\> cité"),
        ("| a | b |", r"\| a | b |"),
        ("--- | ---", r"\--- | ---"),
        ("===", r"\==="),
        ("www.evil.example me@evil.example", r"www\.evil.example me\@evil.example"),
        ("a & b &amp; $x$ ~~y~~", r"a & b \&amp; \$x\$ \~\~y\~\~"),
    ],
)
def test_only_what_markdown_would_act_upon_is_escaped(line: str, written: str) -> None:
    assert f"\n\n{written}\n" in to_markdown("x", [Message("user", line)], "en")


def test_json_holds_the_figures_and_the_citations() -> None:
    data = json.loads(to_json("Le forage", TURNS))
    question, answer = data["messages"]
    assert data["title"] == "Le forage" and question["scope"]["documents"] == ["d"]
    assert "answer" not in question
    assert answer["answer"]["citations"][0]["quote"] == "Le puits a 48,5 m."
    assert answer["rating"] == -1 and answer["comment"] == "trop court" and "passages" not in answer["answer"]
